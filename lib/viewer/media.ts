/**
 * A view's pictures as a browser takes them: a video file that it plays, and a strip of small frames.
 * @module
 */
import { encodeJpeg, type FrameStream, openVideo, readImage, writeVideo } from "../io/mod.ts";
import type { PageStrip } from "./page_data.ts";
import type { Pictures } from "./result.ts";

/** A file that a browser plays. */
export interface PlayableVideo {
  readonly path: string;
  readonly type: "video/mp4" | "video/webm";
}

/** How many pictures there are to be drawn. */
export interface ClipShape {
  readonly frames: number;
  readonly views: number;
}

/** Height of a strip's pictures; the most and the fewest of them, and those of all views together. */
const STRIP = { height: 96, most: 32, fewest: 8, together: 320 } as const;

/** Pictures of a square clip that a strip has room for; wider ones are fewer. */
const ROOM = 22;

/** Widest strip, pixels: what every browser decodes. */
const WIDEST = 8192;

/**
 * The video of a view. What browsers do not play and seek, such as gif, webp or numbered pictures, is
 * encoded as `spare` first.
 */
export async function playable(
  pictures: Pictures,
  { spare, fps }: { readonly spare: string; readonly fps: number },
): Promise<PlayableVideo> {
  if (pictures.kind === "video") {
    const ending = /\.(mp4|webm)$/i.exec(pictures.path)?.[1].toLowerCase();
    if (ending) return { path: pictures.path, type: ending === "mp4" ? "video/mp4" : "video/webm" };
  }
  const { frames, width, height } = await openPictures(pictures);
  await writeVideo(spare, { width, height, fps, frames });
  return { path: spare, type: "video/mp4" };
}

/** Draws frames of a view side by side: all of a short clip, evenly chosen ones of a long one. */
export async function drawStrip(
  pictures: Pictures,
  { frames, views }: ClipShape,
): Promise<PageStrip> {
  const stream = await openPictures(pictures, STRIP.height);
  const { width, height } = stream;
  const share = Math.max(STRIP.fewest, Math.floor(STRIP.together / views));
  const room = Math.max(STRIP.fewest, Math.round(ROOM * height / width));
  const most = Math.max(1, Math.min(STRIP.most, share, room, Math.floor(WIDEST / width)));
  const shown = stripFrames(frames, most);
  const across = width * shown.length;
  const data = new Uint8Array(across * height * 3);
  let frame = 0;
  for await (const picture of stream.frames) {
    const column = shown.indexOf(frame++);
    if (column >= 0) layInto(data, picture, { column, width, height, across });
    if (frame > shown[shown.length - 1]) break;
  }
  const jpeg = await encodeJpeg({ width: across, height, count: 1, fps: 1, data }, { quality: 80 });
  return {
    source: `data:image/jpeg;base64,${jpeg.toBase64()}`,
    frames: shown,
    width: across,
    height,
  };
}

/** At most `most` frames of a clip, spread evenly, the first and the last among them. */
export function stripFrames(frames: number, most: number): number[] {
  const count = Math.min(frames, most);
  return Array.from(
    { length: count },
    (_, i) => Math.round(i * (frames - 1) / Math.max(1, count - 1)),
  );
}

function layInto(
  strip: Uint8Array,
  picture: Uint8Array,
  { column, width, height, across }: {
    readonly column: number;
    readonly width: number;
    readonly height: number;
    readonly across: number;
  },
): void {
  for (let y = 0; y < height; y++) {
    const row = picture.subarray(y * width * 3, (y + 1) * width * 3);
    strip.set(row, (y * across + column * width) * 3);
  }
}

/** Frames of a view, one by one; `height` makes them smaller or larger. */
export async function openPictures(pictures: Pictures, height?: number): Promise<FrameStream> {
  if (pictures.kind === "video") return await openVideo(pictures.path, { height });
  const read = (path: string) => readImage(path, { height, minSide: 1 });
  const first = await read(pictures.paths[0]);
  const frames = async function* () {
    for (const path of pictures.paths) yield (await read(path)).data;
  };
  return { width: first.width, height: first.height, fps: 1, frames: frames() };
}
