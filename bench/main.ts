/**
 * Task `bench`: isa4d beside PyTorch, eager and compiled, on the same graph with the same weights.
 *
 * `./denow task bench [names…] [--runs 9] [--threads 1] [--no-compile] [--no-memory] [--tiny] [--list]
 * [--json out/bench.json]`; a name stands for all cases that begin with it.
 * @module
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { IsaError } from "../lib/errors.ts";
import { writeJson } from "../lib/io/mod.ts";
import { benchCases } from "./cases/mod.ts";
import { machineFacts } from "./support/machine.ts";
import { measure, type MeasureOptions } from "./support/measure.ts";
import { whyNoCompiler, whyNoPython } from "./support/python.ts";
import { header, lines, type Measured, rowsOf } from "./support/report.ts";
import type { SideName } from "./support/side.ts";
import { measureStart, startCase } from "./support/start.ts";

const all = [startCase, ...benchCases];

function options() {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: {
      runs: { type: "string", default: "9" },
      threads: { type: "string", default: "1" },
      json: { type: "string", default: "out/bench.json" },
      "no-compile": { type: "boolean", default: false },
      "no-memory": { type: "boolean", default: false },
      tiny: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
    },
  });
  const cases = all.filter(({ name }) =>
    positionals.length === 0 || positionals.some((part) =>
      // A whole name means that case alone: "vae-decode-small" is not "vae-decode-small-full".
      all.some((one) => one.name === part) ? name === part : name.startsWith(part)
    )
  );
  return { ...values, cases, runs: Number(values.runs), threads: Number(values.threads) };
}

const say = (line: string) => console.error(line);

/** The sides that can be measured here; says why another cannot. */
async function otherSides(compile: boolean): Promise<SideName[]> {
  const noPython = await whyNoPython();
  if (noPython) {
    say(`PyTorch is left out: ${noPython}`);
    return [];
  }
  const noCompiler = compile ? await whyNoCompiler(say) : "--no-compile";
  if (!noCompiler) return ["eager", "compile"];
  say(`torch.compile is left out: ${noCompiler}`);
  return ["eager"];
}

async function measured(
  benchCase: (typeof all)[number],
  options: MeasureOptions,
): Promise<Measured> {
  if (!("make" in benchCase)) {
    return { ...benchCase, results: await measureStart(options) };
  }
  const { name, summary, calls } = benchCase;
  const others = calls ? options.others.filter((side) => side !== "compile") : options.others;
  try {
    return { name, summary, calls, results: await measure(benchCase, { ...options, others }) };
  } catch (error) {
    if (!(error instanceof IsaError) || !others.includes("compile")) throw error;
    // A graph that cannot be compiled is still measured beside eager.
    const rest = others.filter((side) => side !== "compile");
    const results = await measure(benchCase, { ...options, others: rest });
    return { name, summary, calls, results, skipped: `not compiled: ${error.message}` };
  }
}

async function main(): Promise<void> {
  const { cases, runs, threads, tiny, json, list, ...flags } = options();
  if (list) {
    return cases.forEach(({ name, summary }) => console.log(`${name.padEnd(22)} ${summary}`));
  }
  const machine = await machineFacts({ threads });
  const others = await otherSides(!flags["no-compile"]);
  console.log(Object.entries(machine).map(([name, value]) => `${name} ${value}`).join(", "));
  console.log(header());
  const rows: object[] = [];
  for (const benchCase of cases) {
    const memory = !flags["no-memory"];
    const result = await measured(benchCase, { runs, threads, tiny, memory, others });
    for (const line of lines(result)) console.log(line);
    rows.push(...rowsOf(result).map((row) => ({ ...row, summary: result.summary })));
    await Deno.mkdir(dirname(json), { recursive: true });
    await writeJson(json, { machine, runs, tiny, loadAtEnd: Deno.loadavg()[0], rows });
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof IsaError) && !(error instanceof TypeError)) throw error;
  say(`bench: ${error.message}`);
  Deno.exit(1);
}
