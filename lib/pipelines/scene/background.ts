/**
 * The background of a job as pictures, one a frame: a video, a still image, or a colour.
 * @module
 */
import { ConfigError, EnvironmentError, InputError } from "../../errors.ts";
import { isStillImage, openVideo, readImage } from "../../io/mod.ts";
import type { SeenPhotograph } from "../../track/mod.ts";
import { isFile, type Job, photoPose } from "../job/mod.ts";
import { drivingScene } from "./driving.ts";
import { photoScene } from "./photo.ts";
import { momentsOf } from "./time_map.ts";

/**
 * Finds out before any work whether a background can be used, as far as that takes no time.
 *
 * @throws InputError for a file that is not there, ConfigError for what is no colour
 */
export async function checkBackground(background: string): Promise<void> {
  if (["auto", "photo", "driving", "none"].includes(background)) return;
  if (!isFile.background(background)) return void parseColour(background);
  const found = await Deno.stat(background).catch(() => undefined);
  if (!found) throw new InputError(`cannot read "${background}": there is no such file`);
  if (found.isDirectory) throw new InputError(`"${background}" is a folder, expected a file`);
}

/** Pictures of the clip's size, exactly one a frame. */
export type BackgroundFrames = AsyncGenerator<Uint8Array>;

type BackgroundJob = Pick<
  Job,
  | "background"
  | "reference"
  | "persons"
  | "camera"
  | "width"
  | "height"
  | "frames"
  | "freezeFrame"
  | "fps"
>;

/**
 * Opens a job's background; undefined for "none". Pictures are cut to cover the clip's size; a video
 * at another rate is resampled, and one that ends early holds its last picture, with a notice.
 *
 * Throws {@linkcode InputError} for a file or colour that cannot be read, also from within the loop.
 */
export async function openBackground(
  job: BackgroundJob,
  onNotice?: (text: string) => void,
): Promise<BackgroundFrames | undefined> {
  const { width, height, frames, fps } = job;
  const background = await backgroundOf(job, onNotice);
  const moments = momentsOf(job);
  if (background === "photo") return still(await photoScene(job), frames);
  if (background === "driving") return await drivingScene(job, moments, onNotice);
  if (background === "none") return undefined;
  if (!isFile.background(background)) return still(colour(background, width * height), frames);
  if (await isStillImage(background)) {
    return still((await readImage(background, { width, height })).data, frames);
  }
  const maxFrames = moments.at(-1)! + 1;
  const video = await openVideo(background, { width, height, fps, maxFrames });
  return held(video.frames, { path: background, moments, onNotice });
}

/** Grey that stands for no scene. */
const PLAIN = "#808080";
/** Cameras that do not move. */
const STANDING = /^(auto|photo|static)(:|$)/;

/** A background that is not a name for another one: `photo`, a file, a colour or `none`. */
async function backgroundOf(
  { reference, camera, background }: BackgroundJob,
  onNotice?: (text: string) => void,
): Promise<string> {
  if (background !== "auto") return background;
  const photo = photoPose(reference.pose) && await seenPhoto(reference.image);
  if (!photo || photo.persons.length === 0) return "none";
  const stands = STANDING.test(camera);
  onNotice?.(
    stands
      ? "the background is the photo's own scene, with everybody filled in (--background photo); another would be a file or #rrggbb"
      : `the camera moves and the photo's scene does not: the background is plain ${PLAIN}; give --background photo, a file or #rrggbb`,
  );
  return stands ? "photo" : PLAIN;
}

/** Where the networks cannot be had nobody is seen: that is said where the person is looked for. */
async function seenPhoto(image: string): Promise<SeenPhotograph | undefined> {
  const { lookAtPhoto } = await import("../../track/mod.ts");
  return await lookAtPhoto(image).catch((error) => {
    if (error instanceof EnvironmentError) return undefined;
    throw error;
  });
}

async function* still(picture: Uint8Array, frames: number): BackgroundFrames {
  for (let frame = 0; frame < frames; frame++) yield await Promise.resolve(picture);
}

async function* held(
  source: AsyncGenerator<Uint8Array>,
  { path, moments, onNotice }: {
    readonly path: string;
    readonly moments: readonly number[];
    readonly onNotice?: (text: string) => void;
  },
): BackgroundFrames {
  let count = 0;
  let last: Uint8Array | undefined;
  let ended = false;
  for (const moment of moments) {
    while (!ended && count <= moment) {
      const { value, done } = await source.next();
      if (done) {
        ended = true;
        if (!last) throw new InputError(`"${path}" has no frames`);
        const all = moments.at(-1)! + 1;
        onNotice?.(`"${path}" ends after ${count} of ${all} frames: its last picture is held`);
      } else {
        last = value;
        count++;
      }
    }
    yield last!;
  }
  await source.return(undefined);
}

function colour(text: string, pixels: number): Uint8Array {
  const rgb = parseColour(text);
  return Uint8Array.from({ length: pixels * 3 }, (_, i) => rgb[i % 3]);
}

function parseColour(text: string): number[] {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text);
  if (!match) throw new ConfigError(`"${text}" is no colour, expected #rrggbb such as #808080`);
  return match.slice(1).map((hex) => parseInt(hex, 16));
}
