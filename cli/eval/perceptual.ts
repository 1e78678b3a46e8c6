/**
 * Networks of the perceptual distances, as the commands of `isa4d eval` take them.
 * @module
 */
import { UsageError } from "../../lib/errors.ts";
import { type FrameMetric, type WeightsUsed, weightsUsed } from "../../lib/eval/mod.ts";
import { loadLpips, loadSynthPerceptual, type Lpips } from "../../lib/models/perceptual/mod.ts";
import { shippedFeatures } from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import { deviceOf } from "../support/device.ts";
import { lpipsFiles, type LpipsFlags } from "../support/lpips_files.ts";

/** Flags that choose them. */
export interface PerceptualFlags extends LpipsFlags {
  /** What is asked for; without, what can be had. */
  readonly metrics?: readonly FrameMetric[];
  readonly device: string;
}

/** What there is. */
export interface PerceptualNets {
  readonly lpips?: Lpips;
  readonly spd?: Lpips;
  /** For the protocol. */
  readonly definitions: { readonly lpips?: string; readonly spd?: string };
  /** The files behind those of `metrics` that need some. */
  weightsOf(metrics: readonly FrameMetric[]): Promise<WeightsUsed[]>;
  dispose(): void;
}

/** LPIPS where its files are given; the shipped network where it is asked for, or nothing else is. */
export async function loadPerceptual(
  flags: PerceptualFlags,
  context: Context,
): Promise<PerceptualNets> {
  const { metrics } = flags;
  const device = deviceOf(flags.device);
  const given = lpipsFiles(flags, context);
  if (!given && metrics?.includes("lpips")) {
    throw new UsageError("lpips needs --lpips-net and --lpips-linear");
  }
  const wanted = metrics?.includes("spd") ?? !given;
  const file = shippedFeatures("image");
  const spd = wanted ? await loadSynthPerceptual(file, { device }) : undefined;
  const lpips = given && await loadLpips(given, { device });
  return {
    ...lpips ? { lpips: lpips.lpips } : {},
    ...spd ? { spd: spd.lpips } : {},
    definitions: {
      ...lpips ? { lpips: `LPIPS 0.1, ${lpips.backbone}` } : {},
      ...spd ? { spd: "SPD, made as LPIPS of isa4d's own network, channels weighed alike" } : {},
    },
    async weightsOf(measured) {
      const used: WeightsUsed[] = [];
      if (lpips && measured.includes("lpips")) {
        used.push(
          await weightsUsed(`LPIPS backbone ${lpips.backbone}`, given.backbone),
          await weightsUsed("LPIPS linear layers", given.linear),
        );
      }
      if (spd && measured.includes("spd")) used.push(await weightsUsed("SPD", file));
      return used;
    },
    dispose() {
      lpips?.vars.dispose();
      spd?.vars.dispose();
    },
  };
}
