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
import { readTrainConfig } from "./train_config.ts";
import { TrainLog } from "./train_log.ts";

/** Flags of `isa4d train dit`. */
export interface TrainDitFlags {
  readonly config: string;
  readonly set?: readonly string[];
  readonly printConfig?: boolean;
  readonly data?: string;
  readonly validation?: string;
  readonly vae?: string;
  readonly init?: string;
  readonly out: string;
  readonly resume?: string;
  readonly device: string;
}

/** Trains as the flags say; latents are kept beside the data set, by the VideoVAE's hash. */
export async function runTrainDit(flags: TrainDitFlags, context: Context): Promise<void> {
  const config = parseDitTrainConfig(await readTrainConfig(flags, ditTrainPresets, context));
  if (flags.printConfig) return await context.print(JSON.stringify(config, null, 2));
  if (!flags.data || !flags.vae) {
    throw new UsageError("--data and --vae are needed: a data set and the VideoVAE of its latents");
  }
  const vae = { path: context.path(flags.vae), device: flags.device as Device };
  const latents = await latentsOf(flags.data, { vae, config, context });
  const validation = flags.validation &&
    await latentsOf(flags.validation, { vae, config, context });
  const out = context.path(flags.out);
  using log = await TrainLog.open(out, context);
  const { resume } = flags;
  await trainDit(config, {
    latents,
    validation,
    init: flags.init ? (await openState(context.path(flags.init))).tensors : undefined,
    out,
    resume: resume === undefined || resume === "auto" ? resume : context.path(resume),
    device: vae.device,
    signal: context.signal,
    onStep: (step) => log.step(step),
    onValidation: (report) => log.record({ ...report, kind: "validation" }),
  });
}

interface LatentsContext {
  readonly vae: { readonly path: string; readonly device: Device };
  readonly config: DitTrainConfig;
  readonly context: Context;
}

/** Makes the latents that are missing and returns their folder. */
async function latentsOf(
  data: string,
  { vae, config, context }: LatentsContext,
): Promise<string> {
  const folder = context.path(data);
  using dataset = await openDataset(folder);
  const { pointsPerPerson } = config.model;
  const key = `${(await sha256File(vae.path)).slice(0, 12)}-${pointsPerPerson}`;
  const out = join(folder, `latents-${key}`);
  const model = await loadVideoVae(vae.path, { device: vae.device });
  try {
    await prepareLatents(
      dataset,
      out,
      { body: await readBody(), vae: model, model: config.model },
      {
        signal: context.signal,
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
  return out;
}
