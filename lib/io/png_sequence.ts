/**
 * Videos as numbered PNG files.
 * @module
 */
import { basename, dirname, join } from "node:path";
import { InputError } from "../errors.ts";
import { commitPart, makeFolderOf, partPath, removeQuietly } from "./atomic.ts";
import { exists } from "./exists.ts";
import { isSystemFailure, writeFailure } from "./failures.ts";
import type { Finish } from "./finish.ts";
import { type Frames, type FrameStream, streamOf } from "./frames.ts";
import { encodePng } from "./image.ts";
import type { Origin } from "./xmp/mod.ts";

const NUMBER = /%(0?)(\d*)d/;
const NUMBERS = /%0?\d*d/g;

/** True for a name with a number in it, such as `out/%04d.png`. */
export function isSequencePattern(path: string): boolean {
  return NUMBER.test(basename(path));
}

/**
 * Why a path cannot number pictures: the number belongs in the name of a `.png`, once. Undefined for a
 * good pattern and for a path without numbers.
 */
export async function patternProblem(path: string): Promise<string | undefined> {
  const [folder, name] = [dirname(path), basename(path)];
  const count = name.match(NUMBERS)?.length ?? 0;
  if (count > 1) return "its name has more than one number";
  if (count === 1 && !/\.png$/i.test(name)) return "only pictures are numbered, as in %04d.png";
  if (!NUMBER.test(folder) || await exists(folder)) return;
  return "pictures are numbered, not folders: %04d belongs in the name after the last slash";
}

/** Names that a pattern gives to files that are there, by their numbers. */
export async function sequenceNames(pattern: string): Promise<string[]> {
  const [before, after] = basename(pattern).split(NUMBERS).map((text) => RegExp.escape(text));
  const numbered = new RegExp(`^${before} *(\\d+)${after}$`, "s");
  const given = (number: number) => basename(sequencePath(pattern, number));
  const found: { name: string; number: number }[] = [];
  try {
    for await (const { name } of Deno.readDir(dirname(pattern))) {
      const number = numbered.exec(name)?.[1];
      if (number === undefined || given(Number(number)) !== name) continue;
      found.push({ name, number: Number(number) });
    }
  } catch { // there is no such folder
  }
  return found.toSorted((a, b) => a.number - b.number).map(({ name }) => name);
}

/** `pattern` with its `%04d` replaced by `number`. */
export function sequencePath(pattern: string, number: number): string {
  const name = basename(pattern);
  const numbered = name.replace(
    NUMBER,
    (_, zero: string, width: string) =>
      String(number).padStart(Number(width), zero === "0" ? "0" : " "),
  );
  return pattern.slice(0, pattern.length - name.length) + numbered;
}

/** How numbered files are written. */
export interface NumberedOptions {
  /** Removes files of other numbers. */
  readonly replace?: boolean;
  /** Works on each before it gets its name. */
  readonly finish?: Finish;
}

/**
 * Writes each frame as a PNG under `pattern` (`out/%04d.png`), numbered from 1 as ffmpeg does. The
 * files get their names when all have been written. Returns their paths. With `replace`, pictures of
 * other numbers that the pattern means are removed then, so that two sequences never mix. `origin` stands
 * in the XMP of each.
 *
 * Throws {@linkcode InputError} for a pattern without number or no frames, {@linkcode IoError} where
 * the disk refuses.
 */
export async function writePngSequence(
  pattern: string,
  video: Frames | FrameStream,
  { origin, ...options }: NumberedOptions & { readonly origin?: Origin } = {},
): Promise<string[]> {
  if (!isSequencePattern(pattern)) {
    throw new InputError(`"${pattern}" numbers no files, expected a name such as "%04d.png"`);
  }
  const { width, height, frames } = "data" in video ? streamOf(video) : video;
  const pictures = (async function* () {
    for await (const data of frames) {
      yield await encodePng({ width, height, count: 1, fps: 1, data }, { origin });
    }
  })();
  return await writeNumbered(pattern, pictures, options);
}

/** Writes files that are there as bytes already; else as {@linkcode writePngSequence}. */
export async function writeNumbered(
  pattern: string,
  pictures: AsyncIterable<Uint8Array>,
  { replace = false, finish }: NumberedOptions = {},
): Promise<string[]> {
  const parts: { path: string; part: string }[] = [];
  try {
    await makeFolderOf(pattern);
    for await (const picture of pictures) {
      const path = sequencePath(pattern, parts.length + 1);
      parts.push({ path, part: partPath(path) });
      const { part } = parts.at(-1)!;
      await Deno.writeFile(part, picture, { createNew: true });
      await finish?.(part, path);
    }
    if (parts.length === 0) throw new InputError(`cannot write "${pattern}": no frames`);
    for (const { path, part } of parts) await commitPart(part, path);
  } catch (error) {
    for (const { part } of parts) await removeQuietly(part);
    throw isSystemFailure(error) ? writeFailure(pattern, error) : error;
  }
  const paths = parts.map(({ path }) => path);
  if (replace) await removeOthers(pattern, new Set(paths.map((path) => basename(path))));
  return paths;
}

async function removeOthers(pattern: string, names: ReadonlySet<string>): Promise<void> {
  for (const name of await sequenceNames(pattern)) {
    if (!names.has(name)) await removeQuietly(join(dirname(pattern), name));
  }
}
