/**
 * Which spots of a body detectors of people mark, and in which order.
 * @module
 */

/** A spot, and which of SMPL's joints it moves with. */
export const spotNames = [
  ...["nose", "left_eye", "right_eye", "left_ear", "right_ear"] as const,
  ...["left_shoulder", "right_shoulder", "left_elbow", "right_elbow"] as const,
  ...["left_wrist", "right_wrist", "left_hip", "right_hip"] as const,
  ...["left_knee", "right_knee", "left_ankle", "right_ankle", "neck", "mid_hip"] as const,
  ...["left_big_toe", "left_small_toe", "left_heel"] as const,
  ...["right_big_toe", "right_small_toe", "right_heel"] as const,
] as const;

/** One of the spots. */
export type SpotName = typeof spotNames[number];

/** COCO's 17 key points, in its order. */
export const cocoOrder: readonly SpotName[] = spotNames.slice(0, 17);

/** OpenPose's BODY_25, in its order. */
// deno-fmt-ignore
export const body25Order: readonly SpotName[] = [
  "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow",
  "left_wrist", "mid_hip", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee",
  "left_ankle", "right_eye", "left_eye", "right_ear", "left_ear", "left_big_toe",
  "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel",
];
