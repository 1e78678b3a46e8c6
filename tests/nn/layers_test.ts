import { deepEqual, equal } from "node:assert/strict";
import {
  Conv2d,
  Conv3d,
  cropPositions,
  LayerNorm,
  Linear,
  sincosPositions2d,
  Vars,
} from "../../lib/nn/mod.ts";
import {
  autocast,
  cudaAvailable,
  type Device,
  type DType,
  empty,
  generator,
  grad,
  liveTensors,
  noGrad,
  randn,
  scope,
  sum,
  type Tensor,
  to,
} from "../../lib/tensor/mod.ts";
import { assertClose, loadFixture } from "../support/fixtures.ts";
import { type LayerCase, layerCases } from "./cases.ts";

const fixture = await loadFixture("nn/layers.safetensors");

/** Entries of a case below `part`, by the rest of their name. */
function part(name: string, part: string): Map<string, Tensor> {
  const start = `${name}/${part}.`;
  return new Map(
    [...fixture].filter(([key]) => key.startsWith(start)).map((
      [key, value],
    ) => [key.slice(start.length), value]),
  );
}

interface Where {
  readonly device?: Device;
  readonly dtype?: DType;
}

function isFloating(x: Tensor): boolean {
  return x.dtype === "float32";
}

/** The case's layer with the fixture's weights, and its inputs, moved to a device and type. */
function prepare(vars: Vars, name: string, layer: LayerCase, where: Where) {
  const forward = layer.build(vars);
  if (vars.device !== "meta") vars.load(part(name, "var"));
  const inputs = Object.fromEntries(
    [...part(name, "in")].map(([key, value]) => [
      key,
      to(value, isFloating(value) ? where : { device: where.device }),
    ]),
  );
  return { inputs, run: () => forward(inputs) };
}

function expected(name: string): Tensor {
  return fixture.get(`${name}/out`)!;
}

function compare(where: Where, tolerance: number): void {
  for (const [name, layer] of Object.entries(layerCases)) {
    if (layer.float32Only && where.dtype === "bfloat16") continue;
    using vars = Vars.root(where);
    scope(() => {
      const { run } = prepare(vars, name, layer, where);
      assertClose(noGrad(run), expected(name), tolerance, name);
    });
  }
}

Deno.test("layers: float32 results are PyTorch's", () => compare({}, 1e-5));

Deno.test("layers: bfloat16 results are near PyTorch's", () =>
  compare({ dtype: "bfloat16" }, 2e-2));

Deno.test("layers: results on a GPU are PyTorch's", { ignore: !cudaAvailable() }, () => {
  // TF32 is off by default for matrix products but not for cuDNN's convolutions.
  compare({ device: "cuda" }, 1e-3);
  compare({ device: "cuda", dtype: "bfloat16" }, 2e-2);
});

function compareGradients(where: Where, tolerance: number, mixed = false): void {
  for (const [name, layer] of Object.entries(layerCases)) {
    const seed = fixture.get(`${name}/seed`);
    if (!seed) continue;
    using vars = Vars.root(where);
    scope(() => {
      const { inputs, run } = prepare(vars, name, layer, where);
      const wanted = new Map([...Object.entries(inputs), ...vars.parameters()]);
      for (const input of Object.values(inputs)) if (isFloating(input)) input.setRequiresGrad(true);
      const names = [...part(name, "grad").keys()];
      const result = mixed ? autocast({ device: where.device, dtype: "bfloat16" }, run) : run();
      const grads = grad([result], names.map((key) => wanted.get(key)!), {
        gradOutputs: [to(seed, { device: where.device, dtype: result.dtype })],
      });
      names.forEach((key, i) =>
        assertClose(grads[i]!, fixture.get(`${name}/grad.${key}`)!, tolerance, `${name} ${key}`)
      );
    });
  }
}

Deno.test("layers: gradients of inputs and variables are PyTorch's", () => {
  compareGradients({}, 1e-5);
});

Deno.test("layers: gradients under autocast to bfloat16 stay near PyTorch's", () => {
  compareGradients({}, 2e-2, true);
});

Deno.test("layers: gradients on a GPU are PyTorch's", { ignore: !cudaAvailable() }, () => {
  compareGradients({ device: "cuda" }, 1e-3);
});

Deno.test("layers: under autocast to bfloat16 results stay near PyTorch's", () => {
  for (const [name, layer] of Object.entries(layerCases)) {
    using vars = Vars.root();
    scope(() => {
      const { run } = prepare(vars, name, layer, {});
      const result = noGrad(() => autocast({ device: "cpu", dtype: "bfloat16" }, run));
      assertClose(result, expected(name), layer.float32Only ? 1e-5 : 2e-2, name);
    });
  }
});

Deno.test("layers: on the meta device shapes alone are computed", () => {
  for (const [name, layer] of Object.entries(layerCases)) {
    using vars = Vars.root({ device: "meta" });
    scope(() => {
      const result = prepare(vars, name, layer, { device: "meta" }).run();
      equal(result.device, "meta");
      deepEqual([...result.shape], [...expected(name).shape], name);
    });
  }
});

Deno.test("layers: on the meta device autocast narrows products, and norms keep their input's type", () => {
  using vars = Vars.root({ device: "meta" });
  const linear = new Linear(vars.sub("linear"), 4, 6);
  const conv = new Conv2d(vars.sub("conv"), 4, 6, { kernel: 3 });
  const norm = new LayerNorm(vars.sub("norm"), 6);
  scope(() => {
    const x = empty([2, 4], { device: "meta" });
    equal(linear.forward(x).dtype, "float32");
    autocast({ device: "meta", dtype: "bfloat16" }, () => {
      const narrow = linear.forward(x);
      deepEqual([narrow.dtype, norm.forward(narrow).dtype], ["bfloat16", "bfloat16"]);
      equal(conv.forward(empty([1, 4, 5, 5], { device: "meta" })).dtype, "bfloat16");
    });
    equal(linear.forward(x).dtype, "float32");
  });
});

Deno.test("layers: a forward pass leaves one live tensor, its result", () => {
  for (const [name, layer] of Object.entries(layerCases)) {
    if (name === "attention_rotary" || name === "rotary") continue; // Their case makes a table.
    const before = liveTensors();
    {
      using vars = Vars.root();
      scope(() => {
        const { run } = prepare(vars, name, layer, {});
        const ready = liveTensors();
        using _result = run();
        equal(liveTensors(), ready + 1, name);
      });
    }
    equal(liveTensors(), before, name);
  }
});

Deno.test("sincosPositions2d: the table and its crop are diffusers'", () => {
  using table = sincosPositions2d(16, 6, { baseSize: 4 });
  assertClose(table, expected("positions"), 1e-6);
  using middle = cropPositions(table, { gridSize: 6, height: 3, width: 4 });
  assertClose(middle, expected("positions_cropped"), 1e-6);
});

Deno.test("Conv3d: in bfloat16 the weight's gradient is that of float32, however short the clip", () => {
  scope(() => {
    using vars = Vars.root({ seed: 1 });
    using random = generator(2, "cpu");
    const layer = new Conv3d(vars, 16, 16, { kernel: 3, padding: 1 });
    for (const frames of [1, 2, 3]) {
      const x = randn([2, 16, frames, 8, 8], { generator: random });
      const gradient = (dtype: DType) =>
        grad([sum(autocast({ dtype }, () => layer.forward(x)))], [layer.weight])[0]!;
      const [exact, narrow] = [gradient("float32"), gradient("bfloat16")];
      assertClose(narrow, exact, 0.02);
    }
  });
});
