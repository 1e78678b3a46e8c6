/**
 * Runs `isa4d train dit`: data set → latents → training.
 * @module
 */
import { join } from "node:path";
import { openDataset, readBody } from "../../lib/data/mod.ts";
import { UsageError } from "../../lib/errors.ts";
import { sha256File } from "../../lib/io/mod.ts";
import { openState } from "../../lib/models/state/mod.ts";
import { loadVideoVae } from "../../lib/models/video_vae/mod.ts";
import type { Device } from "../../lib/tensor/mod.ts";
import {
  type DitTrainConfig,
  ditTrainPresets,
  parseDitTrainConfig,
  prepareLatents,
  trainDit,
} from "../../lib/train/mod.ts";
import type { Context } from "./context.ts";
import { runTraining, type TrainFlags, type TrainRun } from "./train_run.ts";

/** Flags of `isa4d train dit`. */
export interface TrainDitFlags extends TrainFlags {
  readonly vae?: string;
}

/** Trains as the flags say; latents are kept beside the data set, by the VideoVAE's hash. */
export async function runTrainDit(flags: TrainDitFlags, context: Context): Promise<void> {
  const { data, validation, init } = flags;
  await runTraining(flags, context, {
    ready: ditTrainPresets,
    parse: parseDitTrainConfig,
    checkFlags: () => {
      if (data && flags.vae) return;
      throw new UsageError(
        "--data and --vae are needed: a data set and the VideoVAE of its latents",
      );
    },
  }, async (run) => {
    const { config, ranks, device, context, log } = run;
    const vae = { path: context.path(flags.vae!), device };
    const latents = await latentsOf(data!, { vae, run });
    await trainDit(config, {
      ...run.options,
      latents,
      validation: validation && await latentsOf(validation, { vae, run }),
      init: init ? (await openState(context.path(init))).tensors : undefined,
      device,
      ranks,
      onValidation: (report) => log.record({ ...report, kind: "validation" }),
    });
  });
}

interface LatentsContext {
  readonly vae: { readonly path: string; readonly device: Device };
  readonly run: TrainRun<DitTrainConfig>;
}

/** Makes the latents that are missing, in rank 0, and returns their folder. */
async function latentsOf(data: string, { vae, run }: LatentsContext): Promise<string> {
  const { config, ranks, context } = run;
  const folder = context.path(data);
  const key = `${(await sha256File(vae.path)).slice(0, 12)}-${config.model.pointsPerPerson}`;
  const out = join(folder, `latents-${key}`);
  if (ranks.rank === 0) await makeLatents(data, out, { vae, run });
  await ranks.barrier();
  return out;
}

async function makeLatents(
  data: string,
  out: string,
  { vae, run: { config, context, options } }: LatentsContext,
): Promise<void> {
  const folder = context.path(data);
  using dataset = await openDataset(folder);
  const model = await loadVideoVae(vae.path, { device: vae.device });
  try {
    await prepareLatents(
      dataset,
      out,
      { body: await readBody(), vae: model, model: config.model },
      {
        signal: options.signal,
        onShard: ({ clips, of }) =>
          context.event(
            "latents",
            { done: clips, of, data },
            `latents of ${clips}/${of} clips in "${data}"`,
          ),
      },
    );
  } finally {
    model.vars.dispose();
  }
}
