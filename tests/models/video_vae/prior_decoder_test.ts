import { deepEqual, ok } from "node:assert/strict";
import { PriorDecoder } from "../../../lib/models/video_vae/mod.ts";
import { PACKED_PLANES } from "../../../lib/prior/mod.ts";
import { Vars } from "../../../lib/nn/mod.ts";
import {
  add_,
  generator,
  grad,
  liveTensors,
  mul,
  narrow,
  noGrad,
  ones,
  randn,
  scope,
  sum,
  type Tensor,
  tensor,
  toFloat32,
  zero_,
} from "../../../lib/tensor/mod.ts";

const config = { patchSize: 4, channels: [8, 12], blocks: 1 };

/** Random planes with nothing near a body on the right half. */
function planesOf(H: number, W: number): Tensor {
  using random = generator(3);
  return scope(() => {
    const planes = randn([2, PACKED_PLANES, H, W], { generator: random });
    zero_(narrow(narrow(planes, 1, PACKED_PLANES - 1, 1), 3, W / 2, W / 2));
    return planes;
  });
}

function time(t: number): Tensor {
  return tensor([t, t], { shape: [2] });
}

/** A decoder whose every weight is away from zero. */
function loudDecoder(vars: Vars): PriorDecoder {
  const decoder = new PriorDecoder(vars, config);
  using random = generator(5);
  noGrad(() =>
    scope(() => {
      for (const weight of vars.parameters().values()) {
        add_(weight, mul(randn([...weight.shape], { generator: random }), 0.05));
      }
    })
  );
  return decoder;
}

function differs(a: Tensor, b: Tensor): number[] {
  const [x, y] = [toFloat32(a), toFloat32(b)];
  return [...x].flatMap((value, i) => value === y[i] ? [] : [i]);
}

Deno.test("PriorDecoder: fresh, it gives the prior back, whatever the size", () => {
  const before = liveTensors();
  scope(() => {
    using vars = Vars.root();
    const decoder = new PriorDecoder(vars, config);
    const planes = planesOf(22, 18);
    const made = decoder.forward({ planes, t: time(1) });
    deepEqual(made.shape, [2, 3, 22, 18]);
    deepEqual(differs(made, narrow(planes, 1, 0, 3)), []);
  });
  ok(liveTensors() === before);
});

Deno.test("PriorDecoder: away from the body nothing changes, near it everything can", () => {
  scope(() => {
    using vars = Vars.root();
    const decoder = loudDecoder(vars);
    const planes = planesOf(32, 32);
    using random = generator(8);
    const guess = randn([2, 3, 32, 32], { generator: random });
    const changed = differs(
      decoder.forward({ planes, guess, t: time(0.3) }),
      narrow(planes, 1, 0, 3),
    );
    ok(changed.every((i) => i % 32 < 16), "a pixel of the right half changed");
    ok(changed.length > 0.9 * 2 * 3 * 32 * 16);
  });
});

Deno.test("PriorDecoder: the flow time and the latent's guess are heard", () => {
  scope(() => {
    using vars = Vars.root();
    const decoder = loudDecoder(vars);
    const planes = planesOf(32, 32);
    const alone = decoder.forward({ planes, t: time(1) });
    ok(differs(alone, decoder.forward({ planes, t: time(0.5) })).length > 0);
    const guess = ones([2, 3, 32, 32]);
    ok(differs(alone, decoder.forward({ planes, guess, t: time(1) })).length > 0);
  });
});

Deno.test("PriorDecoder: every weight has a gradient", () => {
  scope(() => {
    using vars = Vars.root();
    const decoder = loudDecoder(vars);
    const loss = sum(decoder.forward({ planes: planesOf(32, 32), t: time(1) }));
    const weights = [...vars.parameters()];
    const gradients = grad([loss], weights.map(([, weight]) => weight));
    weights.forEach(([name], i) => {
      ok(gradients[i] && toFloat32(gradients[i]).some((value) => value !== 0), name);
    });
  });
});
