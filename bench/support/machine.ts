/** Where and with what was measured. */

import { libtorch } from "./python.ts";

/** Facts that belong beside numbers. */
export interface MachineFacts {
  readonly processor: string;
  readonly cores: number;
  readonly threads: number;
  readonly deno: string;
  readonly libtorch: string;
  readonly python: string;
  readonly commit: string;
  /** Of the last minute, at the start. */
  readonly load: number;
}

/** Asks the machine. */
export async function machineFacts(
  { threads }: { readonly threads: number },
): Promise<MachineFacts> {
  const info = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  return {
    processor: /model name\s*:\s*(.*)/.exec(info)?.[1] ?? "unknown",
    cores: navigator.hardwareConcurrency,
    threads,
    deno: Deno.version.deno,
    libtorch: libtorch().version,
    python: (await outputOf("python3", ["--version"])).replace("Python ", ""),
    commit: await outputOf("git", ["rev-parse", "--short", "HEAD"]),
    load: Deno.loadavg()[0],
  };
}

async function outputOf(program: string, args: string[]): Promise<string> {
  try {
    const { stdout } = await new Deno.Command(program, { args, stderr: "null" }).output();
    return new TextDecoder().decode(stdout).trim();
  } catch {
    return "";
  }
}
