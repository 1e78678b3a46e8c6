/**
 * I3D and InceptionV3 from the files that people have.
 * @module
 */
import { InputError } from "../../errors.ts";
import { allGiven, Vars } from "../../nn/mod.ts";
import type { Device } from "../../tensor/mod.ts";
import { named, openState, type StateTensor } from "../state/mod.ts";
import { I3d } from "./i3d.ts";
import { InceptionV3 } from "./inception.ts";

/** What a file is loaded into, and by which tensor it is known. */
const kinds = {
  i3d: {
    mark: "Conv3d_1a_7x7.conv3d.weight",
    called: "I3D",
    make: (vars: Vars, divide: number) => new I3d(vars, { divide }),
    // Counters of training, and a second classifier that FVD has no use for.
    unused: /\.num_batches_tracked$/,
  },
  inception: {
    mark: "Conv2d_1a_3x3.conv.weight",
    called: "InceptionV3",
    make: (vars: Vars, divide: number) => new InceptionV3(vars, { divide }),
    unused: /\.num_batches_tracked$|^fc\.|^AuxLogits\./,
  },
} as const;

/** A loaded net; free it with `vars.dispose()`. */
export interface LoadedNet<Net> {
  readonly net: Net;
  readonly vars: Vars;
}

/**
 * Reads I3D in the layout of its usual PyTorch checkpoint (`rgb_imagenet.pt`), from `.pt`, `.pth` or
 * safetensors; weights come frozen.
 *
 * @throws InputError when the file holds something else
 */
export function loadI3d(path: string, options: LoadNetOptions = {}): Promise<LoadedNet<I3d>> {
  return load<I3d>(path, "i3d", options);
}

/**
 * Reads InceptionV3 in torchvision's layout, as FID's checkpoint has it; its classifiers are left out.
 *
 * @throws InputError when the file holds something else
 */
export function loadInception(
  path: string,
  options: LoadNetOptions = {},
): Promise<LoadedNet<InceptionV3>> {
  return load<InceptionV3>(path, "inception", options);
}

/** Where a net goes. */
export interface LoadNetOptions {
  readonly device?: Device;
}

async function load<Net>(
  path: string,
  kind: keyof typeof kinds,
  { device = "cpu" }: LoadNetOptions,
): Promise<LoadedNet<Net>> {
  const { mark, called, make, unused } = kinds[kind];
  const { tensors } = await openState(path);
  const first = tensors.get(mark);
  if (!first) throw new InputError(`"${path}" holds no ${called}: it has no "${mark}"`);
  const state = new Map<string, StateTensor>();
  for (const [name, tensor] of tensors) if (!unused.test(name)) state.set(name, tensor);
  const vars = Vars.root({ device, given: allGiven });
  try {
    const full = kind === "i3d" ? 64 : 32;
    const net = make(vars, Math.max(1, Math.round(full / first.shape[0]))) as Net;
    named(path, () => vars.load(state));
    vars.setRequiresGrad(false);
    return { net, vars };
  } catch (error) {
    vars.dispose();
    throw error;
  }
}
