/**
 * Image encoder: the CLIP vision tower that gives ISA-DiT its global identity embedding.
 * @module
 */
export { type ClipVisionOutput, ClipVisionTower } from "./clip_vision.ts";
export { CLIP_MEAN, CLIP_STD, type ClipVisionConfig, clipVisionConfig } from "./config.ts";
