import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { readBody, renderReference } from "../../../lib/data/mod.ts";
import { formatCameras } from "../../../lib/geometry/mod.ts";
import { writePng } from "../../../lib/io/mod.ts";
import { parseJob } from "../../../lib/pipelines/job/mod.ts";
import { findJobWeights, formatPose, generate } from "../../../lib/pipelines/mod.ts";
import { liveTensors } from "../../../lib/tensor/mod.ts";
import { withFolder } from "../../support/folders.ts";
import { writePriorDecoder } from "../../support/prior_decoder.ts";

const body = await readBody();
const made = renderReference(body, { seed: 22, width: 96, height: 128 });

async function framesOf(
  folder: string,
  { weights, width, height }: { weights: string; width: number; height: number },
): Promise<Uint8Array[]> {
  const { pose, translation: [x, y, z], shape } = made.referencePose;
  await writePng(join(folder, "me.png"), made.reference);
  const camera = JSON.parse(formatCameras([made.referenceCamera]));
  const posed = { pose, translation: [x, y, z] as const, shape };
  await Deno.writeTextFile(join(folder, "me.json"), formatPose(posed, camera));
  const job = parseJob({
    reference: { image: join(folder, "me.png"), pose: join(folder, "me.json") },
    persons: [{ motion: "builtin:wave" }],
    ...{ weights, width, height, frames: 2, background: "#204060", output: "-" },
  });
  const frames: Uint8Array[] = [];
  await generate(job, await findJobWeights(weights), async (video) => {
    for await (const frame of video.frames) frames.push(frame.slice());
  });
  return frames;
}

for (const [width, height] of [[110, 90], [400, 300]]) {
  Deno.test(`correctPrior: at ${width}×${height} a fresh decoder gives the prior, another changes the person alone`, () =>
    withFolder(async (folder) => {
      const before = liveTensors();
      const silent = await writePriorDecoder(join(folder, "silent"));
      const loud = await writePriorDecoder(join(folder, "loud"), { loud: true });
      const size = { width, height };
      const prior = await framesOf(folder, { weights: "none", ...size });
      deepEqual(await framesOf(folder, { weights: silent, ...size }), prior);
      const changed = await framesOf(folder, { weights: loud, ...size });
      changed.forEach((frame, f) => {
        let near = 0, corner = 0;
        for (let at = 0; at < frame.length; at++) {
          if (frame[at] === prior[f][at]) continue;
          near++;
          if (at < 3 * width / 10) corner++;
        }
        ok(near > 500, `${near} values changed`);
        equal(corner, 0, "the picture's corner changed");
      });
      equal(liveTensors(), before);
    }));
}

Deno.test("generate: a VideoVAE alone that does not know the prior is refused by name", () =>
  withFolder(async (folder) => {
    const weights = await writePriorDecoder(join(folder, "plain"), { knows: false });
    await rejects(framesOf(folder, { weights, width: 64, height: 64 }), (error: Error) => {
      match(error.message, /plain.video_vae\.safetensors" has no decoder that knows the prior/);
      return true;
    });
  }));

Deno.test("findJobWeights: an ISA-DiT in shards beside the VideoVAE is one", () =>
  withFolder(async (folder) => {
    const weights = await writePriorDecoder(join(folder, "sharded"));
    const index = { weight_map: { "a": "isa_dit-1.safetensors" } };
    await Deno.writeTextFile(
      join(weights, "isa_dit.safetensors.index.json"),
      JSON.stringify(index),
    );
    equal((await findJobWeights(weights)).isaDit, join(weights, "isa_dit.safetensors"));
  }));
