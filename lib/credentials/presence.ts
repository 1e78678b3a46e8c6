/**
 * Whether a file carries Content Credentials, found without the library that reads them.
 * @module
 */
import { InputError } from "../errors.ts";
import { holdingType } from "./formats.ts";

/** Where the credentials of a file lie that cannot hold them: `out.webm.c2pa`. */
export function sidecarPath(path: string): string {
  return `${path}.c2pa`;
}

/** The files that credentials of `path` lie in besides it: none where it holds them itself. */
export function sidecarsOf(path: string): string[] {
  return holdingType(path) === undefined ? [sidecarPath(path)] : [];
}

/** What every store of manifests has near its begin: the type of its box (C2PA specification, 11.1.4). */
const STORE = Uint8Array.fromHex("6332706100110010800000aa00389b71");

const CHUNK = 1 << 20;

/**
 * Where a file's credentials are: in it, else in a sidecar; undefined where there are none. Throws
 * {@linkcode InputError} for a missing file.
 */
export async function findCredentials(path: string): Promise<"inside" | "beside" | undefined> {
  if (await holds(path, STORE)) return "inside";
  return await exists(sidecarPath(path)) ? "beside" : undefined;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}

async function holds(path: string, wanted: Uint8Array): Promise<boolean> {
  using file = await Deno.open(path).catch((cause) => {
    throw new InputError(`cannot read "${path}": there is no such file`, { cause });
  });
  const kept = wanted.length - 1;
  const buffer = new Uint8Array(kept + CHUNK);
  for (let n = await file.read(buffer.subarray(kept)); n !== null;) {
    const window = buffer.subarray(0, kept + n);
    if (indexOf(window, wanted) >= 0) return true;
    // A chunk may be short: what is kept are the window's last bytes.
    buffer.copyWithin(0, n, kept + n);
    n = await file.read(buffer.subarray(kept));
  }
  return false;
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  for (let at = bytes.indexOf(wanted[0]); at >= 0; at = bytes.indexOf(wanted[0], at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}
