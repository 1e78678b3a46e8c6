/**
 * Files of this project's own feature networks.
 * @module
 */
import { allGiven, Vars } from "../../nn/mod.ts";
import type { Device } from "../../tensor/mod.ts";
import { modelSpec, named, openState, ownConfig } from "../state/mod.ts";
import { SynthVideoNet, type SynthVideoNetConfig, synthVideoNetConfig } from "./video_net.ts";

/** Kinds of files: frames to maps, clips to vectors. */
const featureNetKinds = { image: "synth_image_net", video: "synth_video_net" } as const;

/** The metadata by which a file is known. */
export function featureNetFacts(
  net: "image" | "video",
  config: SynthVideoNetConfig,
): Record<string, string> {
  const kept = net === "video" ? config : {};
  return {
    ...{ format: "isa4d", kind: featureNetKinds[net], config: JSON.stringify(kept) },
    ...modelSpec({
      architecture: `isa4d-${net}-features`,
      title: `Features of ${net}s`,
      description: "Network for distances between pictures and videos of rendered people",
    }),
  };
}

/** A loaded network; free it with `vars.dispose()`. */
export interface LoadedVideoNet {
  readonly net: SynthVideoNet;
  readonly vars: Vars;
}

/**
 * Reads the network of clips, weights frozen.
 *
 * @throws InputError when the file is something else or lacks a tensor
 */
export async function loadSynthVideoNet(
  path: string,
  { device = "cpu" }: { readonly device?: Device } = {},
): Promise<LoadedVideoNet> {
  const state = await openState(path);
  const called = "video network of isa4d";
  const config = ownConfig(state, { kind: featureNetKinds.video, called });
  const vars = Vars.root({ device, given: allGiven });
  try {
    const net = named(path, () => new SynthVideoNet(vars, synthVideoNetConfig.parse(config)));
    named(path, () => vars.load(state.tensors));
    vars.setRequiresGrad(false);
    return { net, vars };
  } catch (error) {
    vars.dispose();
    throw error;
  }
}
