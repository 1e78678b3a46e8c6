/**
 * Bodies and cameras of a scene, packed to travel in a page. Each body goes once, in its rest pose; the
 * page moves it by the poses, so that a frame takes 300 bytes.
 * @module
 */
import { addVertexNormals, type BodyMesh, type CameraPath } from "../geometry/mod.ts";
import type { Scene } from "../pipelines/mod.ts";
import { CAMERA_NUMBERS, type PagePerson, type PageScene } from "./page_data.ts";

/**
 * Packs the persons of a scene and the cameras of each view. Pose blend shapes, which SMPL files have
 * and the shipped body has not, are left out: they bulge by millimetres.
 */
export function packScene(
  { body, persons }: Pick<Scene, "body" | "persons">,
  views: readonly CameraPath[],
): PageScene {
  const skin = skinOf(body);
  const { kept, faces } = skin;
  const influences = body.skinJoints.length / body.vertexCount;
  const weights = Uint16Array.from(
    pick(body.skinWeights, kept, influences),
    (weight) => Math.round(weight * 65535),
  );
  return {
    vertices: kept.length,
    faces: base64(faces),
    parents: [...body.parents],
    skinJoints: base64(Uint8Array.from(pick(body.skinJoints, kept, influences))),
    skinWeights: base64(weights),
    persons: persons.map(({ poses }) => packPerson(body, poses, skin)),
    ...jointBounds(body, persons),
    cameras: views.map((cameras) => base64(packCameras(cameras))),
  };
}

/** Cameras as numbers, [frames·16]; see {@linkcode PageScene}. */
function packCameras(cameras: CameraPath): Float32Array {
  const out = new Float32Array(cameras.length * CAMERA_NUMBERS);
  for (const [i, { width, height, fx, fy, cx, cy, rotation, translation }] of cameras.entries()) {
    const lens = [fx / width, fy / height, cx / width, cy / height];
    out.set([...lens, ...rotation, ...translation], i * CAMERA_NUMBERS);
  }
  return out;
}

/** The skin alone: its vertices, and its faces in their numbers. */
interface Skin {
  /** [V] vertices of the body that the skin has. */
  readonly kept: Uint32Array;
  readonly faces: Uint16Array;
}

function skinOf({ bodyFaces }: BodyMesh): Skin {
  const place = new Map<number, number>();
  const faces = Uint16Array.from(bodyFaces, (corner) => {
    if (!place.has(corner)) place.set(corner, place.size);
    return place.get(corner)!;
  });
  return { kept: Uint32Array.from(place.keys()), faces };
}

type Poses = Scene["persons"][number]["poses"];

function packPerson(body: BodyMesh, poses: Poses, { kept }: Skin): PagePerson {
  const still = { pose: new Float32Array(body.parents.length * 3), shape: poses[0].shape };
  const { vertices, joints } = body.pose(still);
  const step = joints.length + 3;
  const moves = new Float32Array(poses.length * step);
  for (const [frame, { pose, translation = [0, 0, 0] }] of poses.entries()) {
    moves.set(Array.from(pose), frame * step);
    moves.set(Array.from(translation), frame * step + joints.length);
  }
  return {
    rest: base64(pick(vertices, kept, 3)),
    normals: base64(vertexNormals(vertices, body.bodyFaces, kept)),
    joints: base64(joints),
    poses: base64(moves),
  };
}

function jointBounds(body: BodyMesh, persons: Scene["persons"]) {
  const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
  for (const { poses } of persons) {
    for (const pose of poses) {
      const joints = body.poseJoints(pose);
      for (let i = 0; i < joints.length; i++) {
        low[i % 3] = Math.min(low[i % 3], joints[i]);
        high[i % 3] = Math.max(high[i % 3], joints[i]);
      }
    }
  }
  return { low, high };
}

/** Rows of `size` numbers, those of the kept vertices alone. */
function pick(numbers: ArrayLike<number>, kept: Uint32Array, size: number): Float32Array {
  const out = new Float32Array(kept.length * size);
  for (const [i, from] of kept.entries()) {
    for (let k = 0; k < size; k++) out[i * size + k] = numbers[from * size + k];
  }
  return out;
}

/** Unit normals of the kept vertices, in 1/127. */
function vertexNormals(places: Float32Array, faces: Uint32Array, kept: Uint32Array): Int8Array {
  const own = pick(addVertexNormals(new Float32Array(places.length), places, faces), kept, 3);
  return Int8Array.from(own, (value, i) => {
    const at = i - i % 3;
    const length = Math.hypot(own[at], own[at + 1], own[at + 2]) || 1;
    return Math.round(127 * value / length);
  });
}

function base64(numbers: Int8Array | Uint8Array | Uint16Array | Float32Array): string {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength).toBase64();
}
