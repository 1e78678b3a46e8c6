/**
 * Task `campaign`: tries to break isa4d for a while, with numbers by chance that a seed gives again, and
 * reports what it did and found. Exit code 1 where it found something.
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { inputs } from "./inputs/mod.ts";
import { kills } from "./kills/mod.ts";
import { faults } from "./faults/mod.ts";
import { operators } from "./operators/mod.ts";
import { soak } from "./soak/mod.ts";
import type { Part, PartReport } from "./part.ts";
import { seedOf } from "./random.ts";

const parts: Readonly<Record<string, Part>> = { inputs, kills, faults, soak, operators };

const root = fileURLToPath(new URL("../../", import.meta.url));

const usage = `./denow task campaign [--minutes N] [--part ${Object.keys(parts).join(",")}]
  [--seed S] [--only ROW]... [--out FOLDER]

--minutes  how long, shared by the parts (default 2)
--part     which (default all)
--seed     for the numbers by chance (default: the time)
--only     some rows of a part, such as one reader
--out      where finds are kept (default out/campaign)`;

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: "string", default: "2" },
      part: { type: "string", default: Object.keys(parts).join() },
      seed: { type: "string", default: String(Date.now() % 2 ** 31) },
      only: { type: "string", multiple: true, default: [] },
      out: { type: "string", default: join(root, "out/campaign") },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  const chosen = values.part.split(",");
  const unknown = chosen.find((name) => !(name in parts));
  if (unknown !== undefined || !(minutes > 0) || !Number.isInteger(seed)) {
    console.error(unknown === undefined ? usage : `there is no part "${unknown}"\n${usage}`);
    return 2;
  }
  let faults = 0;
  const report: string[] = [`seed ${seed}, ${minutes} minutes`];
  for (const name of chosen) {
    const started = performance.now();
    const answer = await parts[name]({
      seed: seedOf(seed, name),
      until: started + minutes * 60_000 / chosen.length,
      out: join(values.out, name),
      only: values.only,
      say: (line) => console.error(`${name}: ${line}`),
    });
    faults += answer.finds.length;
    report.push(...lines(name, answer, (performance.now() - started) / 1000));
  }
  console.log(report.join("\n"));
  return faults === 0 ? 0 : 1;
}

function lines(name: string, { counts, finds }: PartReport, seconds: number): string[] {
  return [
    `${name}: ${finds.length} faults in ${seconds.toFixed(0)} s`,
    ...Object.entries(counts).map(([what, count]) => `  ${what}: ${count}`),
    ...finds.map(({ title, file }) => `  fault: ${title}${file ? `\n    ${file}` : ""}`),
  ];
}

if (import.meta.main) Deno.exit(await main(Deno.args));
