/**
 * Rows of `isa4d eval reenact`: what is made in place of a real clip, beside what costs nothing.
 * @module
 */
import {
  foreground,
  type FrameScorer,
  type LookNets,
  type MadePersons,
  madePersons,
  maskIou,
  meanScores,
  psnr,
  type ReenactedClip,
} from "../../lib/eval/mod.ts";
import type { MetricOf } from "../../lib/eval/metrics/mod.ts";
import { type BodyMesh, coverCamera } from "../../lib/geometry/mod.ts";
import { coverRegion, frameAt, resizeFrames } from "../../lib/io/mod.ts";
import type { SampleLatentsOptions } from "../../lib/pipelines/mod.ts";
import { priorClip, priorVideo } from "../../lib/prior/mod.ts";
import type { Maker } from "./maker.ts";

/** What rows are made of. */
export interface ReenactSetting {
  readonly body: BodyMesh;
  readonly maker: Maker;
  readonly sampling: SampleLatentsOptions;
  /** SSIM, and distances that need a network. */
  readonly scorer: FrameScorer;
  readonly looks: LookNets;
  /** Number of the frame that is the reference. */
  readonly reference: number;
}

/** In the order of rows. */
const rows = {
  still: {
    label: "reference frame repeated",
    frames: ({ frames }, { reference }) => repeated(frameAt(frames, reference), frames.count),
  },
  scene: { label: "empty scene alone", frames: ({ background }) => background.data },
  prior: {
    label: "prior alone",
    frames: (clip, { body }) => priorVideo(body, priorClip(clip)),
  },
  model: {
    label: "model",
    frames: async (clip, { maker, sampling }) => {
      const told = await withSmallReference(clip);
      return (await maker.make!(told, { backgroundGiven: true, sampling })).data;
    },
  },
} as const satisfies Readonly<Record<string, Row>>;

interface Row {
  readonly label: string;
  frames(clip: ReenactedClip, setting: ReenactSetting): Uint8Array | Promise<Uint8Array>;
}

/** A row's name in records. */
export type ReenactRowName = keyof typeof rows;

const rowNames = Object.keys(rows) as ReenactRowName[];

/** What people call a row. */
export function reenactLabel(row: ReenactRowName): string {
  return rows[row].label;
}

/** Scores of a row; `null` where there is no number, as PSNR's infinity. */
export type ReenactScores =
  & Readonly<Partial<Record<MetricOf<"clip">, number | null>>>
  & MadePersons;

/** A row of a table. */
export interface ReenactRow {
  readonly row: ReenactRowName;
  readonly scores: ReenactScores;
}

/** A row with its pictures. */
export interface MadeRow extends ReenactRow {
  /** rgb24. */
  readonly frames: Uint8Array;
}

/** Makes and scores all rows of a clip. */
export async function reenact(
  clip: ReenactedClip,
  setting: ReenactSetting,
): Promise<readonly MadeRow[]> {
  const { frames: { width, height, data }, mask, background } = clip;
  const truth = { width, height, truth: data };
  const made: MadeRow[] = [];
  for (const row of rowNames) {
    if (row === "model" && !setting.maker.make) continue;
    setting.sampling.signal?.throwIfAborted();
    const frames = await rows[row].frames(clip, setting);
    const scores = {
      psnr: finite(psnr(frames, data)),
      personPsnr: finite(psnr(frames, data, mask)),
      iou: maskIou(foreground(frames, background.data), mask),
      ...Object.fromEntries(meanScores(setting.scorer, frames, truth)),
      ...await madePersons(frames, clip, setting.looks),
    };
    made.push({ row, scores, frames });
  }
  return made;
}

/** Means over clips, row by row; of values that are there. */
export function meanRows(clips: readonly (readonly ReenactRow[])[]): ReenactRow[] {
  return clips[0].map(({ row, scores }, i) => {
    const names = Object.keys(scores) as (keyof ReenactScores)[];
    const means = names.map((name) => {
      const values = clips.map((rows) => rows[i].scores[name])
        .filter((value) => typeof value === "number");
      const sum = values.reduce((sum, value) => sum + value, 0);
      return [name, values.length === 0 ? null : sum / values.length];
    });
    return { row, scores: Object.fromEntries(means) as ReenactScores };
  });
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function repeated(picture: Uint8Array, count: number): Uint8Array {
  const all = new Uint8Array(picture.length * count);
  for (let frame = 0; frame < count; frame++) all.set(picture, frame * picture.length);
  return all;
}

/** References of the clip's own size, as models are given them. */
async function withSmallReference(clip: ReenactedClip): Promise<ReenactedClip> {
  const { width, height } = clip.frames;
  const size = { width, height };
  const persons = await Promise.all(clip.persons.map(async (person) => {
    const { reference, referenceMask, referenceCamera } = person;
    const grey = Uint8Array.from(
      { length: 3 * referenceMask.length },
      (_, i) => referenceMask[Math.floor(i / 3)],
    );
    const part = { region: coverRegion(reference, size) };
    const mask = await resizeFrames({ ...reference, data: grey }, size, part);
    return {
      ...person,
      reference: await resizeFrames(reference, size, part),
      referenceMask: mask.data.filter((_, i) => i % 3 === 0),
      referenceCamera: coverCamera(referenceCamera, size),
    };
  }));
  return { ...clip, persons };
}
