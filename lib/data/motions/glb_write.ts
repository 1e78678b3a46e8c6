/**
 * Motions as glTF (`.glb`), for Blender and the like: the skinned body, its joints, their animation and
 * the camera. Y up, metres, seconds, as glTF has them.
 * @module
 */
import {
  addVertexNormals,
  type BodyMesh,
  type Camera,
  cameraCentre,
  type CameraPath,
  fromAxisAngle,
  JOINT_NAMES,
  matrixToAxisAngle,
  type Motion,
} from "../../geometry/mod.ts";
import { GlbBuffer, writeBytes } from "../../io/mod.ts";

/** Joints that move one vertex at most, in glTF. */
const INFLUENCES = 4;
/** What is nearer to the camera is not shown, metres. */
const NEAR = 0.05;

/** A property of a node over the animation's time. */
interface Channel {
  readonly node: number;
  readonly path: "translation" | "rotation";
  /** [N·3] metres, or [N·4] quaternions (x, y, z, w). */
  readonly values: Float32Array<ArrayBuffer>;
}

/** What moves, and what saw it. */
export interface GlbOptions {
  /** The body that moves. */
  readonly body: BodyMesh;
  /** Its shape coefficients; default the mean shape. */
  readonly shape?: ArrayLike<number>;
  /** One camera, or one a frame; a principal point off the picture's middle has no place in glTF. */
  readonly cameras?: CameraPath;
}

/**
 * Writes a motion with its body as glTF, whole or not at all. Throws IoError when the disk or the
 * permissions refuse.
 */
export async function writeGlb(
  path: string,
  motion: Motion,
  { body, shape, cameras }: GlbOptions,
): Promise<void> {
  const buffer = new GlbBuffer();
  const rest = body.pose({ pose: new Float32Array(72), shape });
  const meshNode = JOINT_NAMES.length, cameraNode = meshNode + 1;
  const nodes = [
    ...jointNodes(body, rest.joints),
    { name: "body", mesh: 0, skin: 0 },
    ...(cameras ? [{ name: "camera", camera: 0, ...placeOf(cameras[0]) }] : []),
  ];
  const channels = [
    ...jointChannels(motion, rest.joints),
    ...(cameras && cameras.length > 1 ? cameraChannels(cameras, cameraNode) : []),
  ];
  const scene = {
    scene: 0,
    scenes: [{ nodes: cameras ? [0, meshNode, cameraNode] : [0, meshNode] }],
    nodes,
    meshes: [{ name: "body", primitives: [surface(buffer, body, rest.vertices)] }],
    skins: [{
      joints: JOINT_NAMES.map((_, joint) => joint),
      skeleton: 0,
      inverseBindMatrices: buffer.add(inverseBinds(rest.joints), "MAT4"),
    }],
    animations: [animation(buffer, channels, motion)],
    ...(cameras ? { cameras: [lensOf(cameras[0])] } : {}),
  };
  await writeBytes(path, buffer.encode(scene));
}

/** The joints, each at its rest place seen from its parent. */
function jointNodes({ parents }: BodyMesh, rest: Float32Array) {
  return JOINT_NAMES.map((name, joint) => {
    const parent = parents[joint];
    const children = JOINT_NAMES.map((_, child) => child).filter((c) => parents[c] === joint);
    const translation = [0, 1, 2].map((axis) =>
      rest[joint * 3 + axis] - (parent < 0 ? 0 : rest[parent * 3 + axis])
    );
    return { name, translation, ...(children.length > 0 ? { children } : {}) };
  });
}

/** Joints at rest are not turned: their inverses only move them to the origin. */
function inverseBinds(rest: Float32Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(JOINT_NAMES.length * 16);
  for (let joint = 0; joint < JOINT_NAMES.length; joint++) {
    for (let axis = 0; axis < 4; axis++) out[joint * 16 + axis * 5] = 1;
    // Columns one after the other.
    for (let axis = 0; axis < 3; axis++) out[joint * 16 + 12 + axis] = -rest[joint * 3 + axis];
  }
  return out;
}

