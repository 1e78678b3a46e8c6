// T frames, H height, W width, D features

/**
 * Networks that turn videos into vectors, as Fréchet distances take them.
 * @module
 */
import {
  I3D_FRAMES,
  loadI3d,
  loadInception,
  loadSynthVideoNet,
} from "../models/video_features/mod.ts";
import {
  type Device,
  inferenceMode,
  mul,
  narrow,
  reshape,
  scope,
  sub,
  type Tensor,
  toFloat32,
  transpose,
  unsqueeze,
  upsampleBilinear2dAa,
} from "../tensor/mod.ts";
import type { MetricOf } from "./metrics/mod.ts";

/** Distances by the network that they are taken of. */
export type DistanceName = Uppercase<MetricOf<"set">>;

/** A network in memory. */
export interface FeatureNet {
  /** What a distance of its features is called; FVD and FID are I3D's and InceptionV3's alone. */
  readonly distance: DistanceName;
  /** For the protocol. */
  readonly description: string;
  readonly dimensions: number;
  /** Fewest frames of a clip. */
  readonly frames: number;
  /** Frames [T,3,H,W] in 0..1 → features [n·D]: one vector a clip, or one a frame. */
  features(frames: Tensor): Float32Array;
  dispose(): void;
}

/** Files of the networks that are wanted. */
export interface FeatureNetFiles {
  /** I3D: FVD. */
  readonly i3d?: string;
  /** InceptionV3: FID, of each frame. */
  readonly inception?: string;
  /** The network that this project ships: FSVD, Fréchet synthetic video distance. */
  readonly own?: string;
}

/** Loads what there is a file of. Errors as the loaders of lib/models/video_features. */
export async function openFeatureNets(
  files: FeatureNetFiles,
  { device = "cpu" }: { readonly device?: Device } = {},
): Promise<FeatureNet[]> {
  const nets: FeatureNet[] = [];
  try {
    if (files.own !== undefined) nets.push(await ownNet(files.own, device));
    if (files.i3d !== undefined) nets.push(await i3dNet(files.i3d, device));
    if (files.inception !== undefined) nets.push(await inceptionNet(files.inception, device));
    return nets;
  } catch (error) {
    for (const net of nets) net.dispose();
    throw error;
  }
}

async function i3dNet(path: string, device: Device): Promise<FeatureNet> {
  const { net, vars } = await loadI3d(path, { device });
  return {
    distance: "FVD",
    description: "FVD: logits of I3D, batch normalisation with 0.001, frames to 224×224 bilinearly",
    dimensions: net.dimensions,
    frames: I3D_FRAMES,
    features: (frames) => computed(() => net.forward(asClip(signed(frames)))),
    dispose: () => vars.dispose(),
  };
}

async function inceptionNet(path: string, device: Device): Promise<FeatureNet> {
  const { net, vars } = await loadInception(path, { device });
  const BATCH = 8;
  return {
    distance: "FID",
    description: "FID: pooled features of InceptionV3 of each frame, to 299×299 bilinearly",
    dimensions: net.dimensions,
    frames: 1,
    features(frames) {
      const [T] = frames.shape;
      const all = new Float32Array(T * net.dimensions);
      for (let t = 0; t < T; t += BATCH) {
        const count = Math.min(BATCH, T - t);
        all.set(
          computed(() => net.forward(signed(narrow(frames, 0, t, count)))),
          t * net.dimensions,
        );
      }
      return all;
    },
    dispose: () => vars.dispose(),
  };
}

async function ownNet(path: string, device: Device): Promise<FeatureNet> {
  const { net, vars } = await loadSynthVideoNet(path, { device });
  const { frames, size } = net.config;
  return {
    distance: "FSVD",
    description:
      `FSVD: features of isa4d's network of rendered people, ${frames} frames, centre square to ${size}×${size} bilinearly with antialiasing`,
    dimensions: net.dimensions,
    frames,
    features: (all) =>
      computed(() => {
        const square = centreSquare(narrow(all, 0, 0, frames));
        return net.forward(asClip(signed(upsampleBilinear2dAa(square, [size, size], false))));
      }),
    dispose: () => vars.dispose(),
  };
}

function computed(run: () => Tensor): Float32Array {
  return inferenceMode(() => scope(() => toFloat32(run())));
}

function signed(frames: Tensor): Tensor {
  return sub(mul(frames, 2), 1);
}

/** [T,3,H,W] → [1,3,T,H,W]. */
function asClip(frames: Tensor): Tensor {
  return unsqueeze(transpose(frames, 0, 1), 0);
}

/** The largest square in the middle. */
export function centreSquare(frames: Tensor): Tensor {
  const [T, C, H, W] = frames.shape;
  const side = Math.min(H, W);
  const rows = narrow(frames, 2, Math.floor((H - side) / 2), side);
  return reshape(narrow(rows, 3, Math.floor((W - side) / 2), side), [T, C, side, side]);
}
