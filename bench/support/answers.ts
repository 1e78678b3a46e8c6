/**
 * isa4d's side of the conversation. It reads synchronously: a training step is asked for from inside
 * the trainer's own loop, and a process that waits sleeps.
 */

import type { Command, Memory, Runs } from "./protocol.ts";

const decoder = new TextDecoder();
const encoder = new TextEncoder();
let pending = "";

/** The next command, or undefined when the driver has hung up. */
export function readCommand(): Command | undefined {
  const chunk = new Uint8Array(65536);
  while (!pending.includes("\n")) {
    const length = Deno.stdin.readSync(chunk);
    if (length === null) return undefined;
    pending += decoder.decode(chunk.subarray(0, length));
  }
  const end = pending.indexOf("\n");
  const line = pending.slice(0, end);
  pending = pending.slice(end + 1);
  return JSON.parse(line);
}

/** Answers the command at hand. */
export function reply(value: object): void {
  Deno.stdout.writeSync(encoder.encode(JSON.stringify(value) + "\n"));
}

/** Serves a loaded case; `output` writes what the last run gave. */
export function serveRuns(output: (file: string) => void): Runs {
  return {
    next() {
      for (let command = readCommand(); command; command = readCommand()) {
        if (command.do === "run") return true;
        reply(answer(command, output));
      }
      return false;
    },
    done: (ms) => reply({ ms }),
  };
}

function answer(command: Command, output: (file: string) => void): object {
  switch (command.do) {
    case "memory":
      return memory();
    case "reset-peak":
      Deno.writeTextFileSync("/proc/self/clear_refs", "5");
      return memory();
    case "output":
      output(command.file);
      return {};
    default:
      return { error: `a loaded case cannot "${command.do}"` };
  }
}

function memory(): Memory {
  const status = Deno.readTextFileSync("/proc/self/status");
  const field = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) * 1024;
  return { now: field("VmRSS"), peak: field("VmHWM") };
}
