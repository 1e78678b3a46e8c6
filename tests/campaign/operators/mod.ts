/**
 * Operators of libtorch with arguments by chance, through the same door as all of isa4d: each call gives
 * tensors or an error, never the end of the process.
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Find, Part } from "../part.ts";
import { pause, processorMs, type Running, startProgram } from "../processes.ts";
import { seedOf } from "../random.ts";
import type { Line } from "./worker.ts";

/** Calls of one process. */
const CALLS = 200_000;
/** Processor time for them, milliseconds; some operators loop as often as a number says. */
const PATIENCE_MS = 300_000;

/** One process after another until the time is over. */
export const operators: Part = async (options) => {
  const folder = await Deno.makeTempDir({ prefix: "isa4d-campaign-" });
  const finds = new Map<string, Find>();
  const without: string[] = [];
  let [calls, refused, known] = [0, 0, 0];
  const worker = fileURLToPath(new URL("worker.ts", import.meta.url));
  const at = join(folder, "operator");
  const find = (operator: string, fault: string) => {
    const key = `${operator} ${fault.replace(/[\d.]+/g, "#").slice(0, 80)}`;
    if (!finds.has(key)) options.say(`find: ${operator}: ${fault}`);
    finds.set(key, { key, title: `${operator}: ${fault.slice(0, 1000)}` });
  };
  try {
    for (let turn = 0; performance.now() < options.until; turn++) {
      const seed = seedOf(options.seed, turn);
      const args = [String(seed), String(CALLS), at, ...without];
      const running = startProgram([Deno.execPath(), "run", "-A", "--no-check", worker, ...args], {
        cwd: folder,
      });
      const ended = await endOf(running, options.until);
      running.kill("SIGKILL");
      const { stdout, stderr, code, signal } = await running.end;
      const said: Line[] = stdout.split("\n").filter((line) => line.endsWith("}"))
        .map((line) => JSON.parse(line));
      for (const line of said) if ("fault" in line) find(line.operator, line.fault);
      const last = said.findLast((line) => "calls" in line);
      calls += last?.calls ?? 0;
      refused += last?.refused ?? 0;
      known = Math.max(known, last?.operators ?? 0);
      if (ended === "time" || (ended === "itself" && code === 0 && !signal)) continue;
      const name = (await Deno.readTextFile(at)).trim();
      find(
        name,
        ended === "itself"
          ? `ends the process with ${signal ?? code}, seed ${seed}: ${withoutWarnings(stderr)}`
          : `takes longer than ${PATIENCE_MS / 1000} s, seed ${seed}`,
      );
      without.push(name);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return {
    counts: { calls, refused, operators: known },
    finds: [...finds.values()],
  };
};

/** Waits for the process, its patience or the time to end. */
async function endOf(running: Running, until: number): Promise<"itself" | "patience" | "time"> {
  while (true) {
    const ended = await Promise.race([running.end, pause(1000)]);
    if (ended) return "itself";
    if (performance.now() > until) return "time";
    if (processorMs(running.pid) > PATIENCE_MS) return "patience";
  }
}

/** libtorch warns of much that is asked here. */
function withoutWarnings(text: string): string {
  return text.split("\n").filter((line) => !line.startsWith("[W")).join("\n").slice(-600);
}
