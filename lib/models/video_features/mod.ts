/**
 * Door of the networks whose features Fréchet distances are taken of.
 * @module
 */
export { type LoadedNet, loadI3d, loadInception, type LoadNetOptions } from "./given_files.ts";
export { I3d, I3D_FRAMES } from "./i3d.ts";
export { InceptionV3 } from "./inception.ts";
export { featureNetFacts, type LoadedVideoNet, loadSynthVideoNet } from "./own_files.ts";
export { SynthVideoNet, type SynthVideoNetConfig, synthVideoNetConfig } from "./video_net.ts";
