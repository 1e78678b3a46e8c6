/**
 * The marks of origin that a file carries.
 * @module
 */
import { InputError } from "../../errors.ts";
import { type Ingredient, mediaKind, readXmp } from "../../io/mod.ts";
import { readRaw } from "./provenance.ts";

/** What a file says of how it came to be; nothing of it is checked. */
export interface Marks {
  /** An address of IPTC's vocabulary "Digital Source Type". */
  readonly digitalSourceType?: string;
  /** The program that wrote the file. */
  readonly creatorTool?: string;
  /** What went into it and carried marks of its own. */
  readonly ingredients: readonly Ingredient[];
  /** The format of the record of isa4d in the file or beside it: `isa4d-generation`, `isa4d-grid`. */
  readonly record?: string;
}

/**
 * Reads the marks of a picture or video. Throws {@linkcode InputError} for a missing or broken file and
 * for one that is neither.
 */
export async function readMarks(path: string): Promise<Marks> {
  if (await mediaKind(path) === undefined) {
    throw new InputError(
      `"${path}" carries no marks of origin: expected a PNG, JPEG, TIFF, AVIF, HEIC, WebP, GIF, mp4, mov, mkv or webm`,
    );
  }
  const { digitalSourceType, creatorTool, ingredients = [] } = await readXmp(path) ?? {};
  const { format } = await readRaw(path).catch(() => ({})) as { readonly format?: unknown };
  const record = typeof format === "string" && format.startsWith("isa4d-") ? format : undefined;
  return { digitalSourceType, creatorTool, ingredients, record };
}
