/**
 * What `isa4d synth` does.
 * @module
 */
import { UsageError } from "../../lib/errors.ts";
import { contactSheet, readBody, renderClip, writeDataset } from "../../lib/data/mod.ts";
import { writePng } from "../../lib/io/mod.ts";
import type { Context } from "./context.ts";
import { makeProgress } from "./progress.ts";

/** Flags of `isa4d synth`. */
export interface SynthFlags {
  readonly output: string;
  readonly clips: number;
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly fps: number;
  readonly shardSize: number;
  readonly workers: number;
  readonly body?: string;
}

/** Rows of a sheet. */
const LARGEST_SHEET = 32;

/** Renders a data set. */
export async function runSynth(flags: SynthFlags, context: Context): Promise<void> {
  const progress = makeProgress(context);
  const start = performance.now();
  const out = context.path(flags.output);
  try {
    await writeDataset({
      ...flags,
      out,
      body: flags.body && context.path(flags.body),
      signal: context.signal,
      onShard: ({ clips, of }) =>
        progress.update({
          label: "rendering",
          done: clips,
          of,
          elapsedMs: performance.now() - start,
        }),
    });
  } finally {
    progress.stop();
  }
  await context.print(out);
}

/** Draws clips into one picture. */
export async function runSheet(flags: SynthFlags, context: Context): Promise<void> {
  if (flags.clips > LARGEST_SHEET) {
    throw new UsageError(`--sheet of ${flags.clips} clips, expected at most ${LARGEST_SHEET}`);
  }
  const body = await readBody(flags.body && context.path(flags.body));
  const clips = [];
  for (let i = 0; i < flags.clips; i++) {
    context.signal.throwIfAborted();
    clips.push(renderClip(body, { ...flags, seed: flags.seed + i }));
    await new Promise((resolve) => setTimeout(resolve));
  }
  const out = context.path(flags.output);
  await writePng(out, contactSheet(clips));
  await context.print(out);
}
