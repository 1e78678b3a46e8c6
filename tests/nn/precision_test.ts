import { deepEqual, equal } from "node:assert/strict";
import { Conv2d, Conv3d, Linear, Vars, withProducts } from "../../lib/nn/mod.ts";
import {
  autocast,
  copy_,
  cpuCast,
  type Device,
  empty,
  generator,
  liveTensors,
  multipliesBfloat16,
  noGrad,
  randn,
  rehearse,
  scope,
  toNumbers,
} from "../../lib/tensor/mod.ts";

/** A layer of each kind that multiplies, and the shape of what it is given. */
const layers = {
  Linear: { make: (vars: Vars) => new Linear(vars, 6, 5), shape: [3, 6] },
  Conv2d: { make: (vars: Vars) => new Conv2d(vars, 2, 3, { kernel: 3 }), shape: [1, 2, 5, 5] },
  Conv3d: { make: (vars: Vars) => new Conv3d(vars, 2, 3, { kernel: 3 }), shape: [1, 2, 4, 5, 5] },
} as const;

for (const [name, { make, shape }] of Object.entries(layers)) {
  Deno.test(`${name}: weights kept in bfloat16 give what float32 ones of the same values give, where nothing casts`, () => {
    const before = liveTensors();
    {
      using narrow = Vars.root({ seed: 3, products: "bfloat16" });
      using wide = Vars.root({ seed: 4 });
      const [layer, same] = [make(narrow), make(wide)];
      deepEqual([layer.weight.dtype, same.weight.dtype], ["bfloat16", "float32"]);
      noGrad(() => {
        for (const [key, value] of wide.named()) copy_(value, narrow.named().get(key)!);
        scope(() => {
          using random = generator(5, "cpu");
          const x = randn([...shape], { generator: random });
          const given = layer.forward(x);
          equal(given.dtype, "float32");
          deepEqual(toNumbers(given), toNumbers(same.forward(x)));
          equal(autocast({ dtype: "bfloat16" }, () => layer.forward(x)).dtype, "bfloat16");
        });
      });
    }
    equal(liveTensors(), before);
  });

  Deno.test(`${name}: weights kept in bfloat16 widen on meta as on the device that it stands for`, () => {
    using vars = Vars.root({ device: "meta", products: "bfloat16" });
    const layer = make(vars);
    scope(() => {
      const run = () => layer.forward(empty([...shape], { device: "meta" })).dtype;
      const asked = (place: Device) =>
        rehearse(place, () => withProducts({ device: "meta", dtype: "bfloat16" }, run));
      equal(run(), "float32");
      equal(asked("cuda"), "bfloat16");
      equal(asked("cpu"), multipliesBfloat16() ? "bfloat16" : "float32");
    });
  });
}

Deno.test("withProducts: bfloat16 on a processor that multiplies it, float32 on others and where asked", () => {
  const castIn = (dtype: "float32" | "bfloat16") => withProducts({ device: "cpu", dtype }, cpuCast);
  equal(castIn("float32"), undefined);
  equal(castIn("bfloat16"), multipliesBfloat16() ? "bfloat16" : undefined);
  equal(cpuCast(), undefined);
});
