import { deepEqual, equal, notDeepEqual, ok, throws } from "node:assert/strict";
import { PatchDiscriminator } from "../../../lib/models/discriminators/mod.ts";
import { Vars } from "../../../lib/nn/mod.ts";
import {
  cat,
  generator,
  liveTensors,
  narrow,
  noGrad,
  randn,
  scope,
  type Tensor,
  toArray,
  zeros,
} from "../../../lib/tensor/mod.ts";

const small = { width: 8, levels: 2, normGroups: 4 };

function noise(shape: readonly number[], seed: number): Tensor {
  using random = generator(seed, "cpu");
  return randn([...shape], { generator: random });
}

function values(x: Tensor): number[] {
  return [...toArray(x) as Float32Array];
}

Deno.test("PatchDiscriminator: one judgement a patch, each frame by itself in 2D, in 3D over time", () => {
  const before = liveTensors();
  for (const dims of [2, 3] as const) {
    using vars = Vars.root({ seed: dims });
    const judge = new PatchDiscriminator(vars, { ...small, dims });
    scope(() =>
      noGrad(() => {
        const video = noise([2, 3, 5, 32, 24], 1);
        const found = judge.forward(video);
        deepEqual([...found.shape], dims === 2 ? [10, 1, 6, 4] : [2, 1, 2, 6, 4]);
        // The first frame with another second one.
        const first = narrow(video, 2, 0, 1);
        const other = cat([first, noise([2, 3, 4, 32, 24], 2)], 2);
        const changed = judge.forward(other);
        const of = (x: Tensor) => values(narrow(x, 0, 0, 1)).slice(0, 24);
        if (dims === 2) deepEqual(of(changed), of(found));
        else notDeepEqual(of(changed), of(found));
        ok(values(found).every(Number.isFinite));
      })
    );
  }
  equal(liveTensors(), before);
});

Deno.test("PatchDiscriminator: layers have PatchGAN's widths", () => {
  using vars = Vars.root({ device: "meta" });
  new PatchDiscriminator(vars, { dims: 2, width: 64, levels: 3, normGroups: 8 });
  const shapes = [...vars.named()].filter(([name]) => name.endsWith("weight"))
    .map(([, { shape }]) => shape).filter((shape) => shape.length === 4);
  deepEqual(shapes.map(([outC]) => outC), [64, 128, 256, 512, 1]);
});

Deno.test("PatchDiscriminator: pictures smaller than a patch are refused", () => {
  using vars = Vars.root();
  const judge = new PatchDiscriminator(vars, { ...small, dims: 2 });
  scope(() => throws(() => judge.forward(zeros([1, 3, 1, 8, 8])), /needs 16 pixels .* 8×8/));
});
