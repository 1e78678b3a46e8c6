/**
 * The body: a skinned mesh with SMPL's parameters, loaded from our own asset.
 * @module
 */

import { InputError } from "../errors.ts";
import {
  applyShape,
  poseSkeleton,
  type ShapedBody,
  skin,
  type SkinModel,
} from "./body_skinning.ts";
import { type BodyState, readBodyState } from "./body_state.ts";

/** What a body takes in one frame. */
export interface PoseInput {
  /** [72] axis-angle of the 24 joints, radians; the root's first. */
  pose: ArrayLike<number>;
  /** Metres, added after posing; default none. */
  translation?: ArrayLike<number>;
  /** Up to S coefficients, one unit about one standard deviation; default the mean shape. */
  shape?: ArrayLike<number>;
}

/** A posed body. */
export interface PosedBody {
  /** [V·3] metres. */
  vertices: Float32Array;
  /** [24·3] metres. */
  joints: Float32Array;
}

/** A body model: faces with labels, a rest shape, and the function that poses it. */
export interface BodyMesh {
  /** V */
  readonly vertexCount: number;
  /** [F·3] corners, counter-clockwise seen from outside. */
  readonly faces: Uint32Array;
  /** [F] shell of each face, an index into `shellNames`. */
  readonly faceShells: Uint8Array;
  /** [F] part of each face, an index into `partNames`. */
  readonly faceParts: Uint8Array;
  /** [·3] corners of the faces of the shell `body` alone. */
  readonly bodyFaces: Uint32Array;
  /** Surfaces that can be drawn apart, `body` the first. */
  readonly shellNames: readonly string[];
  /** Body parts. */
  readonly partNames: readonly string[];
  /** Meaning of each shape coefficient. */
  readonly shapeNames: readonly string[];
  /** [V·3] rest pose (T-pose) of the mean shape: the coordinates for procedural patterns. */
  readonly template: Float32Array;
  /** [24·3] rest joints of the mean shape. */
  readonly restJoints: Float32Array;
  /** [24] parent of each joint, −1 for the root. */
  readonly parents: Int32Array;
  /** [V·K] joints that move each vertex. */
  readonly skinJoints: Uint8Array;
  /** [V·K] their weights; each vertex's sum to 1. */
  readonly skinWeights: Float32Array;
  /** Whether SMPL's own betas mean something for this body. */
  readonly takesSmplBetas: boolean;
  /** The body whose spots on the skin models know by index, where that is another one. */
  readonly spotSource?: BodyMesh;
  /** Vertices and joints of a pose. Throws InputError when the pose has not 72 numbers. */
  pose(input: PoseInput): PosedBody;
  /** Joints alone, [24·3]: what `pose` gives, without the vertices' cost. */
  poseJoints(input: PoseInput): Float32Array;
}

/** Faces and labels of a body. */
export interface BodySurface {
  faces: Uint32Array;
  faceShells: Uint8Array;
  faceParts: Uint8Array;
  shellNames: readonly string[];
  partNames: readonly string[];
  shapeNames: readonly string[];
  takesSmplBetas: boolean;
  spotSource?: BodyMesh;
}

const NO_SHIFT = [0, 0, 0];
const NO_SHAPE: number[] = [];

/**
 * Joins numbers and labels to a body.
 * @internal
 */
export function makeBody(model: SkinModel, surface: BodySurface): BodyMesh {
  let last: { shape: number[]; shaped: ShapedBody } | undefined;
  const shapedBody = (shape: ArrayLike<number>): ShapedBody => {
    // One person has one shape over a clip: the last one is kept.
    const same = last !== undefined && last.shape.length === shape.length &&
      last.shape.every((value, i) => value === shape[i]);
    if (!same) last = { shape: Array.from(shape), shaped: applyShape(model, shape) };
    return last!.shaped;
  };
  const prepare = ({ pose, translation = NO_SHIFT, shape = NO_SHAPE }: PoseInput) => {
    if (pose.length !== model.parents.length * 3) {
      throw new InputError(
        `a pose has ${pose.length} numbers, expected ${model.parents.length * 3} (axis-angle)`,
      );
    }
    const shaped = shapedBody(shape);
    const skeleton = poseSkeleton(model.parents, shaped.joints, pose, translation);
    return { shaped, skeleton };
  };
  return {
    ...surface,
    bodyFaces: surface.faces.filter((_, i) => surface.faceShells[Math.floor(i / 3)] === 0),
    vertexCount: model.template.length / 3,
    template: model.template,
    restJoints: Float32Array.from(model.joints),
    parents: model.parents,
    skinJoints: model.skinJoints,
    skinWeights: model.skinWeights,
    pose(input) {
      const { shaped, skeleton } = prepare(input);
      const vertices = skin(model, shaped, skeleton);
      return { vertices, joints: Float32Array.from(skeleton.positions) };
    },
    poseJoints(input) {
      return Float32Array.from(prepare(input).skeleton.positions);
    },
  };
}

/**
 * The body of `weights/body.safetensors`, given as what the safetensors reader returns. Throws
 * InputError when a tensor is missing or does not fit.
 *
 * It stands on y = 0 with the pelvis over the origin, faces +Z, left is +X.
 */
export function loadBody(state: BodyState): BodyMesh {
  const { model, surface } = readBodyState(state);
  return makeBody(model, { ...surface, takesSmplBetas: false });
}
