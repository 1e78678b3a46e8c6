/**
 * Runs `isa4d train dit`: clips → latents → training.
 * @module
 */
import { join } from "node:path";
import { openDataset, readBody } from "../../lib/data/mod.ts";
import { UsageError } from "../../lib/errors.ts";
import { sha256File } from "../../lib/io/mod.ts";
import { openState } from "../../lib/models/state/mod.ts";
import { loadVideoVae, type VideoVae } from "../../lib/models/video_vae/mod.ts";
import {
  checkClipsFit,
  checkInitFits,
  checkStart,
  checkVaeFits,
  type DitTrainConfig,
  ditTrainPresets,
  humanClipOf,
  latentKey,
  type LatentSource,
  parseDitTrainConfig,
  prepareLatents,
  prepareVideoLatents,
  spread,
  trainDit,
  type TrainDitOptions,
} from "../../lib/train/mod.ts";
import type { Context } from "../support/context.ts";
import { findSources, type TrainSource, withoutShare } from "./sources.ts";
import { runTraining, type SourceFlags, type TrainRun } from "./training.ts";

/** Flags of `isa4d train dit`. */
export interface TrainDitFlags extends SourceFlags {
  readonly vae?: string;
}

/** Trains as the flags say; latents are kept beside the clips, by the VideoVAE that makes them. */
export async function runTrainDit(flags: TrainDitFlags, context: Context): Promise<void> {
  const { data, validation, init } = flags;
  await runTraining(flags, context, {
    ready: ditTrainPresets,
    parse: parseDitTrainConfig,
    inputs: [...data ?? [], flags.vae].map(withoutShare),
    checkFlags: () => {
      if (data && flags.vae) return;
      throw new UsageError(
        "--data and --vae are needed: a data set and the VideoVAE of its latents",
      );
    },
  }, async (run) => {
    const { config, ranks, device, context, log } = run;
    const path = context.path(flags.vae!);
    checkStart(config, init !== undefined);
    const first = init === undefined ? undefined : await openState(context.path(init));
    if (first) checkInitFits(config, { path: init!, config: configIn(first.metadata) });
    const vae = await loadVideoVae(path, { device });
    try {
      checkVaeFits(config, { path: flags.vae!, config: vae.config });
      const work = { vae, key: latentKey(vae), run };
      await trainDit(config, {
        ...run.options,
        latents: await latentsOf(data!, work),
        validation: validation === undefined ? undefined : await latentsOf([validation], work),
        pictures: validation === undefined ? undefined : await picturesOf(validation, work),
        vae,
        init: first?.tensors,
        device,
        ranks,
        onValidation: (report) => log.record({ ...report, kind: "validation" }),
      });
    } finally {
      vae.vars.dispose();
    }
  });
}

/** The configuration that weights carry; those of others carry none. */
function configIn({ config }: Readonly<Record<string, string>>): unknown {
  try {
    return JSON.parse(config ?? "null");
  } catch {
    return undefined;
  }
}

interface LatentsContext {
  readonly vae: VideoVae;
  /** Of the VideoVAE's latents. */
  readonly key: string;
  readonly run: TrainRun<DitTrainConfig>;
}

/** Makes the latents that are missing, in rank 0, and returns their folders. */
async function latentsOf(
  data: readonly string[],
  work: LatentsContext,
): Promise<LatentSource[]> {
  const { ranks, context, options } = work.run;
  const place = { context, ranks, out: options.out, signal: options.signal };
  const latents: LatentSource[] = [];
  const sources = await findSources(data, place);
  for (const source of sources) await checkSource(source, work);
  for (const source of sources) {
    const folder = await folderOf(source, work);
    if (ranks.rank === 0) await makeLatents(source, folder, work);
    await ranks.barrier();
    latents.push({ folder, share: source.share });
  }
  return latents;
}

/** Clips of a rendered set that are measured as pictures; undefined where none are asked for. */
async function picturesOf(
  validation: string,
  { run: { config: { samples }, ranks, context, options } }: LatentsContext,
): Promise<TrainDitOptions["pictures"]> {
  const place = { context, ranks, out: options.out, signal: options.signal };
  const [source] = await findSources([validation], place);
  if (source.kind !== "dataset" || samples.measured === 0) return undefined;
  using dataset = await openDataset(source.folder);
  const indices = spread(dataset.count, samples.measured);
  const clips = await Array.fromAsync(indices, async (index) => ({
    index,
    clip: humanClipOf(await dataset.clip(index), dataset.index.kind),
  }));
  return { body: await readBody(), clips };
}

/** Throws where clips do not fit the model, before the first of them is encoded. */
async function checkSource(
  source: TrainSource,
  { vae, run: { config } }: LatentsContext,
): Promise<void> {
  const { name } = source;
  if (source.kind === "videos") {
    return checkClipsFit(config, { name, ...config.videos }, vae.config);
  }
  using dataset = await openDataset(source.folder);
  checkClipsFit(config, { name, ...dataset.index }, vae.config);
}

/** Where a source's latents lie: by the VideoVAE, the points and, of videos, the index and windows. */
async function folderOf(
  source: TrainSource,
  { key: own, run: { config } }: LatentsContext,
): Promise<string> {
  const key = `latents-${own}-${config.model.pointsPerPerson}`;
  if (source.kind === "dataset") return join(source.folder, key);
  const { width, height, frames, fps } = config.videos;
  const index = (await sha256File(source.path)).slice(0, 8);
  return join(source.path, "..", `${key}-${width}x${height}-${frames}-${fps}-${index}`);
}

async function makeLatents(
  source: TrainSource,
  out: string,
  { vae, run: { config, context, options } }: LatentsContext,
): Promise<void> {
  const { model, videos } = config;
  const watch = {
    signal: options.signal,
    onShard: ({ clips, of }: { readonly clips: number; readonly of: number }) =>
      context.event(
        "latents",
        { done: clips, of, data: source.name },
        `latents of ${clips}/${of} clips in "${source.name}"`,
      ),
  };
  const work = { body: await readBody(), vae, model };
  if (source.kind === "videos") {
    return void await prepareVideoLatents(source.path, out, { ...work, videos }, watch);
  }
  using dataset = await openDataset(source.folder);
  await prepareLatents(dataset, out, work, watch);
}
