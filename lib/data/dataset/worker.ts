/**
 * Renders whole shards on a thread of its own: receives a `ShardOrder`, answers with a `ShardAnswer`.
 * @module
 */
/// <reference lib="deno.worker" />
import type { BodyMesh } from "../../geometry/mod.ts";
import { readBody } from "../body_file.ts";
import type { NamedMotion, PhotographedPlaces, Textured } from "../synth/mod.ts";
import { type DatasetIndex, shardPath } from "./layout.ts";
import { namedCaptures } from "../motions/mod.ts";
import { readPhotographed } from "../photographed_places.ts";
import { readTextured } from "../textured_people.ts";
import { readRecordings } from "./recordings.ts";
import { renderShard } from "./shard.ts";

/** One shard to render. */
export interface ShardOrder {
  /** File of the body. */
  readonly bodyPath: string;
  /** Folder of the data set. */
  readonly out: string;
  /** What the data set is. */
  readonly index: DatasetIndex;
  /** Which shard. */
  readonly shard: number;
  /** Files of motions, instead of the built-in ones. */
  readonly motionPaths?: readonly string[];
}

/** What became of an order; `name` and `message` are the error's. */
export type ShardAnswer =
  | { readonly done: true; readonly shard: number }
  | { readonly done: false; readonly name: string; readonly message: string };

let body: BodyMesh | undefined;
let textured: Textured | undefined;
let photographed: PhotographedPlaces | undefined;
let recordings: readonly NamedMotion[] | undefined;

self.onmessage = async ({ data }: MessageEvent<ShardOrder>) => {
  let answer: ShardAnswer;
  try {
    body ??= await readBody(data.bodyPath);
    const { index, shard, out } = data;
    recordings ??= await recordingsOf(data, body);
    textured ??= await readTextured(index.people);
    photographed ??= await readPhotographed(index.photographed);
    await renderShard(
      { body, index, shard, recordings, textured, photographed },
      shardPath(out, shard),
    );
    answer = { done: true, shard: data.shard };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    answer = { done: false, name, message };
  }
  self.postMessage(answer);
};

async function recordingsOf(
  { index, motionPaths }: ShardOrder,
  body: BodyMesh,
): Promise<readonly NamedMotion[] | undefined> {
  if (index.mocap > 0) return await namedCaptures();
  return motionPaths && await readRecordings(motionPaths, { body, fps: Math.max(...index.fps) });
}
