import assert from "node:assert/strict";
import { gridFlow, IsaDit, parseIsaDitConfig, startFrom } from "../../../lib/models/isa_dit/mod.ts";
import { type StateRecord, Vars } from "../../../lib/nn/mod.ts";
import { noGrad, scope, toArray, unsqueeze } from "../../../lib/tensor/mod.ts";
import { config, fillByName, inputs, largestDifference } from "../../support/isa_dit_formula.ts";

/** Variables of a model with both systems, of a plain one's `state` as `change` leaves it. */
function started(change: (state: Map<string, StateRecord>) => void): readonly string[] {
  using plain = Vars.root({ seed: 1 });
  new IsaDit(plain, config);
  const state = plain.save();
  change(state);
  const both = parseIsaDitConfig({ ...config, identity: "scd", temporal: "swap" });
  using vars = Vars.root({ seed: 2 });
  new IsaDit(vars, both);
  return startFrom(vars, both, state);
}

Deno.test("startFrom: what the config adds begins fresh, all else is taken over", () => {
  const fresh = started(() => {});
  assert.ok(fresh.includes("reference_blocks.1.gate") && fresh.includes("swap_modulation.weight"));
  for (const name of fresh) assert.match(name, /^(reference_embed|reference_blocks|swap_)/);
});

Deno.test("startFrom: other missing keys, unexpected ones and wrong shapes are errors that name them", () => {
  assert.throws(
    () => started((state) => state.delete("proj_out.bias")),
    /missing \(proj_out\.bias\)/,
  );
  assert.throws(
    () => started((state) => state.set("view_blocks.0.x", state.get("proj_out.bias")!)),
    /unexpected \(view_blocks\.0\.x\)/,
  );
  assert.throws(
    () => started((state) => state.set("swap_modulation.bias", state.get("proj_out.bias")!)),
    /another shape \(swap_modulation\.bias/,
  );
});

Deno.test("ISA-DiT's options go together: fresh beside a plain model's weights they compute what it computes", () => {
  using plain = Vars.root();
  const model = new IsaDit(plain, config);
  fillByName(plain);
  const options = { identity: "scd", temporal: "swap", views: "hard" } as const;
  const all = parseIsaDitConfig({ ...config, ...options });
  using vars = Vars.root({ seed: 2 });
  const other = new IsaDit(vars, all);
  startFrom(vars, all, plain.named());
  scope(() =>
    noGrad(() => {
      const { noisy, t, conditions } = inputs();
      const before = toArray(model.forward(noisy, t, model.encode(conditions)));
      const encoded = other.encode(conditions);
      assert.deepEqual(toArray(other.forward(noisy, t, encoded)), before);
      // Both samples as two views of one scene.
      const grid = gridFlow(other, unsqueeze(noisy, 0), unsqueeze(t, 0), encoded);
      assert.ok(largestDifference(toArray(grid) as Float32Array, before as Float32Array) < 1e-5);
    })
  );
});
