import { deepEqual, equal, throws } from "node:assert/strict";
import {
  CausalConv3d,
  type CausalConv3dOptions,
  emptyCache,
  type FrameCache,
  FrameGroupNorm,
  Vars,
} from "../../lib/nn/mod.ts";
import {
  cat,
  generator,
  liveTensors,
  narrow,
  noGrad,
  randn,
  scope,
  type Tensor,
} from "../../lib/tensor/mod.ts";
import { assertClose, relativeError } from "../support/fixtures.ts";

const variants: Record<string, CausalConv3dOptions> = {
  "zeros": { kernel: 3, padding: 1 },
  "replicated frames": { kernel: 3, padding: 1, timePadding: "replicate" },
  "temporal stride 2": { kernel: 3, stride: [2, 1, 1], padding: 1 },
  "kernel 2, stride 2": { kernel: [2, 1, 1], stride: [2, 1, 1] },
  "kernel 4": { kernel: [4, 3, 1], stride: [1, 2, 1], padding: [1, 0] },
  "no temporal kernel": { kernel: [1, 3, 3], padding: 1 },
};

function clip(frames: number, seed: number): Tensor {
  using random = generator(seed, "cpu");
  return randn([2, 3, frames, 5, 4], { generator: random });
}

/** Results of the chunks, put together. */
function stream(layer: CausalConv3d, x: Tensor, chunks: readonly number[]): Tensor {
  let cache: FrameCache = emptyCache;
  let start = 0;
  const outputs = chunks.map((length) => {
    const result = layer.forward(narrow(x, 2, start, length), cache);
    start += length;
    cache = result.cache;
    return result.output;
  });
  return cat(outputs, 2);
}

for (const [name, options] of Object.entries(variants)) {
  Deno.test(`CausalConv3d: chunks give what one pass gives (${name})`, () => {
    using vars = Vars.root({ seed: 3 });
    const layer = new CausalConv3d(vars, 3, 4, options);
    for (const chunks of [[1, 2, 4, 2], [5, 4], [9], [1, 4, 4]]) {
      noGrad(() =>
        scope(() => {
          const x = clip(9, 1);
          const whole = layer.forward(x);
          deepEqual(whole.cache, emptyCache);
          assertClose(stream(layer, x, chunks), whole.output, 1e-6, chunks.join());
        })
      );
    }
  });

  Deno.test(`CausalConv3d: a later frame never changes an earlier output (${name})`, () => {
    using vars = Vars.root({ seed: 3 });
    const layer = new CausalConv3d(vars, 3, 4, options);
    const stride = Array.isArray(options.stride) ? options.stride[0] : 1;
    noGrad(() =>
      scope(() => {
        const x = clip(9, 1);
        const changed = cat([narrow(x, 2, 0, 5), clip(4, 2)], 2);
        const a = layer.forward(x).output;
        const b = layer.forward(changed).output;
        const unchanged = Math.floor(4 / stride) + 1;
        equal(relativeError(narrow(b, 2, 0, unchanged), narrow(a, 2, 0, unchanged)), 0);
        equal(relativeError(b, a) > 0.1, true);
      })
    );
  });
}

Deno.test("CausalConv3d: streamed one frame at a time it gives what one pass gives", () => {
  using vars = Vars.root({ seed: 4 });
  const layer = new CausalConv3d(vars, 3, 4, { kernel: 3, padding: 1 });
  noGrad(() =>
    scope(() => {
      const x = clip(5, 1);
      assertClose(stream(layer, x, [1, 1, 1, 1, 1]), layer.forward(x).output, 1e-6);
    })
  );
});

Deno.test("CausalConv3d: too short a chunk and too wide a stride are named", () => {
  using vars = Vars.root();
  throws(
    () => new CausalConv3d(vars.sub("a"), 3, 4, { kernel: 1, stride: [2, 1, 1] }),
    /temporal stride 2 exceeds the temporal kernel 1/,
  );
  const layer = new CausalConv3d(vars.sub("b"), 3, 4, { kernel: 3, stride: [2, 1, 1], padding: 1 });
  throws(
    () => scope(() => stream(layer, clip(2, 1), [1, 1])),
    /a chunk of 1 frames gives no frame at temporal stride 2/,
  );
});

Deno.test("CausalConv3d: a streamed chunk leaves its output and its tail alive, nothing else", () => {
  using vars = Vars.root();
  const layer = new CausalConv3d(vars, 3, 4, { kernel: 3, padding: 1 });
  using x = clip(3, 1);
  const before = liveTensors();
  const { output, cache } = noGrad(() => layer.forward(x, emptyCache));
  equal(liveTensors(), before + 2);
  output.dispose();
  if (cache.kind === "frames") cache.tail.dispose();
  equal(liveTensors(), before);
});

Deno.test("FrameGroupNorm: another frame changes nothing", () => {
  using vars = Vars.root();
  const norm = new FrameGroupNorm(vars, 1, 3);
  noGrad(() =>
    scope(() => {
      const x = clip(4, 1);
      const changed = cat([narrow(x, 2, 0, 2), clip(2, 2)], 2);
      const [a, b] = [norm.forward(x), norm.forward(changed)];
      assertClose(narrow(b, 2, 0, 2), narrow(a, 2, 0, 2), 1e-7);
    })
  );
});
