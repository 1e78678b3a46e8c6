/**
 * Vector drawings to pixels, through sharp.
 * @module
 */
import sharp from "sharp";
import { EnvironmentError } from "../errors.ts";
import type { Frames } from "./frames.ts";

/** A picture with transparency. */
export interface RgbaPicture {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Red, green, blue and opacity, 8 bits each, [height, width, 4]; colours are not premultiplied. */
  readonly data: Uint8Array;
}

/** Draws an SVG document at its own size. Text needs fonts on the machine; paths do not. */
export async function renderSvg(svg: string): Promise<RgbaPicture> {
  try {
    // `unlimited`: a drawing may carry pictures of more than the parser's usual ten megabytes.
    const image = sharp(new TextEncoder().encode(svg), {
      limitInputPixels: false,
      unlimited: true,
    });
    const { data, info } = await image.ensureAlpha().toColourspace("srgb").raw()
      .toBuffer({ resolveWithObject: true });
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length);
    return { width: info.width, height: info.height, data: bytes };
  } catch (cause) {
    throw new EnvironmentError(`cannot draw a vector picture: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** The same as rgb24, of a drawing that is opaque all over. */
export async function renderSvgFrame(svg: string): Promise<Frames> {
  const { width, height, data } = await renderSvg(svg);
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) rgb.set(data.subarray(i * 4, i * 4 + 3), i * 3);
  return { width, height, count: 1, fps: 1, data: rgb };
}
