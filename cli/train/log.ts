/**
 * What a training run tells: one JSON line a step in `log.jsonl`, and to people a dashboard on a terminal,
 * elsewhere one line now and then.
 * @module
 */
import { join } from "node:path";
import { writeFailure, writeText } from "../../lib/io/mod.ts";
import type { TrainStep } from "../../lib/train/mod.ts";
import type { Context } from "../support/context.ts";
import type { Dashboard } from "./dashboard.ts";
import { TrainPace } from "./pace.ts";

/** Seconds between two lines for people. */
const QUIET_SECONDS = 20;

/** Writes steps and validations of one run. */
export class TrainLog {
  readonly #context: Context;
  readonly #path: string;
  #file: Deno.FsFile | undefined;
  /** Bytes that an earlier run left. */
  readonly #older: number;
  #lastLine = 0;
  #losses: number[] = [];
  readonly #pace = new TrainPace();
  readonly #board: Dashboard | undefined;

  private constructor(
    context: Context,
    { path, file, board }: {
      readonly path: string;
      readonly file: Deno.FsFile | undefined;
      readonly board?: Dashboard;
    },
  ) {
    this.#context = context;
    this.#path = path;
    this.#board = board;
    this.#file = file;
    this.#older = file?.statSync().size ?? 0;
  }

  /**
   * Opens `out/log.jsonl` to append; a `silent` one, of ranks that do not speak, writes nothing. Steps go to
   * the `board` where there is one.
   */
  static async open(
    out: string,
    context: Context,
    { silent = false, board }: { readonly silent?: boolean; readonly board?: Dashboard } = {},
  ): Promise<TrainLog> {
    const path = join(out, "log.jsonl");
    if (silent) return new TrainLog(context, { path, file: undefined });
    try {
      await Deno.mkdir(out, { recursive: true });
      return new TrainLog(context, { path, file: await openToAppend(path), board });
    } catch (cause) {
      throw writeFailure(path, cause);
    }
  }

  /**
   * Forgets what came after `step`, and a last line that was broken off: a run that goes on from there
   * writes it again. A run `anew` forgets all that an earlier one left.
   */
  async rewind(step: number, { anew = false }: { readonly anew?: boolean } = {}): Promise<void> {
    if (!this.#file) return;
    const bytes = await Deno.readFile(this.#path);
    const lines = new TextDecoder().decode(anew ? bytes.subarray(this.#older) : bytes).split("\n");
    // What is told before the first step, as of the PCA, was told by the process before too.
    const kept = new Set(lines.filter((line) => isRecordUpTo(line, step)));
    await writeText(this.#path, [...kept].map((line) => line + "\n").join(""));
    this.#file.close();
    this.#file = await openToAppend(this.#path);
  }

  /** One finished step. */
  step(report: TrainStep): void {
    this.#write(report);
    if (this.#board) return this.#board.step(report);
    this.#losses.push(report.loss);
    this.#pace.add(report);
    const now = performance.now() / 1000;
    if (report.step < report.of && now - this.#lastLine < QUIET_SECONDS) return;
    this.#lastLine = now;
    const mean = this.#losses.reduce((a, b) => a + b) / this.#losses.length;
    this.#losses = [];
    const { rates, left, ...pace } = this.#pace.sum(report);
    this.#context.event(
      "step",
      { ...report, meanLoss: mean, ...pace },
      `step ${report.step}/${report.of}  loss ${mean.toFixed(4)}  ` +
        `lr ${report.learningRate.toExponential(1)}  ${rates}  ${left}` +
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
    if (!this.#file) return;
    const bytes = new TextEncoder().encode(JSON.stringify(report) + "\n");
    try {
      for (let done = 0; done < bytes.length;) done += this.#file.writeSync(bytes.subarray(done));
    } catch (cause) {
      throw writeFailure(this.#path, cause);
    }
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file?.close();
  }
}

async function openToAppend(path: string): Promise<Deno.FsFile> {
  return await Deno.open(path, { append: true, create: true });
}

function isRecordUpTo(line: string, step: number): boolean {
  try {
    const record = JSON.parse(line);
    return record.step === undefined || record.step <= step;
  } catch { // broken off when the process was killed, or the last, empty one
    return false;
  }
}
