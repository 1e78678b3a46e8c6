/**
 * Many jobs through one process: what it holds after a hundred is what it holds after a thousand.
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { lines, smallDefaults } from "../../support/batch_files.ts";
import { writeJobFiles } from "../../support/job_files.ts";
import type { Find, Part } from "../part.ts";
import { pause, startProgram } from "../processes.ts";
import type { Held, Line } from "./worker.ts";

const JOBS = 1000;
/** From here on nothing may grow. */
const SETTLED = 100;
/** Resident memory may be more by this share: pages come and go. */
const GROWTH = 0.02;
/** Around a place the smallest of so many: JavaScript's garbage is not what is asked. */
const AROUND = 20;

/** Kinds of jobs, and whether their models stay loaded from one to the next. */
const rows: Readonly<Record<string, { defaults: Record<string, unknown>; keeps: boolean }>> = {
  "without a model": {
    defaults: { ...smallDefaults, weights: "none", width: 64, height: 64 },
    keeps: false,
  },
  "with models": { defaults: smallDefaults, keeps: true },
};

/** Each kind of job until all are made, or the time is over. */
export const soak: Part = async (options) => {
  const folder = await Deno.makeTempDir({ prefix: "isa4d-campaign-" });
  const counts: Record<string, string> = {};
  const finds: Find[] = [];
  const chosen = Object.entries(rows).filter(([name]) =>
    options.only.length === 0 || options.only.includes(name)
  );
  try {
    for (const [i, [name, { defaults, keeps }]] of chosen.entries()) {
      const now = performance.now();
      const until = now + (options.until - now) / (chosen.length - i);
      const { held, failed } = await run(join(folder, String(i)), { defaults, until });
      counts[name] = described(held);
      options.say(`${name}: ${counts[name]}`);
      for (const title of [...failed, ...problems(held, { keeps })]) {
        finds.push({ key: `${name} ${title}`, title: `${name}: ${title}` });
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return { counts, finds };
};

/** What a process held before each job, and after the last where there was time. */
async function run(
  folder: string,
  { defaults, until }: { readonly defaults: Record<string, unknown>; readonly until: number },
): Promise<{ readonly held: Held[]; readonly failed: string[] }> {
  await Deno.mkdir(folder);
  await writeJobFiles(folder);
  const ids = Array.from({ length: JOBS }, (_, seed) => ({ id: `job-${seed}`, seed }));
  // The first has the shipped models: they must go when others are loaded, and from then on.
  const first = defaults.weights === "none" ? [] : [{ id: "small", weights: "small" }];
  await Deno.writeTextFile(join(folder, "jobs.jsonl"), lines([{ defaults }, ...first, ...ids]));
  const worker = fileURLToPath(new URL("worker.ts", import.meta.url));
  const running = startProgram([Deno.execPath(), "run", "-A", "--no-check", worker, folder], {
    cwd: folder,
  });
  const ended = await Promise.race([
    running.end,
    pause(until - performance.now()).then(() => undefined),
  ]);
  if (!ended) running.kill("SIGKILL");
  const { stdout, stderr, code } = await running.end;
  const said: Line[] = stdout.trimEnd().split("\n").filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line));
  const failed = said.flatMap((line) => "failed" in line ? [line.failed] : []);
  if (ended && code !== 0) failed.push(`ends with ${code}: ${stderr.slice(-500)}`);
  return { held: said.filter((line) => "jobs" in line), failed: [...new Set(failed)] };
}

/** The smallest resident size around a number of jobs. */
function resident(held: readonly Held[], jobs: number): number {
  const near = held.filter((each) => Math.abs(each.jobs - jobs) <= AROUND);
  return Math.min(...near.map(({ resident }) => resident));
}

function problems(held: readonly Held[], { keeps }: { readonly keeps: boolean }): string[] {
  const settled = held.filter(({ jobs }) => jobs >= SETTLED && jobs < JOBS);
  if (settled.length < SETTLED) return [];
  const found: string[] = [];
  const [before, after] = [resident(settled, SETTLED), resident(settled, settled.at(-1)!.jobs)];
  if (after > before * (1 + GROWTH)) found.push(`${mb(after)} are resident, before ${mb(before)}`);
  const handles = new Set(settled.map(({ handles }) => handles));
  if (Math.max(...handles) > settled[0].handles) found.push(`open files: ${[...handles].join()}`);
  const tensors = new Set(settled.map(({ tensors }) => tensors));
  if (tensors.size > 1 || (!keeps && !tensors.has(0))) {
    found.push(`live tensors: ${[...tensors].slice(0, 20).join()}`);
  }
  const last = held.at(-1)!;
  if (last.jobs >= JOBS && last.tensors > 0) found.push(`${last.tensors} tensors live at the end`);
  return found;
}

function described(held: readonly Held[]): string {
  const last = held.at(-1);
  if (!last) return "no job was made";
  const places = [SETTLED, 250, 500, 750, last.jobs].filter((jobs, i, all) =>
    jobs <= last.jobs && all.indexOf(jobs) === i
  );
  const sizes = places.map((jobs) => `${mb(resident(held, jobs))} after ${jobs}`).join(", ");
  const { tensors, handles } = held.findLast(({ jobs }) => jobs < JOBS)!;
  return `${last.jobs} jobs; ${sizes}; ${tensors} live tensors and ${handles} open files between jobs`;
}

const mb = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
