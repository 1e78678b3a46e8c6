/** One case: equal outputs first, then times side by side, then memory in fresh processes. */

import { join } from "node:path";
import { InputError } from "../../lib/errors.ts";
import type { BenchCase } from "../cases/mod.ts";
import { Side, type SideName } from "./side.ts";
import { largestDifference } from "./statistics.ts";

/** How a measurement is made. */
export interface MeasureOptions {
  /** Rounds, in each of which every side runs once. */
  readonly runs: number;
  readonly threads: number;
  readonly tiny: boolean;
  /** Whether memory is measured too, in processes of its own. */
  readonly memory: boolean;
  /** Beside isa4d. */
  readonly others: readonly SideName[];
}

/** What was measured on one side. */
export interface SideResult {
  readonly side: SideName;
  /** Milliseconds, one a round. */
  readonly ms: readonly number[];
  /** Largest difference to isa4d's output, relative to the largest value. */
  readonly difference: number;
  /** Bytes of the process at the most while it ran, and how many of them the runs added. */
  readonly memory?: { readonly peak: number; readonly added: number };
}

/** Runs before anything is measured. */
const WARM_UP = 3;

/** Measures a case. Throws InputError where a side computes something else. */
export async function measure(
  benchCase: BenchCase,
  options: MeasureOptions,
): Promise<SideResult[]> {
  const folder = await Deno.makeTempDir({ prefix: "isa4d-bench-" });
  try {
    const maker = Side.start("isa4d", options);
    await maker.ask({ do: "make", case: benchCase.name, folder, tiny: options.tiny });
    await maker.close();
    const times = await sideBySide(benchCase, folder, options);
    const results: SideResult[] = [];
    for (const result of times) {
      // The compiler's own memory would hide that of what it compiled.
      if (result.side === "compile" || !options.memory) results.push(result);
      else {
        const memory = await memoryOf(benchCase, { folder, side: result.side, ...options });
        results.push({ ...result, memory });
      }
    }
    return results;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function sideBySide(
  benchCase: BenchCase,
  folder: string,
  options: MeasureOptions,
): Promise<SideResult[]> {
  const sides: Side[] = [];
  try {
    for (const name of ["isa4d", ...options.others] as const) {
      sides.push(await loaded(benchCase, { folder, side: name, ...options }));
    }
    const differences = await compare(benchCase, folder, sides);
    const ms = new Map(sides.map((side) => [side, [] as number[]]));
    for (let round = 0; round < options.runs; round++) {
      // Whoever ran before leaves caches and clock speed behind: each side follows each.
      for (let i = 0; i < sides.length; i++) {
        const side = sides[(round + i) % sides.length];
        ms.get(side)!.push(Number((await side.ask({ do: "run" })).ms));
      }
    }
    return sides.map((side, i) => ({
      side: side.name,
      ms: ms.get(side)!,
      difference: differences[i],
    }));
  } finally {
    for (const side of sides) await side.close();
  }
}

interface LoadOptions {
  readonly folder: string;
  readonly side: SideName;
  readonly threads: number;
}

async function loaded(benchCase: BenchCase, options: LoadOptions): Promise<Side> {
  const { folder, side: name } = options;
  const side = Side.start(name, options);
  try {
    await side.ask({ do: "load", case: benchCase.name, folder, compile: name === "compile" });
    for (let i = 0; i < WARM_UP; i++) await side.ask({ do: "run" });
    return side;
  } catch (error) {
    await side.close();
    throw error;
  }
}

async function compare(
  benchCase: BenchCase,
  folder: string,
  sides: readonly Side[],
): Promise<number[]> {
  const outputs: Float32Array[] = [];
  for (const side of sides) {
    const file = join(folder, `${side.name}.f32`);
    await side.ask({ do: "output", file });
    outputs.push(new Float32Array((await Deno.readFile(file)).buffer));
  }
  return outputs.map((output, i) => {
    const difference = largestDifference(output, outputs[0]);
    if (difference <= benchCase.tolerance) return difference;
    throw new InputError(
      `${benchCase.name}: ${sides[i].name} differs from isa4d by ${difference} of the largest ` +
        `value, allowed are ${benchCase.tolerance}`,
    );
  });
}

async function memoryOf(
  benchCase: BenchCase,
  options: LoadOptions,
): Promise<{ peak: number; added: number }> {
  const side = Side.start(options.side, options);
  try {
    await side.ask({ do: "load", case: benchCase.name, folder: options.folder });
    // Loading copies weights; what counts is what running takes.
    const before = Number((await side.ask({ do: "reset-peak" })).now);
    for (let i = 0; i < WARM_UP; i++) await side.ask({ do: "run" });
    const peak = Number((await side.ask({ do: "memory" })).peak);
    return { peak, added: peak - before };
  } finally {
    await side.close();
  }
}
