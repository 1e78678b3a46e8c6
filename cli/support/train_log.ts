/**
 * What a training run tells: one JSON line a step in `log.jsonl`, one line for people now and then.
 * @module
 */
import { join } from "node:path";
import type { TrainStep } from "../../lib/train/mod.ts";
import type { Context } from "./context.ts";

/** Seconds between two lines for people. */
const QUIET_SECONDS = 20;

/** Writes steps and validations of one run. */
export class TrainLog {
  readonly #context: Context;
  readonly #file: Deno.FsFile;
  #lastLine = 0;
  #losses: number[] = [];

  private constructor(context: Context, file: Deno.FsFile) {
    this.#context = context;
    this.#file = file;
  }

  /** Opens `out/log.jsonl` to append. */
  static async open(out: string, context: Context): Promise<TrainLog> {
    await Deno.mkdir(out, { recursive: true });
    const file = await Deno.open(join(out, "log.jsonl"), { append: true, create: true });
    return new TrainLog(context, file);
  }

  /** One finished step. */
  step(report: TrainStep): void {
    this.#write(report);
    this.#losses.push(report.loss);
    const now = performance.now() / 1000;
    if (report.step < report.of && now - this.#lastLine < QUIET_SECONDS) return;
    this.#lastLine = now;
    const mean = this.#losses.reduce((a, b) => a + b) / this.#losses.length;
    this.#losses = [];
    const left = ((report.of - report.step) * report.ms / 60000).toFixed(0);
    this.#context.event(
      "step",
      { ...report, meanLoss: mean },
      `step ${report.step}/${report.of}  loss ${mean.toFixed(4)}  ` +
        `lr ${report.learningRate.toExponential(1)}  ${
          report.ms.toFixed(0)
        } ms a step  ${left} min left` +
        (report.skipped > 0 ? `  ${report.skipped} skipped` : ""),
    );
  }

  /** Any other record, such as a validation. */
  record(report: Readonly<Record<string, unknown>>): void {
    this.#write(report);
    const parts = Object.entries(report).map(([key, value]) =>
      `${key} ${typeof value === "number" ? Number(value.toFixed(4)) : value}`
    );
    this.#context.event(String(report.kind ?? "record"), report, parts.join("  "));
  }

  #write(report: unknown): void {
    const bytes = new TextEncoder().encode(JSON.stringify(report) + "\n");
    for (let done = 0; done < bytes.length;) done += this.#file.writeSync(bytes.subarray(done));
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}
