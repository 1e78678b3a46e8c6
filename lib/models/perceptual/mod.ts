/**
 * Door of the perceptual distance.
 * @module
 */
export { Backbone, type BackboneKind, type BackboneName, backboneNames } from "./backbones.ts";
export {
  EfficientNetDistance,
  type LoadedEfficientNet,
  loadEfficientNetDistance,
} from "./efficientnet_distance.ts";
export { EfficientNetLite } from "./efficientnet_lite.ts";
export { Lpips, type PerceptualDistance } from "./lpips.ts";
export { type LoadedLpips, loadLpips } from "./weights.ts";
export {
  type LoadedSynthImageNet,
  loadSynthImageNet,
  loadSynthPerceptual,
  SYNTH_HEIGHT,
  SynthImageNet,
  type SynthLooks,
  type SynthMaps,
} from "./synth_image_net.ts";
