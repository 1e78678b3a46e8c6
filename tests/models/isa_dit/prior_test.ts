import assert from "node:assert/strict";
import { ConfigError } from "../../../lib/errors.ts";
import {
  gridFlow,
  IsaDit,
  type IsaDitConditions,
  type IsaDitConfig,
  parseIsaDitConfig,
  startFrom,
} from "../../../lib/models/isa_dit/mod.ts";
import { Vars } from "../../../lib/nn/mod.ts";
import {
  cat,
  fill_,
  full,
  liveTensors,
  narrow,
  noGrad,
  ones,
  scope,
  sub,
  type Tensor,
  tensor,
  toArray,
  unsqueeze,
  zeros,
} from "../../../lib/tensor/mod.ts";
import {
  B,
  C,
  config as isa,
  fillByName,
  h,
  inputs,
  largestDifference,
  T,
  w,
  waves,
} from "../../support/isa_dit_formula.ts";

const condition = parseIsaDitConfig({ ...isa, maps: ["prior"] });
const skip = parseIsaDitConfig({
  ...condition,
  skip: "prior",
  skipVariance: { far: 0.01, around: 0.1, body: 0.8, unseen: 1.2, channels: [1, 0.5] },
});
const near = parseIsaDitConfig({ ...skip, tokens: "near" });

const numbers = (x: Tensor) => [...toArray(x) as Float32Array];

/** Planes of the prior: coverage, confidence, nearness and that it is given, each constant. */
interface Planes {
  readonly coverage: number;
  readonly confidence: number;
  readonly near: number;
  readonly given: number;
}

const covered: Planes = { coverage: 0.6, confidence: 0.2, near: 0.9, given: 1 };

/** Both clips of the fixture, and a prior whose latent is some waves. */
function told(
  planes: Planes = covered,
  change: Partial<IsaDitConditions> = {},
): IsaDitConditions {
  const parts = (["coverage", "confidence", "near", "given"] as const)
    .map((name) => full([B, 1, T, h, w], planes[name]));
  const prior = cat([waves(21, B, C, T, h, w), ...parts], 1);
  return { ...inputs().conditions, subjectGiven: tensor([1, 1]), prior, ...change };
}

interface Asked {
  readonly settings?: IsaDitConfig;
  readonly conditions?: () => IsaDitConditions;
  readonly noisy?: () => Tensor;
  readonly t?: () => Tensor;
  /** Whether the last layer says anything. */
  readonly silent?: boolean;
}

function flow(
  { settings = skip, conditions = told, noisy, t, silent = false }: Asked = {},
): number[] {
  using vars = Vars.root();
  const model = new IsaDit(vars, settings);
  fillByName(vars, 2);
  return scope(() =>
    noGrad(() => {
      if (silent) {
        for (const part of ["weight", "bias"]) fill_(vars.named().get(`proj_out.${part}`)!, 0);
      }
      const given = inputs();
      const encoded = model.encode(conditions());
      return numbers(model.forward(noisy?.() ?? given.noisy, t?.() ?? given.t, encoded));
    })
  );
}

/** s² at channel `c` under {@linkcode covered}. */
const varianceAt = (c: number) =>
  (0.01 + 0.1 * 0.9 + 0.8 * 0.6 + 1.2 * (0.6 - 0.2)) * ([1, 0.5][c] ?? 1);

/** Each element of [B, C, T, h, w] with its clip and channel. */
const places = Array.from({ length: B * C * T * h * w }, (_, i) => ({
  i,
  clip: Math.floor(i / (C * T * h * w)),
  channel: Math.floor(i / (T * h * w)) % C,
}));

Deno.test("skip: a silent network's flow leads to the mean of a Gaussian around the prior", () => {
  const before = liveTensors();
  const found = flow({ silent: true });
  scope(() => {
    const { noisy, t } = inputs();
    const [z, c, times] = [noisy, narrow(told().prior!, 1, 0, C), t].map(numbers);
    // The textbook way: mean of z₀ given z_t, and the flow to it.
    const expected = places.map(({ i, clip, channel }) => {
      const [time, s2] = [times[clip], varianceAt(channel)];
      const gain = s2 * (1 - time) / ((1 - time) ** 2 * s2 + time ** 2);
      const clean = c[i] + gain * (z[i] - (1 - time) * c[i]);
      return (z[i] - clean) / time;
    });
    assert.ok(largestDifference(found, expected) < 1e-5);
  });
  assert.equal(liveTensors(), before);
});

