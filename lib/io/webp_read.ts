/**
 * Reading animated WebP through sharp: many builds of ffmpeg cannot.
 * @module
 */
import sharp, { type ResizeOptions } from "sharp";
import { InputError } from "../errors.ts";
import { checkSize, type Fit } from "./frames.ts";
import { rateOfDelays } from "./frame_timing.ts";
import { readBytes } from "./read_file.ts";
import { WEBP_UNIT, webpFacts } from "./webp.ts";

/** What a reader of animations is asked for; as `readVideo`. */
interface ReadWebpOptions {
  readonly width?: number;
  readonly height?: number;
  readonly fit?: Fit;
  readonly fps?: number;
  readonly maxFrames?: number;
}

/** An animated WebP, decoded whole. */
export interface WebpClip {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Each rgb24. */
  readonly frames: readonly Uint8Array<ArrayBuffer>[];
}

/** Reads an animation, brought to a size and rate. Throws {@linkcode InputError} for a broken file. */
export async function readWebpAnimation(
  path: string,
  { width, height, fit = "cover", fps, maxFrames = Infinity }: ReadWebpOptions = {},
): Promise<WebpClip> {
  const bytes = await readBytes(path);
  const facts = webpFacts(path, bytes);
  checkSize(facts.width, facts.height, { path });
  const own = rateOfDelays(facts.delays, WEBP_UNIT);
  const order = framesAtRate(facts.delays.length, own, fps ?? own).slice(0, maxFrames);
  const stored = await decodePages(path, bytes, order.at(-1)! + 1);
  const sized = width === undefined && height === undefined
    ? stored
    : await resized(stored, { width, height, fit, background: "#000000" });
  return { ...sized, fps: fps ?? own, frames: order.map((frame) => sized.frames[frame].slice()) };
}

/** Which frames are shown at another rate: to each time the last one that has begun, to the nearest. */
function framesAtRate(count: number, from: number, to: number): number[] {
  return Array.from(
    { length: Math.max(1, Math.round(count * to / from)) },
    (_, i) => Math.min(count - 1, Math.max(0, Math.ceil((i + 0.5) * from / to) - 1)),
  );
}

type Pages = Omit<WebpClip, "fps">;

async function resized({ width, height, frames }: Pages, to: ResizeOptions): Promise<Pages> {
  const raw = { width, height, channels: 3 as const };
  const all = await Promise.all(
    frames.map((frame) =>
      sharp(frame, { raw }).resize(to).raw().toBuffer({ resolveWithObject: true })
    ),
  );
  const { info } = all[0];
  return {
    width: info.width,
    height: info.height,
    frames: all.map(({ data }) => new Uint8Array(data)),
  };
}

async function decodePages(path: string, bytes: Uint8Array, pages: number): Promise<Pages> {
  try {
    const { data, info } = await sharp(bytes, { pages, limitInputPixels: false, failOn: "error" })
      .flatten({ background: "#ffffff" }).toColourspace("srgb").raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    const [width, height] = [info.width, info.height / pages];
    const size = width * height * 3;
    const frames = Array.from(
      { length: pages },
      (_, i) => new Uint8Array(data.subarray(i * size, (i + 1) * size)),
    );
    return { width, height, frames };
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).split("\n")[0];
    throw new InputError(`cannot read "${path}" as a video: ${reason}`, { cause });
  }
}
