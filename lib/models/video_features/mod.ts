/**
 * Door of the networks whose features Fréchet distances are taken of.
 * @module
 */
export {
  featureNetFacts,
  featureNetKinds,
  type LoadedVideoNet,
  loadSynthVideoNet,
} from "./own_files.ts";
export { SynthVideoNet, type SynthVideoNetConfig, synthVideoNetConfig } from "./video_net.ts";
