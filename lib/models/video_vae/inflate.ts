import { InputError } from "../../errors.ts";
import type { StateSource, Vars } from "../../nn/mod.ts";
import { copy_, narrow, noGrad, reshape, scope, Tensor, zero_ } from "../../tensor/mod.ts";
import { someNames } from "../state/mod.ts";

/**
 * Loads an image VAE in diffusers' layout (AutoencoderKL without quant convolutions: SD3) into a
 * VideoVAE's variables. A 2D kernel goes into the last temporal slot, the others become zero, so
 * that each frame is treated as the image that it is; time layers keep their first values, mean of a
 * pair and duplication. Nothing is written when a name or size does not fit.
 *
 * @throws InputError listing missing, unexpected and wrongly shaped names together
 */
export function inflateImageVae(
  vars: Vars,
  image: ReadonlyMap<string, Tensor | StateSource>,
): void {
  const own = [...vars.named()].filter(([name]) => !isVideoOnly(name));
  const names = new Set(own.map(([name]) => name));
  const missing = [...names].filter((name) => !image.has(name));
  const unexpected = [...image.keys()].filter((name) => !names.has(name));
  const shapes = own.filter(([name, variable]) => {
    const value = image.get(name);
    return value && imageShape(variable).join() !== value.shape.join();
  }).map(([name, variable]) =>
    `${name} [${image.get(name)!.shape}], expected [${imageShape(variable)}]`
  );
  const complaints = [
    ...complaint("missing", missing),
    ...complaint("unexpected", unexpected),
    ...complaint("of another shape", shapes),
  ];
  if (complaints.length > 0) {
    throw new InputError(`image VAE does not fit: ${complaints.join("; ")}`);
  }
  noGrad(() => {
    for (const [name, variable] of own) {
      const value = image.get(name)!;
      scope(() => inflateInto(variable, value instanceof Tensor ? value : value.open()));
    }
  });
}

/** Variables that no image VAE has: time layers, and where the latents lie. */
export function isVideoOnly(name: string): boolean {
  return /(^|\.)(time_downsampler|time_upsampler|latent_shift|latent_scale)(\.|$)/.test(name);
}

function imageShape({ shape }: Tensor): readonly number[] {
  return shape.length === 5 ? [shape[0], shape[1], shape[3], shape[4]] : shape;
}

function inflateInto(variable: Tensor, value: Tensor): void {
  if (variable.shape.length !== 5) {
    copy_(variable, value);
    return;
  }
  const [O, I, T, H, W] = variable.shape;
  zero_(variable);
  copy_(narrow(variable, 2, T - 1, 1), reshape(value, [O, I, 1, H, W]));
}

function complaint(what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${names.length} ${what} (${someNames(names)})`];
}
