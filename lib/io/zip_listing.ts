/**
 * Where the files of a zip archive lie, for archives whose files are stored and not packed, so that
 * they can be mapped. Zip64 too: PyTorch's files pass 4 GiB. (Format: PKWARE APPNOTE 4.3.)
 * @module
 */
import { InputError } from "../errors.ts";
import { readExactly } from "./read_file.ts";

/** A file in an archive. */
export interface ZipEntry {
  /** Its path in the archive. */
  readonly name: string;
  /** Its first byte, from the start of the archive. */
  readonly begin: number;
  /** Its bytes. */
  readonly size: number;
  /** Whether it lies there as it is; else nothing but its name is of use. */
  readonly stored: boolean;
}

const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
/** What a 32-bit field says when the number is in the zip64 record. */
const BEYOND = 0xffffffff;
/** Directories larger than this are taken for a broken archive. */
const maxDirectoryBytes = 2 ** 28;

/** An archive that is being read: its file, its size, and how its errors begin. */
interface Archive {
  readonly file: Deno.FsFile;
  readonly size: number;
  readonly bad: (reason: string) => InputError;
}

/**
 * Lists the files of an open archive of `size` bytes. Throws the error that `bad` makes for a
 * truncated or broken archive.
 */
export async function listZip(archive: Archive): Promise<ZipEntry[]> {
  const { at, length, count } = await directoryOf(archive);
  if (length > maxDirectoryBytes || at + length > archive.size) {
    throw archive.bad(`its directory of ${length} bytes at ${at} lies outside: truncated?`);
  }
  const bytes = await readExactly(archive.file, at, length);
  const view = new DataView(bytes.buffer);
  const entries: ZipEntry[] = [];
  for (let from = 0; from + 46 <= length && entries.length < count;) {
    if (view.getUint32(from, true) !== CENTRAL) throw archive.bad("its directory is broken");
    const { entry, next } = centralEntry(archive, view, from);
    // Local headers repeat the name, but the length of their extra field is their own.
    entries.push({ ...entry, begin: await dataBegin(archive, entry) });
    from = next;
  }
  if (entries.length !== count) {
    throw archive.bad(`its directory lists ${entries.length} of ${count} files`);
  }
  return entries;
}

interface Directory {
  readonly at: number;
  readonly length: number;
  readonly count: number;
}

/** The end record, which lies within the last 64 KiB. */
async function directoryOf(archive: Archive): Promise<Directory> {
  const { file, size, bad } = archive;
  const tailLength = Math.min(size, 22 + 0xffff);
  const tailAt = size - tailLength;
  const view = new DataView((await readExactly(file, tailAt, tailLength)).buffer);
  let end = tailLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== END) end--;
  if (end < 0) throw bad("its end is missing: truncated?");
  const plain = {
    count: view.getUint16(end + 10, true),
    length: view.getUint32(end + 12, true),
    at: view.getUint32(end + 16, true),
  };
  const wide = plain.count === 0xffff || plain.length === BEYOND || plain.at === BEYOND;
  if (!wide || end < 20 || view.getUint32(end - 20, true) !== LOCATOR64) return plain;
  const at = Number(view.getBigUint64(end - 12, true));
  if (at + 56 > size) throw bad(`its zip64 record at ${at} lies outside`);
  const record = new DataView((await readExactly(file, at, 56)).buffer);
  if (record.getUint32(0, true) !== END64) throw bad("its zip64 record is broken");
  return {
    count: Number(record.getBigUint64(32, true)),
    length: Number(record.getBigUint64(40, true)),
    at: Number(record.getBigUint64(48, true)),
  };
}

interface CentralEntry extends Omit<ZipEntry, "begin"> {
  /** Where the local header begins. */
  readonly header: number;
}

function centralEntry(
  { bad }: Archive,
  view: DataView<ArrayBuffer>,
  from: number,
): { entry: CentralEntry; next: number } {
  const nameLength = view.getUint16(from + 28, true);
  const extraLength = view.getUint16(from + 30, true);
  const extraAt = from + 46 + nameLength;
  const next = extraAt + extraLength + view.getUint16(from + 32, true);
  if (next > view.byteLength) throw bad("its directory is broken");
  const name = new TextDecoder().decode(new Uint8Array(view.buffer, from + 46, nameLength));
  const encrypted = (view.getUint16(from + 8, true) & 1) !== 0;
  const stored = !encrypted && view.getUint16(from + 10, true) === 0;
  const [size, packed, header] = widened(view, {
    fields: [from + 24, from + 20, from + 42].map((at) => view.getUint32(at, true)),
    extra: [extraAt, extraAt + extraLength],
  });
  if (stored && size !== packed) throw bad(`"${name}" in it has sizes ${size} and ${packed}`);
  return { entry: { name, size: packed, header, stored }, next };
}

/** Fields that do not fit 32 bits stand, in their order, in extra field 1. */
function widened(
  view: DataView,
  { fields, extra: [from, to] }: { readonly fields: readonly number[]; readonly extra: number[] },
): number[] {
  for (let at = from; at + 4 <= to;) {
    const length = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      let next = at + 4;
      return fields.map((value) => {
        if (value !== BEYOND || next + 8 > Math.min(to, at + 4 + length)) return value;
        next += 8;
        return Number(view.getBigUint64(next - 8, true));
      });
    }
    at += 4 + length;
  }
  return [...fields];
}

async function dataBegin({ file, size, bad }: Archive, entry: CentralEntry): Promise<number> {
  const { name, header, size: bytes } = entry;
  if (header + 30 > size) throw bad(`"${name}" in it begins at ${header}: truncated?`);
  const local = new DataView((await readExactly(file, header, 30)).buffer);
  if (local.getUint32(0, true) !== LOCAL) throw bad(`"${name}" in it has no header`);
  const begin = header + 30 + local.getUint16(26, true) + local.getUint16(28, true);
  if (begin + bytes > size) throw bad(`"${name}" in it ends at ${begin + bytes}: truncated?`);
  return begin;
}
