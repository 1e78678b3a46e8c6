/**
 * Renders the clips of one shard into its file.
 * @module
 */
import type { BodyMesh } from "../../geometry/mod.ts";
import { writeSafetensors } from "../../io/mod.ts";
import {
  type NamedMotion,
  type PhotographedPlaces,
  renderGroup,
  type Textured,
} from "../synth/mod.ts";
import { clipsIn, type DatasetIndex } from "./layout.ts";
import { packClips } from "./records.ts";

/** What a shard is rendered from. */
export interface ShardPlan {
  readonly body: BodyMesh;
  readonly index: DatasetIndex;
  /** Which shard. */
  readonly shard: number;
  /** Beside the built-in motions. */
  readonly recordings?: readonly NamedMotion[];
  readonly textured?: Textured;
  readonly photographed?: PhotographedPlaces;
}

/** Writes a shard, whole or not at all. */
export async function renderShard(
  { body, index, shard, recordings, textured, photographed }: ShardPlan,
  path: string,
): Promise<void> {
  const { width, height, frames, fps, views, kind, persons, frameOn, version } = index;
  const { estimates, metered, mocap } = index;
  const first = index.seed + shard * index.shardSize / views;
  const pools = version === 1 ? undefined : index;
  const clips = Array.from(
    { length: clipsIn(index, shard) / views },
    (_, i) =>
      renderGroup(body, {
        seed: first + i,
        width,
        height,
        frames,
        fps,
        views,
        kind,
        persons,
        frameOn,
        estimates,
        metered,
        pools,
        recordings,
        recordedShare: mocap || 1,
        textured,
        photographed,
      }),
  ).flat();
  await writeSafetensors(path, packClips(clips, index), { format: "isa4d-clips" });
}
