/**
 * Whether a long video drifts: its colours, and how far each person is from its reference, by second.
 * @module
 */
import { InputError } from "../../lib/errors.ts";
import type { FrameStream } from "../../lib/io/mod.ts";
import type { Scene } from "../../lib/pipelines/mod.ts";
import { colourDistance, meanColour, personMap, referenceColours } from "./person_colours.ts";
import { type Trend, trendOf } from "./trend.ts";

/** One measure over the seconds of a video; colours in steps of 1/255. */
export interface DriftSeries {
  /** `mean red`, `spread`, `person 1 red`, `person 1 identity` … */
  readonly name: string;
  /** One a second; the last second only where it is whole. */
  readonly values: readonly number[];
  readonly trend: Trend;
  /** Whether the slope's 95 % interval holds 0. */
  readonly steady: boolean;
}

/**
 * Measures a video frame by frame: mean and spread of the picture's colours, mean colour of each
 * person's body, and its distance from the mean colour of the body in the person's reference (what is
 * called identity). Throws {@linkcode InputError} for fewer than three seconds and for another number
 * of frames than the scene's.
 */
export async function measureDrift(scene: Scene, video: FrameStream): Promise<DriftSeries[]> {
  const references = referenceColours(scene);
  const seconds = new Map<string, number[][]>();
  const fps = Math.max(1, Math.round(video.fps));
  let frame = 0;
  for await (const picture of video.frames) {
    if (frame >= scene.cameras.length) break;
    const second = Math.floor(frame / fps);
    for (const [name, value] of measuresOf(scene, { picture, frame, references })) {
      const series = seconds.get(name) ?? [];
      (series[second] ??= []).push(value);
      seconds.set(name, series);
    }
    frame++;
  }
  if (frame !== scene.cameras.length || frame < 3 * fps) {
    throw new InputError(
      `a drift over ${frame} frames of ${scene.cameras.length}, expected all of them and at least ${
        3 * fps
      }`,
    );
  }
  const whole = Math.floor(frame / fps);
  return [...seconds].map(([name, series]) => {
    const values = Array.from({ length: whole }, (_, i) => mean(series[i] ?? []))
      .filter(Number.isFinite);
    const trend = trendOf(values);
    return { name, values, trend, steady: Math.abs(trend.slope) <= trend.margin };
  });
}

interface Looked {
  readonly picture: Uint8Array;
  readonly frame: number;
  readonly references: ReturnType<typeof referenceColours>;
}

function measuresOf(scene: Scene, { picture, frame, references }: Looked): [string, number][] {
  const { rgb } = meanColour(picture);
  const found: [string, number][] = channels.map((name, c) => [`mean ${name}`, rgb[c]]);
  const grey = (rgb[0] + rgb[1] + rgb[2]) / 3;
  const variance = picture.reduce((sum, value) => sum + (value - grey) ** 2, 0) / picture.length;
  found.push(["spread", Math.sqrt(variance)]);
  const person = personMap(scene, frame);
  for (const [index, reference] of references.entries()) {
    const colour = meanColour(picture, { person, is: index });
    if (colour.pixels === 0) continue;
    const label = `person ${index + 1}`;
    channels.forEach((name, c) => found.push([`${label} ${name}`, colour.rgb[c]]));
    if (reference) found.push([`${label} identity`, colourDistance(colour, reference)]);
  }
  return found;
}

const channels = ["red", "green", "blue"] as const;

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
