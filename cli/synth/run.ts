/**
 * What `isa4d synth` does.
 * @module
 */
import { join } from "node:path";
import { UsageError } from "../../lib/errors.ts";
import {
  type ClipKind,
  contactSheet,
  HELD_OUT_SEED,
  listRecordings,
  namedCaptures,
  type NamedMotion,
  readBody,
  readPhotographed,
  readRecordings,
  readTextured,
  renderGroup,
  sheetColumns,
  type SynthClip,
  type SynthFraming,
  type SynthPeople,
  writeDataset,
} from "../../lib/data/mod.ts";
import type { BodyMesh } from "../../lib/geometry/mod.ts";
import { writePng } from "../../lib/io/mod.ts";
import type { Context } from "../support/context.ts";
import { isRecord } from "../support/job_outputs.ts";
import { checkOutputs, type OverwriteFlag, requireEnding } from "../support/outputs.ts";
import { makeProgress } from "../support/progress.ts";

/** Flags of `isa4d synth`. */
export interface SynthFlags extends OverwriteFlag {
  readonly output: string;
  readonly clips: number;
  readonly seed: number;
  readonly heldOut?: true;
  readonly kind: ClipKind;
  readonly persons: readonly [number, number];
  readonly frameOn: SynthFraming;
  readonly views: number;
  readonly identities: number;
  readonly rooms: number;
  readonly motions?: string;
  readonly mocap: number;
  readonly people: SynthPeople;
  readonly photographed: number;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly fps: readonly number[];
  readonly estimates?: true;
  readonly metered?: true;
  readonly shardSize?: number;
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
  const ours = (path: string) => isRecord(path, ["isa4d-clips"]);
  const index = { flag: "-o", path: join(out, "index.json"), ours, renews: true };
  await checkOutputs([index], { ...flags, inputs: inputsOf(flags, context) }, context);
  let made = 0;
  try {
    await writeDataset({
      ...flags,
      fps: flags.fps.length === 1 ? flags.fps[0] : flags.fps,
      seed: firstSeed(flags),
      out,
      body: flags.body && context.path(flags.body),
      motions: flags.motions && context.path(flags.motions),
      signal: context.signal,
      onShard: ({ clips, of, rendered }) => {
        made = rendered;
        progress.update({
          label: "rendering",
          done: clips,
          of,
          elapsedMs: performance.now() - start,
        });
      },
    });
  } finally {
    progress.stop();
  }
  if (made > 0) {
    const seconds = (performance.now() - start) / 1000;
    const rate = made / seconds;
    context.event(
      "rendered",
      { clips: made, seconds, clipsPerSecond: rate },
      `${made} ${made === 1 ? "clip" : "clips"} in ${seconds.toFixed(1)} s, ${
        rate.toFixed(2)
      } a second`,
    );
  }
  await context.print(out);
}

/** Draws clips into one picture. */
export async function runSheet(flags: SynthFlags, context: Context): Promise<void> {
  const { clips, views, identities, rooms } = flags;
  if (clips > LARGEST_SHEET) {
    throw new UsageError(`--sheet of ${clips} clips, expected at most ${LARGEST_SHEET}`);
  }
  if (clips % views !== 0) {
    throw new UsageError(`--clips ${clips} is no multiple of --views ${views}`);
  }
  const out = context.path(flags.output);
  requireEnding("-o", out, [".png"]);
  const inputs = inputsOf(flags, context);
  await checkOutputs([{ flag: "-o", path: out }], { ...flags, inputs }, context);
  const body = await readBody(flags.body && context.path(flags.body));
  const pools = { identities, rooms };
  const recordings = await recordingsOf(flags, body, context);
  const textured = await readTextured(flags.people);
  const photographed = await readPhotographed(flags.photographed);
  const drawn: SynthClip[] = [];
  for (let group = 0; group < clips / views; group++) {
    context.signal.throwIfAborted();
    drawn.push(
      ...renderGroup(body, {
        ...flags,
        pools,
        recordings,
        recordedShare: flags.mocap || 1,
        textured,
        photographed,
        seed: firstSeed(flags) + group,
      }),
    );
    await new Promise((resolve) => setTimeout(resolve));
  }
  const { labelSheet } = await import("../../lib/preview/mod.ts");
  const rows = drawn.map((_, at) =>
    views === 1 ? `clip ${at}` : `scene ${Math.floor(at / views)}, view ${at % views}`
  );
  await writePng(
    out,
    await labelSheet(contactSheet(drawn), { columns: sheetColumns(drawn), rows }),
  );
  await context.print(out);
}

async function recordingsOf(
  { motions, mocap, fps }: SynthFlags,
  body: BodyMesh,
  context: Context,
): Promise<readonly NamedMotion[] | undefined> {
  if (mocap > 0) return await namedCaptures();
  if (motions === undefined) return undefined;
  const paths = await listRecordings(context.path(motions));
  return await readRecordings(paths, { body, fps: Math.max(...fps) });
}

function inputsOf({ body, motions }: SynthFlags, context: Context): string[] {
  return [body, motions].filter((path) => path !== undefined).map(context.path);
}

function firstSeed({ seed, heldOut }: SynthFlags): number {
  return heldOut && seed < HELD_OUT_SEED ? HELD_OUT_SEED + seed : seed;
}
