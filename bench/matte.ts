/**
 * `./denow run -A bench/matte.ts [PERSONS]`: how well mattes meet the renderer's own masks, on held-out
 * people with the shipped weights. Prints one JSON record a person.
 * @module
 */
import { maskIou } from "../lib/eval/mod.ts";
import { personMap } from "./measures/person_colours.ts";
import { findWeights, generateMatte } from "../lib/pipelines/mod.ts";
import { prepareDemo } from "../lib/demo/mod.ts";

const folder = await Deno.makeTempDir();
try {
  for (let person = 0; person < Number(Deno.args[0] ?? 4); person++) {
    const { job, scene, truth } = await prepareDemo({ folder, weights: "small", person, seed: 0 });
    const matte: number[] = [];
    const few = { ...job, steps: 8, sampler: "unipc" as const };
    await generateMatte(few, await findWeights("small"), async ({ frames }) => {
      for await (const picture of frames) {
        for (let i = 3; i < picture.length; i += 4) matte.push(picture[i] >= 128 ? 255 : 0);
      }
    });
    const body = scene.cameras.flatMap((_, frame) => [...personMap(scene, frame)]);
    console.log(JSON.stringify({
      person,
      matte: maskIou(Uint8Array.from(matte), truth.mask),
      body: maskIou(Uint8Array.from(body, (who) => who < 0 ? 0 : 255), truth.mask),
    }));
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
