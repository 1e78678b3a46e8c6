/**
 * How far a generation is.
 * @module
 */

/** What a generation is doing. */
export interface GenerateProgress {
  /** What it is at. */
  readonly stage: "encoding" | "sampling" | "decoding" | "drawing";
  /** Steps, windows or frames that are done. */
  readonly done: number;
  /** All of them. */
  readonly of: number;
  /** Milliseconds since the stage began. */
  readonly elapsedMs: number;
}

/** Told how far a stage is. */
export type Report = (stage: GenerateProgress["stage"], done: number, of: number) => void;

/** Adds the time since a stage began to what is reported. */
export function stageReporter(
  onProgress: ((progress: GenerateProgress) => void) | undefined,
): Report {
  let current: string | undefined;
  let since = performance.now();
  return (stage, done, of) => {
    // A stage's first report is made when its first piece is done, so it began when the last ended.
    const elapsedMs = performance.now() - since;
    onProgress?.({ stage, done, of, elapsedMs });
    if (done === of) since = performance.now();
    else if (stage !== current) current = stage;
  };
}
