import assert from "node:assert/strict";
import { IsaDit, parseIsaDitConfig, startFrom } from "../../../lib/models/isa_dit/mod.ts";
import { type StateRecord, Vars } from "../../../lib/nn/mod.ts";
import { config } from "../../support/isa_dit_formula.ts";

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