Deno.test("skip: one step from noise gives the prior's own latent where the network is silent", () => {
  const t = () => ones([B]);
  const noise = () => waves(5, B, C, T, h, w);
  const found = flow({ silent: true, t, noisy: noise });
  scope(() => {
    const clean = numbers(sub(noise(), tensor(found, { shape: [B, C, T, h, w] })));
    const prior = numbers(narrow(told().prior!, 1, 0, C));
    assert.ok(largestDifference(clean, prior) < 1e-6);
  });
});

Deno.test("skip: what the network says is that of one that reads the prior, asked at variance 1 and scaled", () => {
  const silent = flow({ silent: true });
  const all = flow();
  scope(() => {
    const { noisy, t } = inputs();
    const [z, c, times] = [noisy, narrow(told().prior!, 1, 0, C), t].map(numbers);
    const at = places.map(({ i, clip, channel }) => {
      const [time, s2] = [times[clip], varianceAt(channel)];
      const v = (1 - time) ** 2 * s2 + time ** 2;
      return {
        input: (z[i] - (1 - time) * c[i]) / Math.sqrt(v),
        scale: Math.sqrt(s2 / v),
      };
    });
    const input = () => tensor(at.map(({ input }) => input), { shape: [B, C, T, h, w] });
    const said = flow({ settings: condition, noisy: input });
    const expected = said.map((value, i) => silent[i] + at[i].scale * value);
    assert.ok(largestDifference(all, expected) < 1e-4);
  });
});

Deno.test("skip: clean latents have a flow, and times of latent frames are those of the clip", () => {
  const clean = flow({ t: () => zeros([B]) });
  assert.ok(clean.every(Number.isFinite));
  const each = () => tensor([[0.3, 0.3, 0.3], [0.8, 0.8, 0.8]]);
  assert.ok(largestDifference(flow({ t: each }), flow()) < 1e-5);
});

Deno.test("skip: without subject, or a prior, the background stands in its place", () => {
  const prior = () => zeros([B, C + 4, T, h, w]);
  const absent = () => told(covered, { prior: prior() });
  for (const settings of [condition, skip, near]) {
    const gone = () => told(covered, { subjectGiven: tensor([0, 0]) });
    const other = () => told({ ...covered, coverage: 0.1 }, { subjectGiven: tensor([0, 0]) });
    assert.deepEqual(flow({ settings, conditions: gone }), flow({ settings, conditions: other }));
  }
  const t = () => ones([B]);
  const silent = flow({ silent: true, t, conditions: absent });
  scope(() => {
    const clean = numbers(sub(inputs().noisy, tensor(silent, { shape: [B, C, T, h, w] })));
    const background = numbers(inputs().conditions.background);
    assert.ok(largestDifference(clean, background) < 1e-5);
  });
});

/** Nearness by place, [h, w], the same in all latent frames of both clips. */
function nearAt(of: (clip: number, y: number, x: number) => number): () => IsaDitConditions {
  return () => {
    const { prior, ...others } = told();
    const plane = tensor(
      Array.from(
        { length: B * T * h * w },
        (_, i) => of(Math.floor(i / (T * h * w)), Math.floor(i / w) % h, i % w),
      ),
      { shape: [B, 1, T, h, w] },
    );
    const [first, last] = [narrow(prior!, 1, 0, C + 2), narrow(prior!, 1, C + 3, 1)];
    return { ...others, prior: cat([first, plane, last], 1) };
  };
}

Deno.test("near tokens: where all are near it is the model of all tokens; elsewhere the prior's answer", () => {
  const before = liveTensors();
  assert.deepEqual(flow({ settings: near }), flow());
  const left = nearAt((_, __, x) => x < 2 ? 0.9 : 0.1);
  const found = flow({ settings: near, conditions: left });
  const silent = flow({ silent: true, conditions: left });
  const isLeft = (i: number) => i % w < 2;
  assert.deepEqual(
    found.filter((_, i) => !isLeft(i)),
    silent.filter((_, i) => !isLeft(i)),
  );
  const said = found.filter((value, i) => isLeft(i) && Math.abs(value - silent[i]) > 1e-3);
  assert.ok(said.length > 0.9 * found.filter((_, i) => isLeft(i)).length);
  assert.equal(liveTensors(), before);
});

Deno.test("near tokens: what lies far away does not reach them", () => {
  const left = nearAt((_, __, x) => x < 2 ? 0.9 : 0.1);
  const other = () => {
    const noisy = toArray(inputs().noisy) as Float32Array;
    return tensor(noisy.map((value, i) => i % w < 2 ? value : -value), { shape: [B, C, T, h, w] });
  };
  const [one, two] = [undefined, other].map((noisy) =>
    flow({ settings: near, conditions: left, noisy }).filter((_, i) => i % w < 2)
  );
  assert.deepEqual(two, one);
});

