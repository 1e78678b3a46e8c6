import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { Linear, type LoraOptions, type LoraParts, mergeLora, Vars } from "../../lib/nn/mod.ts";
import {
  clone,
  copy_,
  generator,
  liveTensors,
  noGrad,
  randn,
  scope,
  type Tensor,
  toArray,
} from "../../lib/tensor/mod.ts";

function noise(shape: readonly number[], seed: number): Tensor {
  using random = generator(seed, "cpu");
  return randn([...shape], { generator: random });
}

function values(x: Tensor): number[] {
  return [...toArray(x) as Float32Array];
}

/** The trained parts, as a file would hold them. */
function partsOf({ vars, rank, alpha }: LoraOptions): LoraParts {
  const tensors = new Map(
    [...vars.named()].map(([name, tensor]) => [
      name,
      { shape: tensor.shape, open: () => clone(tensor) },
    ]),
  );
  return { tensors, rank, alpha };
}

Deno.test("LoRA: fresh parts change nothing; trained ones, merged into the weights, do the same", () => {
  const before = liveTensors();
  using parts = Vars.root({ seed: 3 });
  const lora = { vars: parts, rank: 2, alpha: 4, targets: (path: string) => path.endsWith("to_q") };
  using plain = Vars.root({ seed: 1 });
  using adapted = Vars.root({ seed: 1, lora });
  const make = (vars: Vars) =>
    ["to_q", "other"].map((name) => new Linear(vars.sub(name), 6, 5, { bias: name === "other" }));
  const [plainQ] = make(plain);
  const [adaptedQ] = make(adapted);
  deepEqual([...adapted.named().keys()], [...plain.named().keys()]);
  deepEqual([...parts.named().keys()], ["to_q.lora_A.weight", "to_q.lora_B.weight"]);
  scope(() =>
    noGrad(() => {
      const x = noise([3, 6], 5);
      deepEqual(values(adaptedQ.forward(x)), values(plainQ.forward(x)));
      copy_(parts.named().get("to_q.lora_B.weight")!, noise([5, 2], 6));
      const wanted = values(adaptedQ.forward(x));
      equal(mergeLora(plain, partsOf(lora)), 1);
      for (const [i, value] of values(plainQ.forward(x)).entries()) {
        ok(Math.abs(value - wanted[i]) < 1e-5, `${value}, not ${wanted[i]}`);
      }
      // Half back, half back again: as it was.
      mergeLora(plain, partsOf(lora), -0.5);
      mergeLora(plain, partsOf(lora), -0.5);
      using fresh = Vars.root({ seed: 1 });
      const [freshQ] = make(fresh);
      for (const [i, value] of values(plainQ.forward(x)).entries()) {
        ok(Math.abs(value - values(freshQ.forward(x))[i]) < 1e-5);
      }
    })
  );
  for (const vars of [parts, plain, adapted]) vars.dispose();
  equal(liveTensors(), before);
});

Deno.test("mergeLora: parts of another model are named and change nothing", () => {
  using parts = Vars.root();
  const lora = { vars: parts, rank: 2, alpha: 2, targets: () => true };
  using other = Vars.root({ lora });
  new Linear(other.sub("far"), 4, 4);
  using vars = Vars.root();
  new Linear(vars.sub("near"), 4, 4);
  throws(() => mergeLora(vars, partsOf(lora)), /LoRA: the model has no linear map "far"/);
  using wide = Vars.root();
  new Linear(wide.sub("far"), 6, 4);
  throws(
    () => mergeLora(wide, partsOf(lora)),
    /"far" adds \[4,2\] × \[2,4\] to a weight of \[4,6\]/,
  );
  const { tensors } = partsOf(lora);
  const alone = new Map([...tensors].slice(0, 1));
  throws(() => mergeLora(other, { ...lora, tensors: alone }), /only one of lora_A and lora_B/);
});
