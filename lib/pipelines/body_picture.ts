/**
 * The posed body drawn as surface normals: what the model is told about pose and camera, for people.
 * @module
 */
import {
  type BodyMesh,
  type BodyPose,
  type Camera,
  rasterise,
  type RasterTarget,
  rasterTarget,
} from "../geometry/mod.ts";

/** Grey behind the body. */
const BACKDROP = 24;

/** Draws the bodies' normals as colours (x right, y up, z to the viewer); rgb24 of the camera's size. */
export function bodyPicture(
  body: BodyMesh,
  poses: readonly BodyPose[],
  camera: Camera,
): Uint8Array {
  const { width, height } = camera;
  const picture = new Uint8Array(width * height * 3).fill(BACKDROP);
  const target = rasterTarget(width, height);
  const faceCount = body.bodyFaces.length / 3;
  const posed = poses.map((pose) => body.pose(pose).vertices);
  for (const [person, vertices] of posed.entries()) {
    rasterise(target, camera, { vertices, faces: body.bodyFaces, firstFace: person * faceCount });
  }
  const normals = posed.map((vertices) => vertexNormals(vertices, body.bodyFaces));
  for (let pixel = 0; pixel < width * height; pixel++) {
    const face = target.face[pixel];
    if (face < 0) continue;
    const world = mixCorners(normals[Math.floor(face / faceCount)], body.bodyFaces, {
      at: (face % faceCount) * 3,
      target,
      pixel,
    });
    picture.set(normalColour(world, camera), pixel * 3);
  }
  return picture;
}

function mixCorners(
  normals: Float32Array,
  faces: Uint32Array,
  { at, target, pixel }: { at: number; target: RasterTarget; pixel: number },
): number[] {
  const [second, third] = [target.second[pixel], target.third[pixel]];
  const weights = [1 - second - third, second, third];
  return [0, 1, 2].map((axis) =>
    weights.reduce((sum, weight, k) => sum + weight * normals[faces[at + k] * 3 + axis], 0)
  );
}

/** The usual colours of normal maps: red to the right, green up, blue to the viewer. */
function normalColour(world: readonly number[], { rotation: r }: Camera): number[] {
  const length = Math.hypot(...world) || 1;
  const [x, y, z] = [0, 3, 6].map((row) =>
    (r[row] * world[0] + r[row + 1] * world[1] + r[row + 2] * world[2]) / length
  );
  return [x, -y, -z].map((value) => Math.round(127.5 * (value + 1)));
}

/** Sums of the faces' area-weighted normals at each vertex, [V·3]; not of unit length. */
function vertexNormals(vertices: Float32Array, faces: Uint32Array): Float32Array {
  const normals = new Float32Array(vertices.length);
  for (let f = 0; f < faces.length; f += 3) {
    const [a, b, c] = [faces[f] * 3, faces[f + 1] * 3, faces[f + 2] * 3];
    const u = [0, 1, 2].map((k) => vertices[b + k] - vertices[a + k]);
    const v = [0, 1, 2].map((k) => vertices[c + k] - vertices[a + k]);
    const normal = [
      u[1] * v[2] - u[2] * v[1],
      u[2] * v[0] - u[0] * v[2],
      u[0] * v[1] - u[1] * v[0],
    ];
    for (const corner of [a, b, c]) {
      for (let k = 0; k < 3; k++) normals[corner + k] += normal[k];
    }
  }
  return normals;
}