Deno.test("near tokens: clips of a batch have their own, filled up to as many", () => {
  const one = nearAt((clip, y, x) => (clip === 0 ? x < 2 : y < 2 && x >= 2) ? 0.9 : 0.1);
  const found = flow({ settings: near, conditions: one });
  const silent = flow({ silent: true, conditions: one });
  const changed = (clip: number) =>
    new Set(
      places.filter((at) => at.clip === clip && Math.abs(found[at.i] - silent[at.i]) > 1e-6)
        .map(({ i }) => `${Math.floor(i / w) % h},${i % w}`),
    );
  // Both have two tokens of 2×2 near; the prior's nearness ties beyond them.
  assert.ok([...changed(0)].every((place) => Number(place.split(",")[1]) < 2));
  assert.ok([...changed(1)].every((place) => {
    const [y, x] = place.split(",").map(Number);
    return y < 2 && x >= 2;
  }));
  assert.equal(changed(0).size, 8);
  assert.equal(changed(1).size, 8);
});

Deno.test("skip: SCD, swap attention and views beside it compute at first what it computes alone", () => {
  using plain = Vars.root();
  const model = new IsaDit(plain, skip);
  fillByName(plain);
  const options = { identity: "scd", temporal: "swap", views: "hard" } as const;
  const all = parseIsaDitConfig({ ...skip, ...options });
  using vars = Vars.root({ seed: 2 });
  const other = new IsaDit(vars, all);
  startFrom(vars, all, plain.named());
  scope(() =>
    noGrad(() => {
      const { noisy, t } = inputs();
      const before = toArray(model.forward(noisy, t, model.encode(told()))) as Float32Array;
      const encoded = other.encode(told());
      assert.deepEqual(toArray(other.forward(noisy, t, encoded)), before);
      const grid = gridFlow(other, unsqueeze(noisy, 0), unsqueeze(t, 0), encoded);
      assert.ok(largestDifference(toArray(grid) as Float32Array, before) < 1e-5);
    })
  );
});

Deno.test("near tokens: views and SCD work on them too", () => {
  const left = nearAt((_, __, x) => x < 2 ? 0.9 : 0.1);
  const settings = parseIsaDitConfig({ ...near, identity: "scd", views: "hard" });
  using vars = Vars.root();
  const model = new IsaDit(vars, settings);
  fillByName(vars, 2);
  const silent = flow({ silent: true, conditions: left });
  scope(() =>
    noGrad(() => {
      const { noisy, t } = inputs();
      const encoded = model.encode(left());
      const grid = numbers(gridFlow(model, unsqueeze(noisy, 0), unsqueeze(t, 0), encoded));
      const isFar = (_: number, i: number) => i % w >= 2;
      assert.deepEqual(grid.filter(isFar), silent.filter(isFar));
      assert.ok(largestDifference(grid, silent) > 1e-2);
    })
  );
});

Deno.test("startFrom: weights that knew no prior begin with the prior's answer, those that did go on", () => {
  using plain = Vars.root();
  new IsaDit(plain, isa);
  fillByName(plain);
  using vars = Vars.root();
  const model = new IsaDit(vars, skip);
  assert.deepEqual(startFrom(vars, skip, plain.named()), []);
  using again = Vars.root({ seed: 3 });
  new IsaDit(again, skip);
  fillByName(vars);
  assert.deepEqual(startFrom(again, skip, vars.named()), []);
  const last = (of: Vars) => numbers(of.named().get("proj_out.weight")!);
  assert.deepEqual(last(again), last(vars));
  startFrom(vars, skip, plain.named());
  scope(() =>
    noGrad(() => {
      const { noisy, t } = inputs();
      const found = numbers(model.forward(noisy, t, model.encode(told())));
      assert.deepEqual(found, flow({ silent: true }));
    })
  );
});

Deno.test("skip: what does not go together is named", () => {
  for (
    const [change, message] of [
      [{ skip: "prior" }, /add maps \["prior"\]/],
      [{ tokens: "near", maps: ["prior"] }, /needs skip "prior"/],
      [{ maps: ["prior"], skip: "prior", tokens: "near", temporal: "swap" }, /"swap"/],
    ] as const
  ) {
    assert.throws(
      () => parseIsaDitConfig({ ...isa, ...change }),
      (error) => error instanceof ConfigError && message.test(error.message),
    );
  }
});
