/**
 * Renders the clips of one shard into its file.
 * @module
 */
import type { BodyMesh } from "../../geometry/mod.ts";
import { writeSafetensors } from "../../io/mod.ts";
import { renderGroup } from "../synth/mod.ts";
import { clipsIn, type DatasetIndex } from "./layout.ts";
import { packClips } from "./records.ts";

/** Writes a shard, whole or not at all. */
export async function renderShard(
  body: BodyMesh,
  index: DatasetIndex,
  shard: number,
  path: string,
): Promise<void> {
  const { width, height, frames, fps, views, kind, persons, version } = index;
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
        pools,
      }),
  ).flat();
  await writeSafetensors(path, packClips(clips, index), { format: "isa4d-clips" });
}
