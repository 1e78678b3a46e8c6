/**
 * Image encoder: the CLIP vision tower that gives ISA-DiT its global identity embedding.
 * @module
 */
export { type ClipVisionOutput, ClipVisionTower } from "./clip_vision.ts";
export { type ClipState, clipVisionConfigOf, findClipVision } from "./clip_layout.ts";
export { loadClipVision, type LoadedClipVision, openClipVision } from "./clip_file.ts";
export { CLIP_MEAN, CLIP_STD, type ClipVisionConfig, clipVisionConfig } from "./config.ts";
