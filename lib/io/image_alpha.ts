/**
 * The opacity of single images, through sharp.
 * @module
 */
import sharp from "sharp";
import { InputError } from "../errors.ts";
import { readBytes } from "./read_file.ts";
import { type Origin, xmpPacket } from "./xmp/mod.ts";

/** One picture with opacity, rgba [height·width·4], as PNG bytes; `origin` stands in its XMP. */
export async function encodeRgbaPng(
  { width, height, data }: {
    readonly width: number;
    readonly height: number;
    readonly data: Uint8Array;
  },
  { origin }: { readonly origin?: Origin } = {},
): Promise<Uint8Array> {
  const raw = { width, height, channels: 4 as const };
  const image = sharp(data, { raw }).png({ compressionLevel: 6 });
  return await (origin ? image.withXmp(xmpPacket({ origin })) : image).toBuffer();
}

/** Colours rgb24 with opacity, 0 to 255 a pixel, as rgba. */
export function withAlpha(rgb: Uint8Array, alpha: Uint8Array): Uint8Array {
  const rgba = new Uint8Array(alpha.length * 4);
  for (let at = 0; at < alpha.length; at++) {
    rgba.set(rgb.subarray(at * 3, at * 3 + 3), at * 4);
    rgba[at * 4 + 3] = alpha[at];
  }
  return rgba;
}

/**
 * Opacity (0 to 255) of an image's pixels [height·width], cut to cover a size as `readImage` does it;
 * undefined where the image has no alpha channel or is opaque throughout.
 *
 * Throws {@linkcode InputError} for a missing or broken file.
 */
export async function readAlpha(
  path: string,
  size: { readonly width: number; readonly height: number },
): Promise<Uint8Array | undefined> {
  const bytes = await readBytes(path);
  try {
    const { hasAlpha } = await sharp(bytes).metadata();
    if (!hasAlpha) return undefined;
    const data = await sharp(bytes, { limitInputPixels: false }).autoOrient()
      .resize({ ...size, fit: "cover" }).extractChannel("alpha").raw({ depth: "uchar" })
      .toBuffer();
    return data.every((value) => value === 255) ? undefined : new Uint8Array(data);
  } catch (cause) {
    throw new InputError(`cannot read "${path}" as an image: ${(cause as Error).message}`, {
      cause,
    });
  }
}
