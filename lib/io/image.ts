/**
 * Single images, through sharp.
 * @module
 */
import sharp, { type Sharp } from "sharp";
import { InputError } from "../errors.ts";
import { writeBytes } from "./atomic.ts";
import { checkFrames, type Fit, frameAt, type Frames, maxSide } from "./frames.ts";
import { readBytes } from "./read_file.ts";
import { type Origin, xmpPacket } from "./xmp/mod.ts";

/** A part of a picture, whole pixels. */
export interface ImageRegion {
  /** Columns left of it. */
  readonly x: number;
  /** Rows above it. */
  readonly y: number;
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** What {@linkcode readImage} is asked for. */
export interface ReadImageOptions {
  /** Size wanted; with one of the two the other follows the picture's shape. */
  readonly width?: number;
  /** See `width`. */
  readonly height?: number;
  /** How the picture meets both: cut to cover (default), distorted, padded with black, or inside. */
  readonly fit?: Fit;
  /** The part of the picture, as it is seen, that is read; it must lie within. */
  readonly region?: ImageRegion;
  /** Shortest side that is accepted; 8 unless told, since less shows no person. */
  readonly minSide?: number;
}

/**
 * Reads PNG, JPEG, WebP, TIFF, GIF or AVIF as one rgb24 picture: turned upright by its EXIF tag,
 * in sRGB, transparent parts over white. Size is checked before anything is decoded.
 *
 * Throws {@linkcode InputError} for a missing, foreign or truncated file and for a side below
 * `minSide` or above 16384 pixels.
 */
export async function readImage(path: string, options: ReadImageOptions = {}): Promise<Frames> {
  return await decodeImage(await readBytes(path), path, options);
}

/** As {@linkcode readImage}, of a file's bytes; `path` is what errors call it. */
export async function decodeImage(
  bytes: Uint8Array,
  path: string,
  options: ReadImageOptions = {},
): Promise<Frames> {
  const { width, height, fit = "cover", minSide = 8, region } = options;
  await checkedSize(path, bytes, minSide);
  let image = open(bytes).autoOrient().flatten({ background: "#ffffff" });
  if (region) {
    const { x, y, ...size } = region;
    image = image.extract({ left: x, top: y, ...size });
  }
  if (width !== undefined || height !== undefined) {
    image = image.resize({ width, height, fit, background: "#000000" });
  }
  try {
    const { data, info } = await image.toColourspace("srgb").raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    const rgb = toRgb24(data, info.channels);
    return { width: info.width, height: info.height, count: 1, fps: 1, data: rgb };
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** The largest part of a picture, about its middle, that has the shape of `size`. */
export function coverRegion(
  picture: { readonly width: number; readonly height: number },
  size: { readonly width: number; readonly height: number },
): ImageRegion {
  const scale = Math.min(picture.width / size.width, picture.height / size.height);
  const [width, height] = [size.width, size.height].map((side) =>
    Math.max(1, Math.round(side * scale))
  );
  const [x, y] = [picture.width - width, picture.height - height].map((spare) =>
    Math.floor(spare / 2)
  );
  return { x, y, width, height };
}

/** Pictures, or a part of each, stretched to another size. */
export async function resizeFrames(
  frames: Frames,
  size: { readonly width: number; readonly height: number },
  { region }: Pick<ReadImageOptions, "region"> = {},
): Promise<Frames> {
  const { width, height, count } = frames;
  const bytes = size.width * size.height * 3;
  const data = new Uint8Array(count * bytes);
  for (let frame = 0; frame < count; frame++) {
    let image = sharp(frameAt(frames, frame), { raw: { width, height, channels: 3 } });
    if (region) {
      const { x, y, ...part } = region;
      image = image.extract({ left: x, top: y, ...part });
    }
    data.set(await image.resize({ ...size, fit: "fill" }).raw().toBuffer(), frame * bytes);
  }
  return { ...frames, ...size, data };
}

/** Size of an image as it is seen, after its EXIF rotation. Errors as {@linkcode readImage}. */
export async function imageSize(path: string): Promise<{ width: number; height: number }> {
  return await checkedSize(path, await readBytes(path), 1);
}

/** Which frame becomes a PNG, and what its XMP says. */
export interface PngOptions {
  /** The first unless told. */
  readonly index?: number;
  /** How the picture came to be; no XMP unless told. */
  readonly origin?: Origin;
  /** A text that the XMP holds besides. */
  readonly description?: string;
}

/** Writes a frame as PNG, whole or not at all. */
export async function writePng(
  path: string,
  frames: Frames,
  options: PngOptions = {},
): Promise<void> {
  const png = await encodePng(frames, options);
  await writeBytes(path, png);
}

/** A frame as PNG bytes. */
export async function encodePng(
  frames: Frames,
  { index = 0, origin, description }: PngOptions = {},
): Promise<Uint8Array> {
  checkFrames(frames);
  const { width, height } = frames;
  const raw = { width, height, channels: 3 as const };
  const image = sharp(frameAt(frames, index), { raw }).png({ compressionLevel: 6 });
  return await (origin ? image.withXmp(xmpPacket({ origin, description })) : image).toBuffer();
}

/** As {@linkcode PngOptions}, and how much of the picture is kept. */
export interface JpegOptions extends PngOptions {
  /** 1 to 100; 90 unless told. */
  readonly quality?: number;
}

/** Writes a frame as JPEG, whole or not at all. */
export async function writeJpeg(
  path: string,
  frames: Frames,
  options: JpegOptions = {},
): Promise<void> {
  const jpeg = await encodeJpeg(frames, options);
  await writeBytes(path, jpeg);
}

/** A frame as JPEG bytes. */
export async function encodeJpeg(
  frames: Frames,
  { index = 0, quality = 90, origin, description }: JpegOptions = {},
): Promise<Uint8Array> {
  checkFrames(frames);
  const { width, height } = frames;
  const raw = { width, height, channels: 3 as const };
  const image = sharp(frameAt(frames, index), { raw }).jpeg({ quality });
  return await (origin ? image.withXmp(xmpPacket({ origin, description })) : image).toBuffer();
}

function open(bytes: Uint8Array): Sharp {
  // Whoever decodes has checked the size: sharp's own limit would say less than ours.
  return sharp(bytes, { limitInputPixels: false, failOn: "error" });
}

async function checkedSize(path: string, bytes: Uint8Array, minSide: number) {
  let size: { width: number; height: number };
  try {
    // The header alone is read, so a picture too large may say how large it is.
    size = (await sharp(bytes, { limitInputPixels: false, failOn: "error" }).metadata()).autoOrient;
  } catch (cause) {
    throw unreadable(path, cause);
  }
  const { width, height } = size;
  if (Math.min(width, height) < minSide || Math.max(width, height) > maxSide) {
    throw new InputError(
      `cannot use "${path}": ${width}×${height} pixels, expected ${minSide} to ${maxSide} a side`,
    );
  }
  return size;
}

function toRgb24(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return new Uint8Array(data.buffer, data.byteOffset, data.length);
  const out = new Uint8Array(data.length / channels * 3);
  for (let i = 0, j = 0; i < data.length; i += channels) {
    for (let c = 0; c < 3; c++) out[j++] = data[i + (channels < 3 ? 0 : c)];
  }
  return out;
}

/** Why bytes are no image. */
export function unreadable(path: string, cause: unknown): InputError {
  const reason = (cause instanceof Error ? cause.message : String(cause)).split("\n")[0];
  return new InputError(`cannot read "${path}" as an image: ${reason}`, { cause });
}
