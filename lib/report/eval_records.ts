/**
 * Records of `isa4d eval`, as the page needs them.
 * @module
 */
import { basename } from "node:path";
import { z } from "zod";
import { InputError } from "../errors.ts";
import { evalKinds } from "../eval/metrics/mod.ts";
import { readJson } from "../io/mod.ts";

const score = z.number().nullable();
const numbers = z.record(z.string(), score);

/** Scores by name; `null` where there is none. */
export type Numbers = z.infer<typeof numbers>;

const video = z.object({
  name: z.string().optional(),
  path: z.string().optional(),
  frames: z.int(),
  scores: numbers,
  byFrame: z.union([z.record(z.string(), z.array(score)), z.array(numbers)]),
});

const heldOutSet = z.object({
  name: z.string(),
  clips: z.int(),
  background: z.string(),
  rows: z.array(z.object({
    row: z.string(),
    cfgScale: z.number().optional(),
    scores: numbers,
    ownMotionWins: z.int().optional(),
    referenceColoursFollow: z.int().optional(),
  })).min(1),
});

const vae = z.object({
  name: z.string(),
  clips: z.int(),
  psnr: score,
  psnrByPosition: z.array(score),
  lastFrameBias: score,
  gaussian: z.object({ wasserstein: score, excessKurtosis: score }),
});

const epipolar = z.object({
  matches: z.int(),
  error: score,
  byChance: score,
  near: score,
});

const gridRow = z.object({
  row: z.string(),
  model: z.string().optional(),
  cfgScale: z.number().optional(),
  scores: numbers,
  byView: z.array(numbers),
  agreement: z.object({ consistency: score, epipolar }),
});

const reenactRow = z.object({ row: z.string(), scores: numbers });

const record = z.object({
  format: z.literal("isa4d-eval"),
  version: z.literal(1),
  kind: z.enum(evalKinds),
  scores: z.object({
    consistency: score,
    epipolar,
    pairs: z.array(z.object({
      views: z.array(z.int()),
      angle: z.number(),
      epipolar,
      spots: z.int(),
      difference: score,
      byChance: score,
    })),
  }).optional(),
  protocol: z.record(z.string(), z.unknown()),
  videos: z.array(video).default([]),
  worst: z.array(z.object({
    file: z.string().regex(/^[\w-]+\.png$/),
    pair: z.string(),
    frame: z.int(),
    score: z.string(),
    value: z.number(),
  })).default([]),
  heldOut: z.array(heldOutSet).default([]),
  rows: z.array(gridRow).default([]),
  means: z.array(reenactRow).default([]),
  clips: z.array(z.object({ name: z.string(), rows: z.array(reenactRow) })).default([]),
  vaes: z.array(vae).default([]),
  distances: z.array(z.object({
    name: z.string(),
    distance: z.number(),
    dimensions: z.int(),
    samples: z.array(z.int()),
    warning: z.string().optional(),
  })).default([]),
});

/** A video's scores, each a list over its frames too. */
export interface EvalVideo {
  readonly name: string;
  readonly frames: number;
  readonly scores: Numbers;
  readonly byFrame: Readonly<Record<string, readonly (number | null)[]>>;
}

/** A checked record. */
export type EvalRecordFile =
  & Omit<z.infer<typeof record>, "videos">
  & { readonly videos: readonly EvalVideo[] };

/** Reads and checks a record. Throws {@linkcode InputError}, which names the file. */
export async function readEvalRecord(path: string): Promise<EvalRecordFile> {
  const parsed = record.safeParse(await readJson(path));
  if (!parsed.success) {
    const [{ path: at, message }] = parsed.error.issues;
    throw new InputError(`"${path}" is no record of isa4d eval: ${at.join(".")}: ${message}`);
  }
  const videos = parsed.data.videos.map(({ name, path = "", frames, scores, byFrame }) => ({
    name: name ?? basename(path),
    frames,
    scores,
    byFrame: Array.isArray(byFrame) ? columnsOf(byFrame) : byFrame,
  }));
  return { ...parsed.data, videos };
}

/** A list a score, from a record a frame. */
function columnsOf(rows: readonly Numbers[]): Record<string, (number | null)[]> {
  const names = Object.keys(rows[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name] ?? null)]));
}
