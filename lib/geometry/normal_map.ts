/**
 * Posed bodies as normal maps: the picture of a pose that systems with a 2D control are told.
 * @module
 */
import type { BodyMesh } from "./body.ts";
import type { BodyPose } from "./body_points.ts";
import { type BodyLayer, bodyLayer } from "./body_layer.ts";
import { type Camera, type CameraPath, scaleCamera } from "./camera.ts";

/** Camera pixels along a side of each pixel of a map: a map without steps moves with the body. */
const SAMPLES = 2;

/**
 * The usual colours of normal maps, n·½ + ½ with red to the right, green up and blue to the viewer;
 * `backdrop` is the grey where nobody is. rgb24 of the layer's size.
 */
export function normalColours({ person, normals }: BodyLayer, backdrop: number): Uint8Array {
  const picture = new Uint8Array(normals.length).fill(backdrop);
  for (let i = 0; i < normals.length; i++) {
    if (person[Math.floor(i / 3)] < 0) continue;
    picture[i] = Math.round(127.5 * (1 + (i % 3 === 0 ? normals[i] : -normals[i])));
  }
  return picture;
}

/**
 * The normals of all bodies of a frame in the camera's axes, on black, which is no direction's colour.
 * rgb24 of the camera's size; each pixel is the mean of 2×2 that are drawn.
 */
export function normalMap(
  body: BodyMesh,
  poses: readonly BodyPose[],
  camera: Camera,
): Uint8Array {
  const { width, height } = camera;
  const finer = scaleCamera(camera, { width: width * SAMPLES, height: height * SAMPLES });
  const posed = poses.map((pose) => body.pose(pose).vertices);
  const fine = normalColours(bodyLayer(body, posed, finer), 0);
  const picture = new Uint8Array(width * height * 3);
  const row = width * SAMPLES * 3;
  for (let i = 0; i < picture.length; i++) {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const at = y * SAMPLES * row + x * SAMPLES * 3 + i % 3;
    const sum = fine[at] + fine[at + 3] + fine[at + row] + fine[at + row + 3];
    picture[i] = Math.round(sum / SAMPLES ** 2);
  }
  return picture;
}

/** Maps of a clip of one camera a frame, and one pose a frame of each person; rgb24, frame by frame. */
export function* normalMaps(
  body: BodyMesh,
  persons: readonly { readonly poses: readonly BodyPose[] }[],
  cameras: CameraPath,
): Generator<Uint8Array> {
  for (const [frame, camera] of cameras.entries()) {
    yield normalMap(body, persons.map(({ poses }) => poses[frame]), camera);
  }
}
