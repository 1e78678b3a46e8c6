/**
 * Door of the perceptual distance.
 * @module
 */
export { Backbone, type BackboneName, backboneNames } from "./backbones.ts";
export { Lpips } from "./lpips.ts";
export { type LoadedLpips, loadLpips } from "./weights.ts";
