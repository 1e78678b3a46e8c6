/**
 * All cases, by name.
 * @module
 */
import { attentionCases } from "./attention.ts";
import { callCases } from "./calls.ts";
import type { BenchCase } from "./case.ts";
import { ditCases } from "./dit.ts";
import { evalCases } from "./evaluate.ts";
import { generateCases } from "./generate.ts";
import { trainingCases } from "./training.ts";
import { vaeCases } from "./vae.ts";

export type { BenchCase, Loaded } from "./case.ts";

/** In the order of the table. */
export const benchCases: readonly BenchCase[] = [
  ...callCases,
  ...attentionCases,
  ...ditCases,
  ...vaeCases,
  ...trainingCases,
  ...generateCases,
  ...evalCases,
];
