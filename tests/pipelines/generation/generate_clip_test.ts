import { deepEqual, equal, notDeepEqual } from "node:assert/strict";
import { readBody, renderClip } from "../../../lib/data/mod.ts";
import { type ClipToldOf, findWeights, generateClip, Models } from "../../../lib/pipelines/mod.ts";
import { liveTensors } from "../../../lib/tensor/mod.ts";
import { withFolder } from "../../support/folders.ts";
import { writeTinyWeights } from "../../support/tiny_weights.ts";

const size = { width: 32, height: 32, frames: 5 };

Deno.test("generateClip: every person of a clip counts, and so does whether the background is given", () =>
  withFolder(async (folder) => {
    await writeTinyWeights(folder);
    const before = liveTensors();
    {
      using models = await Models.load(await findWeights(folder));
      const body = await readBody();
      const made = async (clip: ClipToldOf): Promise<Uint8Array> => {
        const sampling = { steps: 2, cfgScale: 1, flowShift: 1, seed: 0 };
        const { data, ...shape } = await generateClip(models, body, clip, sampling);
        deepEqual(shape, { width: 32, height: 32, count: 5, fps: 8 });
        return data;
      };
      const two = renderClip(body, { seed: 3, ...size, persons: [2, 2] });
      const both = await made(two);
      notDeepEqual(await made({ ...two, persons: two.persons.slice(0, 1) }), both);

      const mask = renderClip(body, { seed: 3, ...size, kind: "mask" });
      const told = await made(mask);
      notDeepEqual(await made({ ...mask, backgroundGiven: false }), told);
    }
    equal(liveTensors(), before);
  }));
