/**
 * What the parts of a campaign are given and what they answer.
 * @module
 */

/** How long and with what numbers by chance a part runs. */
export interface PartOptions {
  readonly seed: number;
  /** When to end, as `performance.now()` counts. */
  readonly until: number;
  /** Where finds are kept. */
  readonly out: string;
  /** Some of a part's rows, by name; none: all. */
  readonly only: readonly string[];
  readonly say: (line: string) => void;
}

/** What is wrong. */
export interface Find {
  /** Equal for the same fault found twice. */
  readonly key: string;
  readonly title: string;
  /** The input that shows it, where there is one. */
  readonly file?: string;
}

/** What a part has to report. */
export interface PartReport {
  /** What was done how often, in the order in which it is printed. */
  readonly counts: Readonly<Record<string, number | string>>;
  readonly finds: readonly Find[];
}

/** A part of the campaign. */
export type Part = (options: PartOptions) => Promise<PartReport>;
