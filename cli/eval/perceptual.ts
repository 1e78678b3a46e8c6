/**
 * Networks of the perceptual distances, as the commands of `isa4d eval` take them.
 * @module
 */
import { UsageError } from "../../lib/errors.ts";
import {
  type FrameMetric,
  type PairNet,
  type WeightsUsed,
  weightsUsed,
} from "../../lib/eval/mod.ts";
import { type NetMetric, netMetrics } from "../../lib/eval/metrics/mod.ts";
import {
  loadEfficientNetDistance,
  loadLpips,
  loadSynthPerceptual,
} from "../../lib/models/perceptual/mod.ts";
import type { Vars } from "../../lib/nn/mod.ts";
import { shippedFeatures } from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import { deviceOf } from "../support/device.ts";
import { lpipsFiles, type LpipsFlags } from "../support/lpips_files.ts";

/** Flags that name the networks' files. */
interface NetFlags extends LpipsFlags {
  /** EfficientNet-Lite0's weights. */
  readonly efficientnet?: string;
}

/** Flags that choose them. */
export interface PerceptualFlags extends NetFlags {
  /** What is asked for; without, what can be had. */
  readonly metrics?: readonly FrameMetric[];
  readonly device: string;
}

/** A network in memory. */
interface LoadedNet {
  readonly net: PairNet;
  readonly vars: Vars;
  /** For the protocol. */
  readonly definition: string;
  /** The files behind it. */
  readonly files: readonly { readonly role: string; readonly file: string }[];
}

/** Where a metric gets its network. */
interface NetSource {
  /** Complaint where it is asked for and cannot be had. */
  readonly needs: string;
  /** Unasked, it is measured only where that one cannot be had. */
  readonly standsInFor?: NetMetric;
  canBeHad(flags: NetFlags, context: Context): boolean;
  load(flags: PerceptualFlags, context: Context): Promise<LoadedNet>;
}

const sources: Readonly<Record<NetMetric, NetSource>> = {
  lpips: {
    needs: "--lpips-net and --lpips-linear",
    canBeHad: (flags, context) => lpipsFiles(flags, context) !== undefined,
    async load(flags, context) {
      const given = lpipsFiles(flags, context)!;
      const { lpips, vars, backbone } = await loadLpips(given, { device: deviceOf(flags.device) });
      return {
        net: lpips,
        vars,
        definition: `LPIPS 0.1, ${backbone}`,
        files: [
          { role: `LPIPS backbone ${backbone}`, file: given.backbone },
          { role: "LPIPS linear layers", file: given.linear },
        ],
      };
    },
  },
  spd: {
    needs: "the shipped networks",
    standsInFor: "lpips",
    canBeHad: () => true,
    async load({ device }) {
      const file = shippedFeatures("image");
      const { lpips, vars } = await loadSynthPerceptual(file, { device: deviceOf(device) });
      return {
        net: lpips,
        vars,
        definition: "SPD, made as LPIPS of isa4d's own network, channels weighed alike",
        files: [{ role: "SPD", file }],
      };
    },
  },
  efficientnet: {
    needs: "--efficientnet, the file that `deno task features` fetches",
    canBeHad: ({ efficientnet }) => efficientnet !== undefined,
    async load({ efficientnet, device }, context) {
      const file = context.path(efficientnet!);
      const { distance, vars } = await loadEfficientNetDistance(file, { device: deviceOf(device) });
      return {
        net: distance,
        vars,
        definition:
          "EfficientNet distance: LPIPS' form on EfficientNet-Lite0, channels weighed alike",
        files: [{ role: "EfficientNet-Lite0", file }],
      };
    },
  },
};

/** What there is. */
export interface PerceptualNets extends Disposable {
  readonly nets: Readonly<Partial<Record<NetMetric, PairNet>>>;
  /** For the protocol. */
  readonly definitions: Readonly<Partial<Record<FrameMetric, string>>>;
  /** The files behind those of `metrics` that need some. */
  weightsOf(metrics: readonly FrameMetric[]): Promise<WeightsUsed[]>;
}

/** Metrics whose networks can be had with these flags. */
export function availableNets(flags: NetFlags, context: Context): NetMetric[] {
  return netMetrics.filter((name) => sources[name].canBeHad(flags, context));
}

/**
 * Networks of the metrics asked for; where none are named, of those that can be had and that stand in
 * for no other.
 *
 * @throws UsageError for one that is asked for and cannot be had
 */
export async function loadPerceptual(
  flags: PerceptualFlags,
  context: Context,
): Promise<PerceptualNets> {
  const available = availableNets(flags, context);
  const unasked = ({ standsInFor }: NetSource): boolean =>
    standsInFor === undefined || !available.includes(standsInFor);
  const wanted = flags.metrics
    ? netMetrics.filter((name) => flags.metrics!.includes(name))
    : available.filter((name) => unasked(sources[name]));
  const missing = wanted.find((name) => !available.includes(name));
  if (missing) throw new UsageError(`${missing} needs ${sources[missing].needs}`);
  const loaded = new Map<FrameMetric, LoadedNet>();
  const dispose = (): void => loaded.forEach(({ vars }) => vars.dispose());
  try {
    for (const name of wanted) loaded.set(name, await sources[name].load(flags, context));
  } catch (error) {
    dispose();
    throw error;
  }
  const each = <T>(pick: (net: LoadedNet) => T): Partial<Record<FrameMetric, T>> =>
    Object.fromEntries([...loaded].map(([name, net]) => [name, pick(net)]));
  return {
    nets: each(({ net }) => net),
    definitions: each(({ definition }) => definition),
    weightsOf: (metrics) =>
      Promise.all(
        netMetrics.filter((name) => metrics.includes(name))
          .flatMap((name) => loaded.get(name)?.files ?? [])
          .map(({ role, file }) => weightsUsed(role, file)),
      ),
    [Symbol.dispose]: dispose,
  };
}
