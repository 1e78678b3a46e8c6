/**
 * A grid as a data set of nerfstudio: pictures and `transforms.json`, of which a splat is trained.
 * @module
 */
import { join } from "node:path";
import { type CameraPath, formatNerfFrames } from "../../geometry/mod.ts";
import { encodePng, type Origin, type SpooledClip, writeBytes, writeText } from "../../io/mod.ts";

/** The views that are written. */
export interface NerfstudioViews {
  /** One a view. */
  readonly clips: readonly SpooledClip[];
  /** A camera for each frame of each view. */
  readonly cameras: readonly CameraPath[];
  /** How each view came to be; undefined for one that others made. */
  readonly origins: readonly (Origin | undefined)[];
}

/** The file of all instants, in {@linkcode writeNerfstudio}'s folder. */
const NERFSTUDIO_ALL = "transforms.json";

/**
 * Writes `images/view-0/0001.png` … and, over them, `transforms.json` of all instants, each picture with
 * its `time` from 0 to 1, and for each instant a `transforms-0001.json` that a still scene is trained
 * from. Returns the paths of the JSON files.
 */
export async function writeNerfstudio(
  folder: string,
  { clips, cameras, origins }: NerfstudioViews,
): Promise<string[]> {
  const [{ frames: count, width, height }] = clips;
  const pictureOf = (view: number, frame: number) => `images/view-${view}/${four(frame + 1)}.png`;
  for (const [view, clip] of clips.entries()) {
    for (let frame = 0; frame < count; frame++) {
      const picture = { width, height, count: 1, fps: 1, data: await clip.frame(frame) };
      const png = await encodePng(picture, { origin: origins[view] });
      await writeBytes(join(folder, pictureOf(view, frame)), png);
    }
  }
  const instants = Array.from({ length: count }, (_, frame) =>
    cameras.map((path, view) => ({
      camera: path[frame],
      file: pictureOf(view, frame),
      time: count === 1 ? 0 : frame / (count - 1),
    })));
  const files = [
    { path: join(folder, NERFSTUDIO_ALL), frames: instants.flat() },
    ...instants.map((frames, frame) => ({
      path: join(folder, `transforms-${four(frame + 1)}.json`),
      frames,
    })),
  ];
  for (const { path, frames } of files) await writeText(path, formatNerfFrames(frames));
  return files.map(({ path }) => path);
}

/** Every file that {@linkcode writeNerfstudio} writes, relative to its folder. */
export function nerfstudioFiles({ views, frames }: {
  readonly views: number;
  readonly frames: number;
}): string[] {
  const all = Array.from({ length: frames }, (_, frame) => four(frame + 1));
  return [
    NERFSTUDIO_ALL,
    ...all.map((number) => `transforms-${number}.json`),
    ...Array.from(
      { length: views },
      (_, view) => all.map((number) => `images/view-${view}/${number}.png`),
    ).flat(),
  ];
}

function four(number: number): string {
  return String(number).padStart(4, "0");
}
