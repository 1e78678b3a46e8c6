import { deepEqual, equal, notDeepEqual } from "node:assert/strict";
import { IsaDit } from "../../../lib/models/isa_dit/mod.ts";
import { Vars } from "../../../lib/nn/mod.ts";
import { GuidedFlow } from "../../../lib/pipelines/sampling/guided_flow.ts";
import { liveTensors, scope, type Tensor, toNumbers } from "../../../lib/tensor/mod.ts";
import { config, fillByName, inputs } from "../../support/isa_dit_formula.ts";

/** Flow times: within the interval of guidance, and outside. */
const [GUIDED, PLAIN] = [0.5, 0.05];

/** What `ask` gets out of a flow that was prepared for `times`. */
function asked(times: readonly number[], ask: (flow: GuidedFlow, x: Tensor) => Tensor[]) {
  using vars = Vars.root();
  const model = new IsaDit(vars, { ...config, identity: "scd" });
  fillByName(vars);
  return scope(() => {
    const { noisy, conditions } = inputs();
    using flow = new GuidedFlow(model, conditions, { cfgScale: 3, cfgInterval: [0.2, 0.8] });
    flow.prepare(times);
    return ask(flow, noisy).map(toNumbers);
  });
}

Deno.test("GuidedFlow: asked again and again it answers alike, prepared or not, in scopes or not", () => {
  const before = liveTensors();
  for (const t of [GUIDED, PLAIN]) {
    const [once] = asked([t], (flow, x) => [flow.at(x, t)]);
    for (const times of [[], [GUIDED, PLAIN]]) {
      const answers = asked(times, (flow, x) => [
        ...[1, 2].map(() => scope(() => flow.at(x, t))),
        flow.at(x, t),
      ]);
      deepEqual(answers, [once, once, once]);
    }
  }
  const [guided, plain] = asked([], (flow, x) => [flow.at(x, GUIDED), flow.at(x, PLAIN)]);
  notDeepEqual(guided, plain);
  equal(liveTensors(), before);
});
