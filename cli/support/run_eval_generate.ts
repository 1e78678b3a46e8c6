/**
 * Runs `isa4d eval generate`: generates held-out clips, scores them beside baselines, and makes two
 * controls (own motion, exchanged reference).
 * @module
 */
import { openDataset, readBody, type SynthClip } from "../../lib/data/mod.ts";
import { InputError } from "../../lib/errors.ts";
import {
  foreground,
  meanColour,
  meanScores,
  ownMotionWins,
  SCORE_ROWS,
  scoreClip,
  type ScoredClip,
} from "../../lib/eval/mod.ts";
import { frameAt, type Frames, writePng } from "../../lib/io/mod.ts";
import {
  findWeights,
  generateClip,
  Models,
  type SampleLatentsOptions,
  stackSheet,
  throughVae,
} from "../../lib/pipelines/mod.ts";
import type { Device } from "../../lib/tensor/mod.ts";
import type { Context } from "./context.ts";

/** Flags of `isa4d eval generate`. */
export interface EvalGenerateFlags {
  readonly data: string;
  readonly weights: string;
  readonly clips: number;
  readonly steps: number;
  readonly cfgScale: number;
  readonly flowShift: number;
  readonly seed: number;
  readonly device: string;
  readonly sheet?: string;
}

/** Prints one JSON record with all scores on stdout and a table for people on stderr. */
export async function runEvalGenerate(flags: EvalGenerateFlags, context: Context): Promise<void> {
  using dataset = await openDataset(context.path(flags.data));
  if (dataset.count < flags.clips) {
    throw new InputError(
      `"${flags.data}" has ${dataset.count} clips, ${flags.clips} are asked for`,
    );
  }
  const weights = flags.weights.includes("/") ? context.path(flags.weights) : flags.weights;
  using models = await Models.load(await findWeights(weights), { device: flags.device as Device });
  const body = await readBody();
  const backgroundGiven = dataset.index.kind !== "mask";
  const clips: SynthClip[] = [];
  for (let i = 0; i < flags.clips; i++) clips.push(await dataset.clip(i));

  const generate = (clip: SynthClip): Promise<Frames> =>
    generateClip(models, body, { ...clip, backgroundGiven }, samplingOf(flags));
  const scored: ScoredClip[] = [];
  let exchanged = 0;
  for (const [index, clip] of clips.entries()) {
    context.signal.throwIfAborted();
    const other = clips[(index + 1) % clips.length];
    const made = scoredClip(clip, await generate(clip), models);
    scored.push(made);
    if (followsReference(made, await generate(withReference(clip, other)), clip, other)) {
      exchanged++;
    }
    const { iou } = scoreClip(made).output;
    const done = index + 1;
    context.event(
      "clip",
      { done, of: clips.length, iou },
      `clip ${done}/${clips.length}  IoU ${iou.toFixed(3)}`,
    );
  }
  const report = {
    weights: flags.weights,
    clips: clips.length,
    sampling: samplingOf(flags),
    scores: meanScores(scored.map(scoreClip)),
    ownMotionWins: ownMotionWins(scored),
    referenceColoursFollow: exchanged,
  };
  if (flags.sheet) await writePng(context.path(flags.sheet), sheetOf(clips, scored));
  for (const line of table(report)) context.notice(line);
  await context.print(JSON.stringify(report));
}

function samplingOf({ steps, cfgScale, flowShift, seed }: EvalGenerateFlags): SampleLatentsOptions {
  return { steps, cfgScale, flowShift, seed };
}

function scoredClip(clip: SynthClip, output: Frames, models: Models): ScoredClip {
  const { width, height, count } = clip.frames;
  const reference = new Uint8Array(clip.frames.data.length);
  for (let frame = 0; frame < count; frame++) {
    reference.set(clip.reference.data, frame * clip.reference.data.length);
  }
  return {
    width,
    height,
    truth: clip.frames.data,
    truthMask: clip.mask,
    background: throughVae(models, clip.background).data,
    output: output.data,
    reference,
    reconstruction: throughVae(models, clip.frames).data,
  };
}

/** The clip with another reference picture and its pose for the first person. */
function withReference(clip: SynthClip, other: SynthClip): SynthClip {
  const { reference, referencePose, referenceCamera } = other;
  const [first, ...others] = clip.persons;
  const exchanged = { ...first, reference, referencePose, referenceCamera };
  return { ...clip, persons: [exchanged, ...others] };
}

/**
 * Control: another reference changes the person's colours to that reference's. True where the change
 * of the person's mean colour points the way from the one reference's to the other's.
 */
function followsReference(
  made: ScoredClip,
  exchanged: Frames,
  clip: SynthClip,
  other: SynthClip,
): boolean {
  const own = meanColour(clip.reference.data, clip.referenceMask);
  const wanted = meanColour(other.reference.data, other.referenceMask);
  const before = meanColour(made.output, foreground(made.output, made.background));
  const after = meanColour(exchanged.data, foreground(exchanged.data, made.background));
  const dot = own.reduce((sum, _, i) => sum + (wanted[i] - own[i]) * (after[i] - before[i]), 0);
  return dot > 0;
}

/** One row a clip: reference, three results, three truths. */
function sheetOf(clips: readonly SynthClip[], scored: readonly ScoredClip[]): Frames {
  const { width, height } = clips[0].frames;
  return stackSheet(
    clips.map((clip, i) => {
      const frames = (data: Uint8Array): Uint8Array[] =>
        [0, 0.5, 1].map((place) =>
          frameAt({ ...clip.frames, data }, Math.round(place * (clip.frames.count - 1)))
        );
      return [clip.reference.data, ...frames(scored[i].output), ...frames(clip.frames.data)];
    }),
    { width, height },
  );
}

function table(report: {
  readonly scores: ReturnType<typeof meanScores>;
  readonly clips: number;
  readonly ownMotionWins: number;
  readonly referenceColoursFollow: number;
}): string[] {
  const lines = SCORE_ROWS.map((row) => {
    const { psnr, personPsnr, ssim, iou } = report.scores[row];
    return `${row.padEnd(15)} PSNR ${psnr.toFixed(2)}  person PSNR ${personPsnr.toFixed(2)}  ` +
      `SSIM ${ssim.toFixed(3)}  IoU ${iou.toFixed(3)}`;
  });
  return [
    ...lines,
    `own motion fits best in ${report.ownMotionWins} of ${report.clips}; ` +
    `colours follow an exchanged reference in ${report.referenceColoursFollow} of ${report.clips}`,
  ];
}
