/**
 * The log of a training run, `log.jsonl`: one record a line, a step or of a named kind.
 * @module
 */
import { InputError } from "../errors.ts";
import { readText } from "../io/mod.ts";

/** A finished step. */
export interface StepRecord {
  readonly step: number;
  readonly of: number;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly learningRate: number;
  readonly ms: number;
  /** These four are not in the logs of older runs. */
  readonly loaderMs?: number;
  readonly samples?: number;
  readonly memory?: number;
  readonly peakMemory?: number;
  readonly skipped: number;
}

/** Records of a run, in order. */
export interface TrainLogRecords {
  readonly steps: readonly StepRecord[];
  /** Measurements on held-out clips: `step` and whatever was measured. */
  readonly validations: readonly Readonly<Record<string, unknown>>[];
}

/**
 * Reads a log; a last line that was cut off is left out.
 *
 * @throws InputError for a file that is no such log
 */
export async function readTrainLog(path: string): Promise<TrainLogRecords> {
  const lines = (await readText(path)).split("\n");
  const steps: StepRecord[] = [];
  const validations: Record<string, unknown>[] = [];
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const record = parseLine(path, line, { number: i + 1, last: i >= lines.length - 2 });
    if (!record) continue;
    if (record.kind === "validation") validations.push(record);
    else if (record.kind === undefined && typeof record.loss === "number") {
      steps.push(record as unknown as StepRecord);
    }
  }
  if (steps.length === 0) throw new InputError(`"${path}" holds no training step`);
  return { steps, validations };
}

function parseLine(
  path: string,
  line: string,
  { number, last }: { readonly number: number; readonly last: boolean },
): Record<string, unknown> | undefined {
  try {
    const record: unknown = JSON.parse(line);
    if (typeof record === "object" && record !== null) return record as Record<string, unknown>;
    throw new Error("no object");
  } catch (cause) {
    if (last) return undefined;
    throw new InputError(`"${path}" line ${number} is no JSON record`, { cause });
  }
}
