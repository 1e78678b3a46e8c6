/**
 * What is seen of persons in a picture. Image points are in pixels of the picture (x right, y down,
 * pixel centres at ½) and may lie outside it; what was not found is `undefined`.
 * @module
 */

/** BlazePose's spots, in its order; left and right are the person's. */
// deno-fmt-ignore
export const bodySpots = [
  "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye",
  "right_eye_outer", "left_ear", "right_ear", "mouth_left", "mouth_right", "left_shoulder",
  "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_pinky",
  "right_pinky", "left_index", "right_index", "left_thumb", "right_thumb", "left_hip", "right_hip",
  "left_knee", "right_knee", "left_ankle", "right_ankle", "left_heel", "right_heel",
  "left_foot_index", "right_foot_index",
] as const;

/** BlazePose's 33 points of a body, in the order of {@linkcode bodySpots}. */
export interface BodyLandmarks {
  /** [33, 3]: x, y, and depth z in the same unit, 0 at the hips' middle, smaller is nearer. */
  readonly image: Float32Array;
  /** [33, 3], metres, origin at the hips' middle: x right, y down, z away from the camera. */
  readonly world: Float32Array;
  /** [33], 0 to 1: in the picture and not hidden. */
  readonly visibility: Float32Array;
  /** [33], 0 to 1: within the picture. */
  readonly presence: Float32Array;
}

/** MediaPipe's 21 points of a hand: wrist, then thumb to little finger, each from root to tip. */
export interface HandLandmarks {
  /** [21, 3], as of the body; depth is 0 at the wrist. */
  readonly image: Float32Array;
  /** [21, 3], metres, origin at the hand's middle; axes as of the body. */
  readonly world: Float32Array;
  /** 0 to 1: that there is a hand. */
  readonly score: number;
}

/** MediaPipe's 468 points of a face mesh. */
export interface FaceLandmarks {
  /** [468, 3], as of the body; depth is 0 about the head's middle. */
  readonly image: Float32Array;
  /** 0 to 1: that there is a face. */
  readonly score: number;
}

/** A rectangle, in pixels; it may reach out of the picture. */
export interface Box {
  /** Left side. */
  readonly x: number;
  /** Upper side. */
  readonly y: number;
  /** From left to right. */
  readonly width: number;
  /** From above to below. */
  readonly height: number;
}

/** How much of each pixel belongs to a person. */
export interface PersonMask {
  /** Pixels, the picture's. */
  readonly width: number;
  /** Pixels, the picture's. */
  readonly height: number;
  /** [height, width], 0 to 255. */
  readonly data: Uint8Array;
}

/** A person in a picture. */
export interface SeenPerson {
  /** The same in every frame of a clip, from 1; in a photo by size, the largest first. */
  readonly id: number;
  /** Around the mask where there is one, else around the landmarks. */
  readonly box: Box;
  /** 0 to 1: that there is a person. */
  readonly score: number;
  /** Points of the whole body; those out of the picture or hidden are guesses. */
  readonly body: BodyLandmarks;
  /** The person's own left hand. */
  readonly leftHand?: HandLandmarks;
  /** See `leftHand`. */
  readonly rightHand?: HandLandmarks;
  /** Left out too where the face is turned away. */
  readonly face?: FaceLandmarks;
  /** Where several persons overlap, their masks share each pixel. */
  readonly mask?: PersonMask;
}

/** Whom a frame shows; a person who is not seen in it is not among them. */
export interface SeenFrame {
  /** From 0. */
  readonly index: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** By number. */
  readonly persons: readonly SeenPerson[];
}
