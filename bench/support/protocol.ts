/** What the driver and the two sides say to each other: one JSON value a line each way. */

/** What a side is told to do. */
export type Command =
  | { readonly do: "make"; readonly case: string; readonly folder: string; readonly tiny: boolean }
  | {
    readonly do: "load";
    readonly case: string;
    readonly folder: string;
    readonly compile?: boolean;
  }
  | { readonly do: "run" }
  | { readonly do: "output"; readonly file: string }
  | { readonly do: "memory" }
  | { readonly do: "reset-peak" };

/** Bytes of a whole process, now and at the most since it began or the peak was reset. */
export interface Memory {
  readonly now: number;
  readonly peak: number;
}

/** Answers a side's commands until it is asked for a run. */
export interface Runs {
  /** Waits for the next run to be asked for; false when there will be none. */
  next(): boolean;
  /** Tells that the run took so long. */
  done(ms: number): void;
}
