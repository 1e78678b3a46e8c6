import { InputError } from "../../errors.ts";
import { Vars } from "../../nn/mod.ts";
import type { Device } from "../../tensor/mod.ts";
import { configBeside, named, openState, someNames, type StoredState } from "../state/mod.ts";
import { findImageVae, imageVaeConfig, type ImageVaeOptions } from "./image_vae_layout.ts";
import { inflateImageVae, isVideoOnly } from "./inflate.ts";
import { VideoVae } from "./model.ts";

/**
 * Reads an image VAE (diffusers' AutoencoderKL in a file or folder, or a single file of SD3) and
 * inflates it at f_t = 4 to a VideoVAE whose images are the image VAE's own; weights frozen. Free it
 * with `vae.vars.dispose()`.
 *
 * @throws InputError when the file holds none, or one of another class
 */
export async function loadImageVae(
  path: string,
  { device = "cpu", timeKernel }: Pick<ImageVaeOptions, "timeKernel"> & {
    readonly device?: Device;
  } = {},
): Promise<VideoVae> {
  const state = await openState(path);
  const image = findImageVae(state.tensors);
  if (!image) throw new InputError(`"${path}" holds no image VAE: ${whatElse(state)}`);
  const facts = await configBeside(path) ?? {};
  const ofThis = facts._class_name === undefined || facts._class_name === "AutoencoderKL";
  const config = named(
    path,
    () => imageVaeConfig(image, { facts: ofThis ? facts : {}, timeKernel }),
  );
  // All but the time layers is in the file.
  const vars = Vars.root({ device, given: (name) => !isVideoOnly(name) });
  try {
    const vae = new VideoVae(vars, config);
    named(path, () => inflateImageVae(vars, image.tensors));
    vars.setRequiresGrad(false);
    return vae;
  } catch (error) {
    vars.dispose();
    throw error;
  }
}

function whatElse({ tensors, metadata }: StoredState): string {
  if (metadata.kind === "video_vae") return "it is a VideoVAE already, give it as --weights";
  if (metadata.kind) return `its kind is "${metadata.kind}"`;
  return `no encoder.conv_in.weight among ${tensors.size} tensors (${
    someNames([...tensors.keys()])
  })`;
}
