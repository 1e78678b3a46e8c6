/**
 * Whom a photograph shows: the networks look once, and what they saw is kept.
 * @module
 */
import { createHash } from "node:crypto";
import {
  cachePath,
  decodeImage,
  encodePng,
  type Frames,
  imageSize,
  kept,
  readBytes,
  readImage,
  writeBytes,
} from "../../io/mod.ts";
import { perceivePhoto, type SeenPerson, withoutPersons } from "../../perception/mod.ts";
import { readSeen, writeSeen } from "../seen_file.ts";

/** A photograph and whom it shows, the largest first. */
export interface SeenPhotograph {
  /** Hash of the file and of what looked at it. */
  readonly key: string;
  /** At the size that was looked at. */
  readonly picture: Frames;
  readonly persons: readonly SeenPerson[];
}

/** Changes with what is kept, and with what the networks are shown. */
const VERSION = 2;
/** Longest side that is looked at, pixels: more shows no more of a person. */
const LONGEST = 2048;
/** Photographs that are remembered within a process. */
const REMEMBERED = 4;

const seen = new Map<string, Promise<SeenPhotograph>>();

/**
 * Looks at a photograph. Networks come into `.deps` at their first use, reported to `onProgress`.
 *
 * Throws {@linkcode EnvironmentError} where the networks cannot be had, {@linkcode InputError} for a
 * file that is no picture.
 */
export async function lookAtPhoto(
  path: string,
  onProgress?: (line: string) => void,
): Promise<SeenPhotograph> {
  const bytes = await readBytes(path);
  const key = `${createHash("sha256").update(bytes).digest("hex")}.${VERSION}`;
  const before = seen.get(key);
  if (before) return await before;
  const found = look(path, key, onProgress);
  seen.set(key, found);
  // One that failed is tried again; of many, the oldest is forgotten.
  found.catch(() => seen.delete(key));
  if (seen.size > REMEMBERED) seen.delete(seen.keys().next().value!);
  return await found;
}

async function look(
  path: string,
  key: string,
  onProgress?: (line: string) => void,
): Promise<SeenPhotograph> {
  const { width, height } = await imageSize(path);
  const large = Math.max(width, height) > LONGEST;
  const picture = await readImage(path, {
    minSide: 16,
    ...large ? { width: LONGEST, height: LONGEST, fit: "inside" } : {},
  });
  const { frames: [{ persons }] } = await kept(cachePath("photo", `${key}.npz`), {
    read: readSeen,
    make: async () => {
      const persons = await perceivePhoto(picture, { onProgress });
      return { frames: [{ ...sizeOf(picture), index: 0, persons }] };
    },
    write: writeSeen,
  });
  return { key, picture, persons };
}

const sizeOf = ({ width, height }: Frames) => ({ width, height });

/** The photograph with everybody in it filled in, at the size that was looked at. Errors as there. */
export async function emptyPhoto(path: string): Promise<Frames> {
  const { key, picture, persons } = await lookAtPhoto(path);
  const masks = persons.map(({ mask }) => mask).filter((mask) => mask !== undefined);
  return await kept(cachePath("photo", `${key}.scene.png`), {
    read: async (path) => await decodeImage(await readBytes(path), path),
    make: () => Promise.resolve({ ...picture, data: withoutPersons(picture, masks).data }),
    write: async (path, scene) => await writeBytes(path, await encodePng(scene)),
  });
}
