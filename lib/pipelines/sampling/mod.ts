/**
 * Door of sampling: a clip's conditions, whole or window by window, and latents under them.
 * @module
 */
export {
  type ClipOrWindows,
  conditionsOf,
  encodeConditions,
  latentsUnder,
} from "./encode_conditions.ts";
export {
  type ClipPictures,
  encodePictures,
  type EncodePicturesOptions,
  type SceneClip,
} from "./encode_pictures.ts";
export { FlowCache } from "./flow_cache.ts";
export { GuidedFlow, type GuidedFlowOptions } from "./guided_flow.ts";
export { sampleLatents, type SampleLatentsOptions } from "./sample_latents.ts";
export { SharedReference } from "./shared_reference.ts";
export { type WindowFlowOptions, WindowFlows } from "./window_flows.ts";
export { WindowedConditions, type WindowSize, windowSize } from "./windowed_conditions.ts";
