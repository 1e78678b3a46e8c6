/** isa4d's own operators against the graphs that they stand for, on float64's side where that decides. */

import { deepStrictEqual as deepEqual, ok, strictEqual as equal, throws } from "node:assert";
import { NativeError } from "../../lib/errors.ts";
import {
  applyRotary,
  attend,
  gatedSum,
  LayerNorm,
  Rotary1d,
  unfused,
  Vars,
} from "../../lib/nn/mod.ts";
import { activate } from "../../lib/nn/activation.ts";
import {
  addGated,
  autocast,
  type DType,
  generator,
  grad,
  liveTensors,
  mul,
  noGrad,
  normModulate,
  onCall,
  permute,
  randn,
  reshape,
  scope,
  select,
  sum,
  type Tensor,
  tensor,
  to,
  toNumbers,
} from "../../lib/tensor/mod.ts";

type Body = (inputs: readonly Tensor[]) => Tensor;

interface Chain {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  readonly body: Body;
  /** The operator that must have run. */
  readonly op: string;
  /** Inputs that stay float32 where the others are narrow. */
  readonly wide?: readonly number[];
}

using vars = Vars.root();
const norms = new Map<number, LayerNorm>();
const normOf = (width: number): LayerNorm => {
  const known = norms.get(width) ??
    new LayerNorm(vars.sub(width), width, { affine: false, eps: 1e-6 });
  norms.set(width, known);
  return known;
};

const modulated: Body = ([x, shift, scale]) =>
  normOf(x.shape.at(-1)!).modulated(x, { shift, scale });
const sumOf: Body = ([x, gate, branch]) => gatedSum(x, gate, branch);

function rotated(length: number, width: number): Body {
  return ([x]) => {
    const { cos, sin } = new Rotary1d(width).table(length);
    const table = { cos: to(cos, { dtype: wideOf(x) }), sin: to(sin, { dtype: wideOf(x) }) };
    return applyRotary(x, table);
  };
}

const wideOf = (x: Tensor): DType => x.dtype === "float64" ? "float64" : "float32";

const chains: readonly Chain[] = [
  ...[[2, 3, 5, 48], [1, 2, 7, 17], [2, 1, 1, 192], [3, 2, 4, 8]].flatMap(([B, T, L, D]) => [
    ...[[B, 1, 1, D], [B, T, 1, D], [1, 1, 1, D], [B, T, L, D]].flatMap((part) => [
      {
        name: `norm of [${[B, T, L, D]}] modulated by [${part}]`,
        shapes: [[B, T, L, D], part, part],
        body: modulated,
        op: "isa4d::norm_modulate",
        wide: [1],
      },
      {
        name: `[${[B, T, L, D]}] plus a branch gated by [${part}]`,
        shapes: [[B, T, L, D], part, [B, T, L, D]],
        body: sumOf,
        op: "isa4d::add_gated",
      },
    ]),
  ]),
  {
    name: "tokens whose heads lie inside, norm",
    shapes: [[2, 5, 3, 32], [2, 1, 1, 32], [2, 1, 1, 32]],
    body: ([x, ...rest]) => modulated([permute(x, [0, 2, 1, 3]), ...rest]),
    op: "isa4d::norm_modulate",
  },
  {
    name: "modulations that are rows of one projection",
    shapes: [[2, 3, 5, 32], [2, 3, 1, 32]],
    body: ([x, rows]) => {
      const row = (i: number) => reshape(select(rows, 1, i), [2, 1, 1, 32]);
      return gatedSum(x, row(2), modulated([x, row(0), row(1)]));
    },
    op: "isa4d::norm_modulate",
  },
  ...[1, 16, 31, 200].map((size) => ({
    name: `GELU of ${size}`,
    shapes: [[2, size]],
    body: (([x]) => activate(mul(x, 4), "gelu_tanh")) as Body,
    op: "isa4d::gelu_tanh",
  })),
  ...[[2, 3, 5, 32], [1, 2, 4, 6], [3, 1, 2, 64]].flatMap(([B, N, L, H]) => [
    {
      name: `heads [${[B, N, L, H]}] turned`,
      shapes: [[B, N, L, H]],
      body: rotated(L, H),
      op: "isa4d::rotary",
    },
    {
      name: `heads [${[B, N, L, H]}] turned, that lie inside their tokens`,
      shapes: [[B, L, N, H]],
      body: (([x]) => rotated(L, H)([permute(x, [0, 2, 1, 3])])) as Body,
      op: "isa4d::rotary",
    },
  ]),
  ...[[1, 2, 5, 7, 32], [2, 3, 20, 20, 32], [1, 1, 33, 384, 32], [2, 2, 70, 9, 24], [
    1,
    2,
    3,
    17,
    64,
  ]]
    .flatMap(([B, N, L, S, H]) => [
      {
        name: `attention of ${B}·${N} heads of ${H}, ${L} to ${S}`,
        shapes: [[B, N, L, H], [B, N, S, H], [B, N, S, H]],
        body: (([q, k, v]) => attend(q, k, v)) as Body,
        op: "isa4d::attention",
      },
      {
        name: `attention of ${B}·${N} heads of ${H}, ${L} to ${S}, masked, heads inside`,
        shapes: [[B, L, N, H], [B, S, N, H], [B, S, N, H]],
        body: (([q, k, v]) => {
          const inside = (x: Tensor) => permute(x, [0, 2, 1, 3]);
          return attend(inside(q), inside(k), inside(v), { mask: hiding(q, B, S) });
        }) as Body,
        op: "isa4d::attention",
      },
    ]),
];

