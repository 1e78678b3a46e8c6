/**
 * Door of the discriminators.
 * @module
 */
export {
  PatchDiscriminator,
  type PatchDiscriminatorConfig,
  patchDiscriminatorConfig,
} from "./patch_discriminator.ts";