function surface(buffer: GlbBuffer, body: BodyMesh, vertices: Float32Array) {
  const normals = addVertexNormals(new Float32Array(vertices.length), vertices, body.bodyFaces);
  for (let i = 0; i < normals.length; i += 3) {
    const length = Math.hypot(normals[i], normals[i + 1], normals[i + 2]);
    if (length > 0) { for (let axis = 0; axis < 3; axis++) normals[i + axis] /= length; }
    else normals[i + 1] = 1;
  }
  const { joints, weights } = influences(body);
  return {
    attributes: {
      POSITION: buffer.add(Float32Array.from(vertices), "VEC3", { bounds: true }),
      NORMAL: buffer.add(Float32Array.from(normals), "VEC3"),
      JOINTS_0: buffer.add(joints, "VEC4"),
      WEIGHTS_0: buffer.add(weights, "VEC4"),
    },
    indices: buffer.add(Uint32Array.from(body.bodyFaces), "SCALAR"),
  };
}

/** The four strongest joints of each vertex, their weights scaled to the sum 1. */
function influences({ vertexCount, skinJoints, skinWeights }: BodyMesh) {
  const joints = new Uint8Array(vertexCount * INFLUENCES);
  const weights = new Float32Array(vertexCount * INFLUENCES);
  const K = skinJoints.length / vertexCount;
  for (let v = 0; v < vertexCount; v++) {
    const strongest = Array.from({ length: K }, (_, k) => v * K + k)
      .filter((at) => skinWeights[at] > 0)
      .sort((a, b) => skinWeights[b] - skinWeights[a]).slice(0, INFLUENCES);
    const sum = strongest.reduce((total, at) => total + skinWeights[at], 0);
    strongest.forEach((at, k) => {
      joints[v * INFLUENCES + k] = skinJoints[at];
      weights[v * INFLUENCES + k] = skinWeights[at] / sum;
    });
  }
  return { joints, weights };
}

function animation(
  buffer: GlbBuffer,
  channels: readonly Channel[],
  { frames, fps }: Motion,
) {
  const times = Float32Array.from({ length: frames }, (_, frame) => frame / fps);
  const input = buffer.add(times, "SCALAR", { bounds: true });
  return {
    name: "motion",
    channels: channels.map(({ node, path }, sampler) => ({ sampler, target: { node, path } })),
    samplers: channels.map(({ path, values }) => ({
      input,
      output: buffer.add(values, path === "rotation" ? "VEC4" : "VEC3"),
    })),
  };
}

function jointChannels({ frames, poses, translations }: Motion, rest: Float32Array): Channel[] {
  const turns = JOINT_NAMES.map((_, joint): Channel => {
    const values = new Float32Array(frames * 4);
    for (let frame = 0; frame < frames; frame++) {
      values.set(quaternion(poses, frame * 72 + joint * 3), frame * 4);
    }
    return { node: joint, path: "rotation", values };
  });
  const places = Float32Array.from(translations, (value, i) => value + rest[i % 3]);
  return [{ node: 0, path: "translation", values: places }, ...turns];
}

function cameraChannels(cameras: CameraPath, node: number): Channel[] {
  const places = cameras.map(placeOf);
  const flat = (rows: readonly (readonly number[])[]) => Float32Array.from(rows.flat());
  return [
    { node, path: "translation", values: flat(places.map(({ translation }) => translation)) },
    { node, path: "rotation", values: flat(places.map(({ rotation }) => rotation)) },
  ];
}

/** Where a camera stands; glTF's look along −Z with Y up, ours along Z with Y down. */
function placeOf(camera: Camera): { translation: number[]; rotation: number[] } {
  const { rotation: r } = camera;
  const axes = [0, 1, 2].flatMap((row) => [r[row], -r[3 + row], -r[6 + row]]);
  return { translation: cameraCentre(camera), rotation: quaternion(matrixToAxisAngle(axes), 0) };
}

function lensOf({ width, height, fx, fy }: Camera) {
  return {
    type: "perspective",
    perspective: {
      yfov: 2 * Math.atan(height / 2 / fy),
      aspectRatio: width / fx / (height / fy),
      znear: NEAR,
    },
  };
}

/** (x, y, z, w), as glTF has it. */
function quaternion(values: ArrayLike<number>, offset: number): number[] {
  const [w, x, y, z] = fromAxisAngle(values, offset);
  return [x, y, z, w];
}
