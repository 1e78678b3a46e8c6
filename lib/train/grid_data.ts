/**
 * Scenes that several cameras filmed, among cached clips.
 * @module
 */
import { InputError } from "../errors.ts";
import type { Random } from "../geometry/mod.ts";
import { type Tensor, toNumbers } from "../tensor/mod.ts";

/**
 * The scenes of a shard, each the clips that show it, by `view` [clips]. Throws {@linkcode InputError}
 * where clips do not say which view they are.
 */
export function scenesOf({ view }: { readonly view?: Tensor }): number[][] {
  if (!view) {
    throw new InputError(
      "the latents do not say which clips show one scene: remove their folder, so that they are made anew",
    );
  }
  const scenes: number[][] = [];
  for (const [clip, number] of (toNumbers(view) as number[]).entries()) {
    if (number === 0) scenes.push([]);
    scenes.at(-1)!.push(clip);
  }
  return scenes;
}

/**
 * Random scenes of one number of persons and, of each, equally many views in random order: no more
 * than the smallest of them has.
 */
export function drawScenes(
  scenes: readonly (readonly number[])[],
  { batch, views: [least, most], persons }: {
    readonly batch: number;
    readonly views: readonly [number, number];
    /** Of each clip; a scene's clips show the same ones. */
    readonly persons: readonly number[];
  },
  random: Random,
): { readonly views: number; readonly scenes: number[][] } {
  const first = random.pick(scenes);
  const alike = scenes.filter(([clip]) => persons[clip] === persons[first[0]]);
  const drawn = [first, ...Array.from({ length: batch - 1 }, () => random.pick(alike))];
  const there = Math.min(...drawn.map(({ length }) => length));
  const views = Math.min(there, least + random.int(most - least + 1));
  return { views, scenes: drawn.map((clips) => shuffled(clips, random).slice(0, views)) };
}

function shuffled(items: readonly number[], random: Random): number[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = random.int(i + 1);
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}
