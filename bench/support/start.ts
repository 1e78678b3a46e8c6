/** How long it takes from the start of a program to the result of its first tensor operation. */

import { join } from "node:path";
import { EnvironmentError } from "../../lib/errors.ts";
import { PROJECT_ROOT } from "../../lib/native/mod.ts";
import type { SideResult } from "./measure.ts";
import { environment, type SideName } from "./side.ts";

/** Name and summary of the one case that starts processes instead of asking them. */
export const startCase = {
  name: "start",
  summary: "a new process to the result of its first tensor operation",
} as const;

const script = `import torch
print((torch.ones(2) + 1).sum().item(), flush=True)
print(*(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))`;

function commandOf(side: SideName): [string, string[]] {
  return side === "isa4d"
    ? [Deno.execPath(), ["run", "-A", "--no-check", join(PROJECT_ROOT, "bench", "start.ts")]]
    : ["python3", ["-c", script]];
}

/** Starts both sides in turn. */
export async function measureStart(
  { runs, threads, others }: {
    readonly runs: number;
    readonly threads: number;
    readonly others: readonly SideName[];
  },
): Promise<SideResult[]> {
  const sides = (["isa4d", ...others] as const).filter((side) => side !== "compile");
  const results = sides.map((side) => ({ side, ms: [] as number[], peaks: [] as number[] }));
  for (let round = -1; round < runs; round++) {
    for (let i = 0; i < sides.length; i++) {
      const result = results[(Math.max(round, 0) + i) % sides.length];
      const { ms, peak } = await startOnce(result.side, threads);
      if (round < 0) continue; // fills the file caches
      result.ms.push(ms);
      result.peaks.push(peak);
    }
  }
  return results.map(({ side, ms, peaks }) => {
    const peak = Math.max(...peaks);
    return { side, ms, difference: 0, memory: { peak, added: peak } };
  });
}

async function startOnce(
  side: SideName,
  threads: number,
): Promise<{ ms: number; peak: number }> {
  const [program, args] = commandOf(side);
  const started = performance.now();
  const process = new Deno.Command(program, {
    args,
    env: environment(side, threads),
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let ms = 0;
  let text = "";
  for await (const part of process.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (ms === 0 && text.includes("\n")) ms = performance.now() - started;
  }
  const [sum, peak] = text.trim().split("\n").map(Number);
  if (!(await process.status).success || sum !== 4) {
    throw new EnvironmentError(`${side}: the first tensor operation gave "${text.trim()}"`);
  }
  return { ms, peak: peak * 1024 };
}
