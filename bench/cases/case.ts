/** What all cases share: how they are described, and the files through which both sides get the same. */

import { join } from "node:path";
import { readSafetensors, writeSafetensors } from "../../lib/io/mod.ts";
import { openState } from "../../lib/models/state/mod.ts";
import type { StateRecord, Vars } from "../../lib/nn/mod.ts";
import {
  add_,
  fromBytes,
  type Generator,
  mul,
  noGrad,
  randn,
  scope,
  type Tensor,
  toBytes,
} from "../../lib/tensor/mod.ts";
import type { Runs } from "../support/protocol.ts";

/** Something that is measured. */
export interface BenchCase {
  readonly name: string;
  /** One line for the table. */
  readonly summary: string;
  /** Largest allowed difference of the outputs, relative to the largest value. */
  readonly tolerance: number;
  /** Operator calls of a run, where the time of one is asked. */
  readonly calls?: number;
  /** Writes `spec.json`, `inputs.safetensors` and weights for all sides; `tiny` for a quick test. */
  make(folder: string, tiny: boolean): Promise<void>;
  /** Loads what `make` wrote. */
  load(folder: string): Promise<Loaded>;
}

/** A case in memory. */
export interface Loaded {
  /** Runs whenever asked. */
  serve(runs: Runs): void | Promise<void>;
  /** What the last run gave. */
  output(): Tensor;
}

/** A case whose run gives one tensor. */
export function repeated(run: () => Tensor | Promise<Tensor>): Loaded {
  let result: Tensor | undefined;
  return {
    async serve(runs) {
      while (runs.next()) {
        result?.dispose();
        const started = performance.now();
        const made = run();
        // An await costs a turn of the event loop, which a synchronous run has no need of.
        result = made instanceof Promise ? await made : made;
        runs.done(performance.now() - started);
      }
    },
    output: () => result!,
  };
}

/** Writes what a side needs to know besides tensors. */
export async function writeSpec(folder: string, spec: object): Promise<void> {
  await Deno.writeTextFile(join(folder, "spec.json"), JSON.stringify(spec));
}

/** Reads what {@link writeSpec} wrote. */
export async function readSpec<T>(folder: string): Promise<T> {
  return JSON.parse(await Deno.readTextFile(join(folder, "spec.json")));
}

/** Writes the inputs of a run and frees them. */
export async function writeInputs(
  folder: string,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<void> {
  const records = Object.entries(inputs).map(([name, tensor]) => [name, recordOf(tensor)] as const);
  await writeSafetensors(join(folder, "inputs.safetensors"), new Map(records));
  for (const tensor of Object.values(inputs)) tensor.dispose();
}

/** Reads the inputs of a run. */
export async function readInputs(folder: string): Promise<Record<string, Tensor>> {
  const { tensors } = await readSafetensors(join(folder, "inputs.safetensors"));
  return Object.fromEntries(
    [...tensors].map((
      [name, { bytes, shape, dtype }],
    ) => [name, fromBytes(bytes, { shape, dtype })]),
  );
}

/** Writes all variables of a model. */
export async function writeWeights(
  folder: string,
  vars: Vars,
  name = "weights.safetensors",
): Promise<void> {
  await writeSafetensors(join(folder, name), vars.save());
}

/** Fills a model from what {@link writeWeights} wrote. */
export async function readWeights(
  folder: string,
  vars: Vars,
  name = "weights.safetensors",
): Promise<void> {
  vars.load((await openState(join(folder, name))).tensors);
}

function recordOf(tensor: Tensor): StateRecord {
  return { dtype: tensor.dtype, shape: tensor.shape, bytes: toBytes(tensor) };
}

/** Adds a little noise to every variable, so that gates and heads that begin at zero let through. */
export function openGates(vars: Vars, generator: Generator): void {
  noGrad(() =>
    scope(() => {
      for (const variable of vars.named().values()) {
        add_(variable, mul(randn([...variable.shape], { generator }), 0.02));
      }
    })
  );
}
