/**
 * Door of the networks whose features Fréchet distances are taken of.
 * @module
 */
export { type LoadedNet, loadI3d, loadInception, type LoadNetOptions } from "./given_files.ts";
export { I3d, I3D_FRAMES, I3D_SIZE } from "./i3d.ts";
export { INCEPTION_SIZE, InceptionV3 } from "./inception.ts";
export {
  featureNetFacts,
  featureNetKinds,
  type LoadedVideoNet,
  loadSynthVideoNet,
} from "./own_files.ts";
export { SynthVideoNet, type SynthVideoNetConfig, synthVideoNetConfig } from "./video_net.ts";
