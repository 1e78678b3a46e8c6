/**
 * Marks on a person as spots of the body: which joint each goes along with, and where it lies on the
 * body at rest, by what a first fit has where the mark begins.
 * @module
 */
import {
  type BodyMesh,
  type Camera,
  type Motion,
  motionFrame,
  rasterise,
  rasterTarget,
  scaleCamera,
} from "../geometry/mod.ts";

/** A mark's way over a clip. */
export interface SeenMark {
  /** The first frame that shows it. */
  readonly first: number;
  /** Pixels, [frames·2] from there on without a gap. */
  readonly xy: ArrayLike<number>;
}

/** All that is seen of the marks that lie on the body. K sights of M marks. */
export interface MarkEvidence {
  /** [M·3] from the joint, metres, in the T-pose. */
  readonly offsets: Float32Array;
  /** [K] */
  readonly frame: Int32Array;
  /** [K] */
  readonly joint: Int32Array;
  /** [K] */
  readonly mark: Int32Array;
  /** [K·2] pixels from the middle of the picture. */
  readonly image: Float32Array;
}

/** Longer side of the pictures in which marks are found on the body, pixels. */
const SIDE = 320;
/** Farthest from the body that a mark is taken to go along with it, of these pixels. */
const REACH = 6;
/** Share of a place that its joint has to carry: others bend. */
const RIGID = 0.6;

/** Finds marks on a fitted body. */
export function anchorMarks(
  marks: readonly SeenMark[],
  { body, motion, shape, cameras }: {
    readonly body: BodyMesh;
    readonly motion: Motion;
    readonly shape: Float32Array;
    readonly cameras: readonly Camera[];
  },
): MarkEvidence {
  const rest = body.pose({ pose: new Float32Array(72), shape });
  const offsets: number[] = [],
    sights: Record<"frame" | "joint" | "mark", number[]> = {
      frame: [],
      joint: [],
      mark: [],
    };
  const image: number[] = [];
  const beginning = Map.groupBy(
    marks.filter(({ first }) => first < motion.frames),
    ({ first }) => first,
  );
  for (const [frame, some] of beginning) {
    const find = finder(body, {
      vertices: body.pose({ ...motionFrame(motion, frame), shape }).vertices,
      camera: cameras[frame],
    });
    const { width, height } = cameras[frame];
    for (const { first, xy } of some) {
      const found = find(xy[0], xy[1]);
      if (!found) continue;
      const { joint, corners, shares } = found;
      const mark = offsets.length / 3;
      for (let c = 0; c < 3; c++) {
        const at = corners.reduce((sum, v, k) => sum + shares[k] * rest.vertices[v * 3 + c], 0);
        offsets.push(at - rest.joints[joint * 3 + c]);
      }
      for (let i = 0; i < xy.length / 2 && first + i < motion.frames; i++) {
        sights.frame.push(first + i);
        sights.joint.push(joint);
        sights.mark.push(mark);
        image.push(xy[i * 2] - width / 2, xy[i * 2 + 1] - height / 2);
      }
    }
  }
  return {
    offsets: Float32Array.from(offsets),
    frame: Int32Array.from(sights.frame),
    joint: Int32Array.from(sights.joint),
    mark: Int32Array.from(sights.mark),
    image: Float32Array.from(image),
  };
}

interface Found {
  readonly joint: number;
  /** Of the face there. */
  readonly corners: readonly number[];
  /** How near each is; 1 in sum. */
  readonly shares: readonly number[];
}

/** Tells which place of a posed body is seen at a pixel of the camera, or just beside. */
function finder(
  body: BodyMesh,
  { vertices, camera }: { readonly vertices: Float32Array; readonly camera: Camera },
): (x: number, y: number) => Found | undefined {
  const share = SIDE / Math.max(camera.width, camera.height);
  const width = Math.max(1, Math.round(camera.width * share));
  const height = Math.max(1, Math.round(camera.height * share));
  const target = rasterTarget(width, height);
  rasterise(target, scaleCamera(camera, { width, height }), { vertices, faces: body.bodyFaces });
  return (x, y) => {
    const [u, v] = [Math.floor(x * width / camera.width), Math.floor(y * height / camera.height)];
    let [best, at] = [REACH * REACH + 1, -1];
    for (let b = Math.max(0, v - REACH); b <= Math.min(height - 1, v + REACH); b++) {
      for (let a = Math.max(0, u - REACH); a <= Math.min(width - 1, u + REACH); a++) {
        const far = (a - u) ** 2 + (b - v) ** 2;
        if (far < best && target.face[b * width + a] >= 0) [best, at] = [far, b * width + a];
      }
    }
    if (at < 0) return undefined;
    const face = target.face[at] * 3;
    const corners = [...body.bodyFaces.subarray(face, face + 3)];
    const [second, third] = [target.second[at], target.third[at]];
    const shares = [1 - second - third, second, third];
    const [joint, carried] = mostOf(body, corners[0]);
    return carried >= RIGID ? { joint, corners, shares } : undefined;
  };
}

/** The joint that carries a vertex most, and by how much. */
function mostOf({ skinJoints, skinWeights, vertexCount }: BodyMesh, v: number): [number, number] {
  const each = skinJoints.length / vertexCount;
  let most = v * each;
  for (let k = most + 1; k < (v + 1) * each; k++) if (skinWeights[k] > skinWeights[most]) most = k;
  return [skinJoints[most], skinWeights[most]];
}
