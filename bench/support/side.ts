/** A process that does what it is told and tells how long it took. */

import { join } from "node:path";
import { EnvironmentError } from "../../lib/errors.ts";
import { PROJECT_ROOT } from "../../lib/native/mod.ts";
import type { Command } from "./protocol.ts";
import { libtorch, pythonPath } from "./python.ts";

/** Who is measured. */
export type SideName = "isa4d" | "eager" | "compile";

/** What a side answers. */
export type Answer = Readonly<Record<string, number | string>>;

const bench = join(PROJECT_ROOT, "bench");

/** Program and arguments that start a side. */
function commandOf(side: SideName): [string, string[]] {
  return side === "isa4d"
    ? [Deno.execPath(), ["run", "-A", "--no-check", join(bench, "side.ts")]]
    : ["python3", [join(bench, "python", "side.py")]];
}

/** The environment that all sides share: as many threads, the same libtorch. */
export function environment(side: SideName, threads: number): Record<string, string> {
  return {
    OMP_NUM_THREADS: String(threads),
    MKL_NUM_THREADS: String(threads),
    LIBTORCH: libtorch().path,
    PYTHONPATH: pythonPath({ compile: side === "compile" }),
    PYTHONDONTWRITEBYTECODE: "1",
  };
}

/** A side's process; it sleeps while it is not asked. */
export class Side {
  readonly name: SideName;
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #pending = "";
  #complaints = "";

  private constructor(name: SideName, process: Deno.ChildProcess) {
    this.name = name;
    this.#process = process;
    this.#writer = process.stdin.getWriter();
    this.#lines = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    void this.#listen(process.stderr);
  }

  /** Starts a side. */
  static start(name: SideName, { threads }: { readonly threads: number }): Side {
    const [program, args] = commandOf(name);
    const process = new Deno.Command(program, {
      args,
      env: environment(name, threads),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    return new Side(name, process);
  }

  /** Gives a command and waits for its answer. Throws EnvironmentError where the side fails. */
  async ask(command: Command): Promise<Answer> {
    await this.#writer.write(new TextEncoder().encode(JSON.stringify(command) + "\n"))
      .catch(() => {}); // a side that has ended says why on stderr
    const answer = JSON.parse(await this.#line());
    if (answer.error) throw new EnvironmentError(`${this.name}: ${answer.error}`);
    return answer;
  }

  /** Ends the process. */
  async close(): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#process.status;
    await this.#lines.cancel();
  }

  async #line(): Promise<string> {
    while (!this.#pending.includes("\n")) {
      const { value, done } = await this.#lines.read();
      if (done) {
        await this.#process.status;
        const last = this.#complaints.trim().split("\n").slice(-5).join(" | ");
        throw new EnvironmentError(`${this.name} ended without an answer: ${last}`);
      }
      this.#pending += value;
    }
    const end = this.#pending.indexOf("\n");
    const line = this.#pending.slice(0, end);
    this.#pending = this.#pending.slice(end + 1);
    return line;
  }

  async #listen(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.#complaints = (this.#complaints + text).slice(-4000);
    }
  }
}