/** Every third key is hidden, but for the last of each. */
function hiding(q: Tensor, B: number, S: number): Tensor {
  const values = Array.from({ length: B * S }, (_, i) => i % 3 === 0 && i % S < S - 1 ? -1e9 : 0);
  return tensor(values, { shape: [B, 1, 1, S], dtype: wideOf(q) });
}

/** The result and all gradients, weighted by a tensor that no symmetry hides anything from. */
function results(
  { shapes, body, wide = [] }: Chain,
  dtype: DType,
  given: DType = dtype,
): readonly number[][] {
  return scope(() => {
    using random = generator(7, "cpu");
    const inputs = shapes.map((shape, i) => {
      // The values are those of the narrow run, whatever the dtype that they are worked on in.
      const kept = wide.includes(i) && given === "bfloat16" ? "float32" : given;
      const value = to(randn([...shape], { generator: random }), { dtype: kept });
      const at = dtype === "bfloat16" && wide.includes(i) ? "float32" : dtype;
      return to(value, { dtype: at }).setRequiresGrad(true);
    });
    const result = body(inputs);
    const weights = to(randn([...result.shape], { generator: random }), { dtype: result.dtype });
    const grads = grad([sum(mul(result, weights))], inputs);
    return [result, ...grads].map((tensor) => toNumbers(to(tensor!, { dtype: "float64" })));
  });
}

function near(got: readonly number[][], wanted: readonly number[][], within: number): void {
  got.forEach((values, i) => {
    const largest = Math.max(1, ...wanted[i].map(Math.abs));
    values.forEach((value, j) => {
      const off = Math.abs(value - wanted[i][j]) / largest;
      ok(off <= within, `result ${i}, value ${j}: ${value}, expected ${wanted[i][j]}`);
    });
  });
}

for (const chain of chains) {
  Deno.test(`${chain.name}: as float64's plain operators say, gradients too`, () => {
    const seen: string[] = [];
    const fused = onCall(({ op }) => seen.push(op), () => results(chain, "float32"));
    ok(seen.includes(chain.op), `no ${chain.op} among ${seen}`);
    near(fused, results(chain, "float64", "float32"), 1e-5);
    const narrow = results(chain, "bfloat16");
    near(narrow, results(chain, "float64", "bfloat16"), 2e-2);
  });
}

Deno.test("Fused chains: what no operator of isa4d's own takes runs on libtorch's", () => {
  const seen: string[] = [];
  const chain = chains[0];
  onCall(({ op }) => seen.push(op), () => results(chain, "float64"));
  onCall(({ op }) => seen.push(op), () => unfused(() => results(chain, "float32")));
  const cross = { ...chain, shapes: [[2, 3, 5, 48], [1, 3, 1, 48], [1, 3, 1, 48]] };
  near(
    onCall(({ op }) => seen.push(op), () => results(cross, "float32")),
    results(cross, "float64", "float32"),
    1e-5,
  );
  equal(seen.filter((op) => op.startsWith("isa4d::")).join(), "");
});

Deno.test("Fused chains: within autocast a modulated norm has the dtype of products, also on meta", () => {
  scope(() => {
    for (const device of ["cpu", "meta"] as const) {
      const x = randn([2, 3, 5, 16], { device });
      const part = randn([2, 1, 1, 16], { device });
      const result = noGrad(() => autocast({ device }, () => modulated([x, part, part])));
      equal(result.dtype, "bfloat16");
      deepEqual(result.shape, x.shape);
      equal(modulated([x, part, part]).dtype, "float32");
    }
  });
});

Deno.test("Fused chains: sizes that do not fit are named", () => {
  scope(() => {
    const x = randn([2, 3, 4]);
    const part = randn([3, 1, 4]);
    throws(
      () => normModulate(x, { shift: part, scale: part, eps: 1e-6 }),
      (error) => error instanceof NativeError && /\[3, 1, 4\].*\[2, 3, 4\]/.test(error.message),
    );
    throws(() => addGated(x, part, x), NativeError);
  });
});

Deno.test("Fused chains: nothing is left behind", () => {
  const before = liveTensors();
  for (const chain of chains) results(chain, "float32");
  equal(liveTensors(), before);
});
