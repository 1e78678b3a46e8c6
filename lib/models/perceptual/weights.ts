/**
 * LPIPS from the files that people have: torchvision's backbone, the lpips package's linear layers.
 * @module
 */
import { InputError } from "../../errors.ts";
import { allGiven, Vars } from "../../nn/mod.ts";
import type { Device } from "../../tensor/mod.ts";
import { named, openState, type StateTensor } from "../state/mod.ts";
import type { BackboneName } from "./backbones.ts";
import { Lpips } from "./lpips.ts";

/** A loaded LPIPS; free it with `vars.dispose()`. */
export interface LoadedLpips {
  readonly lpips: Lpips;
  readonly vars: Vars;
  /** Recognised from the tensors. */
  readonly backbone: BackboneName;
}

/**
 * Reads a backbone in torchvision's layout (`features.0.weight`; its classifier is left out) and the
 * linear layers in the lpips package's (`lin0.model.1.weight`, files `vgg.pth`, `alex.pth`,
 * `squeeze.pth`). `.pth`, `.pt` and safetensors are taken; weights come frozen.
 *
 * @throws InputError when a file holds neither, or the two do not belong together
 */
export async function loadLpips(
  files: { readonly backbone: string; readonly linear: string },
  { device = "cpu" }: { readonly device?: Device } = {},
): Promise<LoadedLpips> {
  const net = (await openState(files.backbone)).tensors;
  const linear = (await openState(files.linear)).tensors;
  const name = backboneOf(net);
  if (!name) {
    throw new InputError(
      `"${files.backbone}" holds no backbone of LPIPS: expected torchvision's VGG16, AlexNet or SqueezeNet 1.1 ("features.0.weight" and so on)`,
    );
  }
  const state = new Map<string, StateTensor>();
  for (const [key, value] of net) {
    if (key.startsWith("features.")) state.set(`net.${key}`, value);
  }
  for (const [key, value] of linear) {
    const index = /^(?:lin|lins\.)(\d+)\.model\.1\.weight$/.exec(key)?.[1];
    if (index !== undefined) state.set(`lins.${index}.weight`, value);
  }
  const vars = Vars.root({ device, given: allGiven });
  try {
    const lpips = new Lpips(vars, name);
    named(`${files.backbone}" with "${files.linear}`, () => vars.load(state));
    vars.setRequiresGrad(false);
    return { lpips, vars, backbone: name };
  } catch (error) {
    vars.dispose();
    throw error;
  }
}

function backboneOf(tensors: ReadonlyMap<string, StateTensor>): BackboneName | undefined {
  const first = tensors.get("features.0.weight")?.shape.join();
  if (first === "64,3,11,11") return "alexnet";
  if (tensors.has("features.3.squeeze.weight")) return "squeezenet1_1";
  return first === "64,3,3,3" && tensors.has("features.28.weight") ? "vgg16" : undefined;
}
