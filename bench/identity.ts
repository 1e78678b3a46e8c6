/**
 * Whether each of several persons looks like the own reference, and whether the nearer one covers the
 * farther. Prints one JSON record.
 *
 * `./denow run -A bench/identity.ts VIDEO.mp4`: of a video that `isa4d generate` made; the job is read
 * from the video.
 *
 * `./denow run -A bench/identity.ts --pairs 12 [--weights small] [--steps 8] [--frames 5]
 * [--sheet pairs.png]`: of held-out pairs, one person behind the other; a line a pair on stderr. Equal
 * options are equal pairs and equal noise, so that two sets of weights can be compared.
 * @module
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { bodyPath, readBody, type SynthClip } from "../lib/data/mod.ts";
import { psnr } from "../lib/eval/mod.ts";
import type { BodyMesh } from "../lib/geometry/mod.ts";
import { frameAt, type Frames, openVideo, sha256File, streamOf, writePng } from "../lib/io/mod.ts";
import { measureIdentity } from "./measures/identity.ts";
import {
  findWeights,
  generateClip,
  loadScene,
  Models,
  readRecord,
  type Scene,
} from "../lib/pipelines/mod.ts";
import { stackSheet } from "../lib/preview/mod.ts";
import { coveringOf, type Pair, renderPair } from "./support/pairs.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: "string" },
    weights: { type: "string", default: "small" },
    steps: { type: "string", default: "8" },
    side: { type: "string", default: "128" },
    frames: { type: "string", default: "5" },
    sheet: { type: "string" },
  },
});
const from = (path: string) => resolve(Deno.env.get("INIT_CWD") ?? ".", path);

/** The video's job says who should be where. */
async function measureVideo(path: string): Promise<object> {
  const { job } = await readRecord(path);
  const scene = await loadScene(job, { bodyPath });
  return { path, ...await measureIdentity(scene, await openVideo(path)) };
}

function sceneOf(body: BodyMesh, { persons, cameras }: SynthClip): Scene {
  return {
    body,
    cameras,
    persons: persons.map(({ poses, reference, referencePose, referenceCamera }) => ({
      poses,
      reference: { picture: reference, known: { body: referencePose, camera: referenceCamera } },
    })),
  };
}

async function measurePair(body: BodyMesh, pair: Pair, video: Frames) {
  const { clip } = pair;
  const { distances, own, overlap } = await measureIdentity(sceneOf(body, clip), streamOf(video));
  return {
    own,
    toOwn: (distances[0][0] + distances[1][1]) / 2,
    toOther: (distances[0][1] + distances[1][0]) / 2,
    overlapFront: overlap?.front ?? NaN,
    overlapBehind: overlap?.behind ?? NaN,
    psnr: psnr(video.data, clip.frames.data, clip.mask),
    ...coveringOf(body, pair, video),
  };
}

type Row = Awaited<ReturnType<typeof measurePair>>;

function means(rows: readonly Row[]): Record<string, number> {
  const mean = (key: keyof Row) => rows.reduce((sum, row) => sum + row[key], 0) / rows.length;
  return {
    ...Object.fromEntries((Object.keys(rows[0]) as (keyof Row)[]).map((key) => [key, mean(key)])),
    pairsBothOwn: rows.filter(({ own }) => own === 1).length,
    pairsFront:
      rows.filter(({ overlapFront, overlapBehind }) => overlapFront < overlapBehind).length,
  };
}

/** References, middle frames of the truth and of the result, and each person alone. */
function sheetRow({ clip, alone }: Pair, made: Frames): Uint8Array[] {
  const middle = (data: Uint8Array) => frameAt({ ...made, data }, made.count >> 1);
  return [
    ...clip.persons.map(({ reference }) => reference.data),
    middle(clip.frames.data),
    ...[0, made.count >> 1, made.count - 1].map((frame) => frameAt(made, frame)),
    ...alone.map(middle),
  ];
}

async function measurePairs(count: number): Promise<object> {
  const body = await readBody(bodyPath);
  const files = await findWeights(
    values.weights.includes("/") ? from(values.weights) : values.weights,
  );
  using models = await Models.load(files);
  const side = Number(values.side);
  const sampling = {
    steps: Number(values.steps),
    sampler: "unipc",
    cfgScale: 1.5,
    flowShift: 1,
  } as const;
  const made: Row[] = [], ideal: Row[] = [], sheet: Uint8Array[][] = [];
  for (let number = 0; number < count; number++) {
    const pair = renderPair(body, number, { side, frames: Number(values.frames) });
    const video = await generateClip(models, body, pair.clip, { ...sampling, seed: number });
    made.push(await measurePair(body, pair, video));
    ideal.push(await measurePair(body, pair, pair.clip.frames));
    sheet.push(sheetRow(pair, video));
    console.error(JSON.stringify({ pair: number, ...made[number] }));
    if (values.sheet) {
      await writePng(from(values.sheet), stackSheet(sheet, { width: side, height: side }));
    }
  }
  const { isaDit } = files;
  return {
    ...{ pairs: count, isaDit, sha256: await sha256File(isaDit), ...sampling },
    ...{ made: means(made), truth: means(ideal) },
  };
}

const found = values.pairs === undefined
  ? await measureVideo(from(positionals[0] ?? ""))
  : await measurePairs(Number(values.pairs));
console.log(JSON.stringify({ format: "isa4d-identity", version: 1, ...found }));
