/** What an operator call costs, where the operator itself has next to nothing to do. */

import {
  add,
  type Generator,
  generator,
  linear,
  noGrad,
  randn,
  reshape,
  type Tensor,
} from "../../lib/tensor/mod.ts";
import { type BenchCase, readInputs, readSpec, repeated, writeInputs, writeSpec } from "./case.ts";

interface CallSpec {
  readonly kind: "calls";
  readonly op: "add" | "view" | "linear";
  readonly count: number;
}

type Inputs = Readonly<Record<"x" | "y" | "row", Tensor>>;

const bodies: Record<CallSpec["op"], (inputs: Inputs) => Tensor> = {
  add: ({ x }) => add(x, x),
  view: ({ y }) => reshape(y, [2, 2, 4]),
  linear: ({ row, y }) => linear(row, y),
};

const CALLS = 20_000;

function callCase(op: CallSpec["op"], summary: string): BenchCase {
  return {
    name: `call-${op}`,
    summary,
    tolerance: 1e-6,
    calls: CALLS,
    async make(folder) {
      using random: Generator = generator(1, "cpu");
      const draw = (...shape: number[]): Tensor => randn(shape, { generator: random });
      await writeSpec(folder, { kind: "calls", op, count: CALLS } satisfies CallSpec);
      await writeInputs(folder, { x: draw(2, 2), y: draw(4, 4), row: draw(1, 4) });
    },
    async load(folder) {
      const { count } = await readSpec<CallSpec>(folder);
      const inputs = await readInputs(folder) as unknown as Inputs;
      const body = bodies[op];
      return repeated(() =>
        noGrad(() => {
          let last = body(inputs);
          for (let i = 1; i < count; i++) {
            last.dispose();
            last = body(inputs);
          }
          return last;
        })
      );
    },
  };
}

/** Operator calls. */
export const callCases: readonly BenchCase[] = [
  callCase("add", "add of 2×2, one call"),
  callCase("view", "reshape of 4×4 to 2×2×4, one call"),
  callCase("linear", "linear of 1×4 by 4×4, one call"),
];
