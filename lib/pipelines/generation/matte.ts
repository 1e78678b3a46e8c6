/**
 * A job's persons with opacity, free of any background.
 *
 * The model knows no opacity, so it is measured: the same noise is sampled over two known colours, and
 * what changes with the colour is not the person (Smith and Blinn 1996). The VideoVAE's blur makes that
 * measure weak on thin limbs and the model's own mistakes make it noisy far away, so the body decides
 * where it is sure: its silhouette is opaque, and beyond the reach of clothes and hair nothing is.
 * @module
 */
import { bodyLayer } from "../../geometry/mod.ts";
import { type FrameStream, type RgbaStream, SpooledClip } from "../../io/mod.ts";
import { generate } from "./generate.ts";
import type { GenerateOptions } from "./generate_options.ts";
import type { Job } from "../job/mod.ts";
import { loadScene, type Scene } from "../scene/mod.ts";
import { generatePriorMatte } from "./generate_prior.ts";
import type { PriorWeights, WeightFiles } from "../weights/mod.ts";

/** The two colours: dark and light greys, which tint nobody. */
const [DARK, LIGHT] = [0x30, 0xd0];

/** How far clothes and hair reach beyond the skin, as a share of the body's height in the picture. */
const REACH = 0.06;

/**
 * Measured opacity from which on a pixel beyond the skin begins to count, and from which on it counts
 * fully: the VideoVAE's blur spreads a person over the pixels next to it.
 */
const [NOTHING, ALL] = [0.5, 1];

/**
 * Samples a job twice, over a dark and a light colour instead of its background, and hands the persons
 * with straight opacity to `consume`. Errors as `generate`.
 */
export async function generateMatte(
  job: Job,
  weights: WeightFiles | PriorWeights,
  consume: (person: RgbaStream) => Promise<void>,
  { onProgress, onNotice, signal, models }: Omit<GenerateOptions, "files"> = {},
): Promise<void> {
  if (weights.isaDit === undefined) {
    return await generatePriorMatte(job, weights, consume, { onProgress, onNotice, signal });
  }
  const scene = await loadScene(job, { bodyPath: weights.body, onNotice });
  const over = (level: number) => ({
    ...job,
    background: `#${level.toString(16).padStart(2, "0").repeat(3)}`,
  });
  const options = { onProgress, signal, models };
  let dark: SpooledClip | undefined;
  try {
    await generate(over(DARK), weights, async (video) => {
      dark = await SpooledClip.fill(video, signal);
    }, options);
    await generate(over(LIGHT), weights, async (video) => {
      await consume({ ...video, frames: mattes(scene, dark!, video) });
    }, options);
  } finally {
    dark?.[Symbol.dispose]();
  }
}

async function* mattes(
  scene: Scene,
  dark: SpooledClip,
  light: FrameStream,
): AsyncGenerator<Uint8Array> {
  let frame = 0;
  for await (const over of light.frames) {
    const certain = certainty(scene, frame);
    yield cutOut({ dark: await dark.frame(frame), light: over }, certain);
    frame++;
  }
}

/** Where a frame is person for sure (1), perhaps (½) and not at all (0), [height·width]. */
export function certainty({ body, persons, cameras }: Scene, frame: number): Float32Array {
  const camera = cameras[frame];
  const { width, height } = camera;
  const sure = new Float32Array(width * height);
  for (const { poses } of persons) {
    const { person } = bodyLayer(body, [body.pose(poses[frame]).vertices], camera);
    const rows = [...person.keys()].filter((pixel) => person[pixel] === 0)
      .map((pixel) => Math.floor(pixel / width));
    if (rows.length === 0) continue;
    // Found in order: the first row is the highest.
    const tall = rows.at(-1)! - rows[0] + 1;
    const near = distances(person, width);
    for (const pixel of sure.keys()) {
      const own = person[pixel] === 0 ? 1 : near[pixel] <= Math.max(1, REACH * tall) ? 0.5 : 0;
      sure[pixel] = Math.max(sure[pixel], own);
    }
  }
  return sure;
}

/** Pixels to the nearest one of the person (chamfer distance, at most 8 % too long). */
function distances(person: Int8Array, width: number): Float32Array {
  const far = Float32Array.from(person, (who) => who === 0 ? 0 : Infinity);
  const relax = (at: number, steps: readonly (readonly [number, number])[]) => {
    const x = at % width;
    for (const [dx, dy] of steps) {
      const from = at + dy * width + dx;
      if (x + dx < 0 || x + dx >= width || from < 0 || from >= far.length) continue;
      far[at] = Math.min(far[at], far[from] + Math.hypot(dx, dy));
    }
  };
  const before = [[-1, 0], [-1, -1], [0, -1], [1, -1]] as const;
  const after = before.map(([dx, dy]) => [-dx, -dy] as const);
  for (let at = 0; at < far.length; at++) relax(at, before);
  for (let at = far.length - 1; at >= 0; at--) relax(at, after);
  return far;
}

/**
 * Straight rgba out of one frame over both colours: C = αF + (1 − α)B, so what of the colours' step
 * does not show is α, and F the rest without its share of B.
 */
export function cutOut(
  { dark, light }: { readonly dark: Uint8Array; readonly light: Uint8Array },
  certain: Float32Array,
): Uint8Array {
  const out = new Uint8Array(certain.length * 4);
  for (const [pixel, sure] of certain.entries()) {
    if (sure === 0) continue;
    let shows = 0;
    for (let c = 0; c < 3; c++) shows += (light[pixel * 3 + c] - dark[pixel * 3 + c]) / 3;
    const measured = 1 - shows / (LIGHT - DARK);
    const t = Math.max(0, Math.min(1, (measured - NOTHING) / (ALL - NOTHING)));
    const alpha = sure === 1 ? 1 : t * t * (3 - 2 * t);
    if (alpha === 0) continue;
    // The part of the picture that is measured as background carries its colour, whatever alpha is.
    const kept = Math.max(0.25, Math.min(1, measured));
    for (let c = 0; c < 3; c++) {
      const mean = (dark[pixel * 3 + c] + light[pixel * 3 + c]) / 2;
      const own = (mean - (1 - kept) * (DARK + LIGHT) / 2) / kept;
      out[pixel * 4 + c] = Math.max(0, Math.min(255, Math.round(own)));
    }
    out[pixel * 4 + 3] = Math.round(alpha * 255);
  }
  return out;
}
