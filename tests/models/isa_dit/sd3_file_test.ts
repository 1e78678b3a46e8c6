import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import type { TensorToStore } from "../../../lib/io/mod.ts";
import {
  IsaDit,
  type IsaDitConditions,
  isaDitFromSd3,
  loadIsaDit,
  saveIsaDit,
} from "../../../lib/models/isa_dit/mod.ts";
import { Vars } from "../../../lib/nn/mod.ts";
import {
  liveTensors,
  noGrad,
  ones,
  permute,
  reshape,
  scope,
  type Tensor,
  tensor,
  toNumbers,
  zeros,
} from "../../../lib/tensor/mod.ts";
import { assertClose, loadFixture } from "../../support/fixtures.ts";
import { withFolder } from "../../support/folders.ts";
import { formulaTensor } from "../../support/formula.ts";
import { sd3Config as config, writeSd3 } from "../../support/sd3.ts";

// T latent frames of the fixture, P points, K poses
const [C, T, h, w, P] = [4, 2, 8, 6, 5];
const K = config.temporalFactor * T;

/** Conditions that are all there and all loud: zero gates must keep them out. */
function conditions(): IsaDitConditions {
  return {
    reference: ones([1, C, h, w]),
    pointFeatures: ones([1, P, C]),
    pointVisible: ones([1, P]),
    pointPerson: zeros([1, P], { dtype: "int64" }),
    pointIndex: tensor([[0, 1, 2, 3, 4]], { dtype: "int64" }),
    points: ones([1, K, P, 3]),
    pointsNdc: zeros([1, K, P, 3]),
    background: ones([1, C, T, h, w]),
    backgroundGiven: ones([1]),
    plucker: ones([1, 6 * config.temporalFactor, T, h, w]),
    image: ones([1, 3, 16, 16]),
    subjectGiven: ones([1]),
  };
}

/** The flow of the fixture's frames, one after another: [T, C, h, w]. */
function flow(dit: IsaDit, noisy: Tensor): Tensor {
  return scope(() =>
    noGrad(() => {
      const video = reshape(permute(noisy, [1, 0, 2, 3]), [1, C, T, h, w]);
      const out = dit.forward(video, tensor([0.37]), dit.encode(conditions()));
      return permute(reshape(out, [C, T, h, w]), [1, 0, 2, 3]);
    })
  );
}

Deno.test("isaDitFromSd3: with zero gates each frame is what SD3 makes of it without text", async () => {
  await withFolder(async (folder) => {
    const before = liveTensors();
    const expected = await loadFixture("isa_dit/sd3.safetensors");
    for (const layout of ["diffusers", "single file"] as const) {
      const path = join(folder, "sd3.safetensors");
      await writeSd3(path, layout);
      const { dit, vars, dropped } = await isaDitFromSd3(path, { config });
      using out = flow(dit, expected.get("noisy")!);
      assertClose(out, expected.get("out")!, 1e-5, layout);
      ok(dropped.includes("context_embedder.weight"));
      ok(dropped.every((name) => /context|add_/.test(name)), dropped.join());
      vars.dispose();
    }
    for (const value of expected.values()) value.dispose();
    equal(liveTensors(), before);
  });
});

Deno.test("isaDitFromSd3: new parts are drawn as in a fresh model, and the file loads again", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "sd3.safetensors");
    await writeSd3(path, "diffusers");
    const { vars } = await isaDitFromSd3(path, { config, seed: 5 });
    using fresh = Vars.root({ seed: 5 });
    new IsaDit(fresh, config);
    const numbers = (from: Vars, name: string) => toNumbers(from.named().get(name)!);
    for (
      const name of ["temporal_blocks.1.attn.to_q.weight", "isa_blocks.0.rendering.to_k.weight"]
    ) {
      deepEqual(numbers(vars, name), numbers(fresh, name));
    }
    const saved = join(folder, "isa_dit.safetensors");
    await saveIsaDit(saved, { config, vars }, { dtype: "bfloat16" });
    const again = await loadIsaDit(saved);
    deepEqual(again.dit.config, config);
    const [a, b] = [vars, again.vars].map((v) => numbers(v, "proj_out.weight"));
    ok(a.every((value, i) => Math.abs(value - b[i]) <= Math.abs(value) / 200));
    vars.dispose();
    again.vars.dispose();
  });
});

Deno.test("isaDitFromSd3: what does not fit is named", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "sd3.safetensors");
    const before = liveTensors();
    const one = formulaTensor("x", [3]);
    const block = "transformer_blocks.1";
    const cases: [(all: Map<string, TensorToStore>) => void, RegExp][] = [
      [(all) => all.delete(`${block}.ff.net.2.bias`), /1 missing \(transformer_blocks\.1\.ff/],
      [(all) => all.set(`${block}.more`, one), /1 unexpected \(transformer_blocks\.1\.more\)/],
      [(all) => all.set(`${block}.attn.norm_q.weight`, one), /SD3\.5 \(transformer_blocks\.1/],
      [(all) => all.set(`${block}.attn.to_q.bias`, one), /to_q\.bias: \[3\], expected \[24\]/],
      [
        (all) => all.delete("transformer_blocks.0.norm1_context.linear.weight"),
        /holds no transformer of SD3/,
      ],
    ];
    for (const [change, message] of cases) {
      await writeSd3(path, "diffusers", change);
      await rejects(isaDitFromSd3(path, { config }), message);
    }
    await writeSd3(path, "single file");
    await rejects(
      isaDitFromSd3(path, { config: { ...config, layers: 2, positionTableSize: 8 } }),
      /has positionTableSize 6, layers 3; the config has positionTableSize 8, layers 2/,
    );
    equal(liveTensors(), before);
  });
});
