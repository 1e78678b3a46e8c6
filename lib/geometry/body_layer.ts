/**
 * Posed bodies as a camera sees them: who covers each pixel, and how the surface lies there.
 * @module
 */
import type { BodyMesh } from "./body.ts";
import type { Camera } from "./camera.ts";
import { rasterise, rasterTarget } from "./raster.ts";
import { addVertexNormals } from "./vertex_normals.ts";

/** What a camera sees of bodies. */
export interface BodyLayer {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Index of the nearest person, [height·width]; −1 where there is none. */
  readonly person: Int8Array;
  /** Unit normals in the camera's axes (x right, y down, z away), [height·width·3]. */
  readonly normals: Float32Array;
}

/** Draws the skin of bodies, one array of posed vertices [V·3] a person, at the camera's size. */
export function bodyLayer(
  body: BodyMesh,
  posed: readonly Float32Array[],
  camera: Camera,
): BodyLayer {
  const { width, height } = camera;
  const faces = body.bodyFaces;
  const faceCount = faces.length / 3;
  const target = rasterTarget(width, height);
  for (const [person, vertices] of posed.entries()) {
    rasterise(target, camera, { vertices, faces, firstFace: person * faceCount });
  }
  const layer = {
    width,
    height,
    person: new Int8Array(width * height).fill(-1),
    normals: new Float32Array(width * height * 3),
  };
  const normals = posed.map((vertices) => cameraNormals(vertices, faces, camera));
  const { face, second, third } = target;
  for (let pixel = 0; pixel < face.length; pixel++) {
    if (face[pixel] < 0) continue;
    const person = Math.floor(face[pixel] / faceCount);
    const at = (face[pixel] % faceCount) * 3;
    const of = normals[person];
    const [a, b, c] = [faces[at] * 3, faces[at + 1] * 3, faces[at + 2] * 3];
    const v = second[pixel], w = third[pixel], u = 1 - v - w;
    const x = u * of[a] + v * of[b] + w * of[c];
    const y = u * of[a + 1] + v * of[b + 1] + w * of[c + 1];
    const z = u * of[a + 2] + v * of[b + 2] + w * of[c + 2];
    const scale = 1 / (Math.sqrt(x * x + y * y + z * z) || 1);
    layer.person[pixel] = person;
    layer.normals[pixel * 3] = x * scale;
    layer.normals[pixel * 3 + 1] = y * scale;
    layer.normals[pixel * 3 + 2] = z * scale;
  }
  return layer;
}

/** Vertex normals of any length, turned into the camera's axes, [V·3]. */
function cameraNormals(
  vertices: Float32Array,
  faces: Uint32Array,
  { rotation: r }: Camera,
): Float32Array {
  const sums = addVertexNormals(new Float32Array(vertices.length), vertices, faces);
  for (let i = 0; i < sums.length; i += 3) {
    const x = sums[i], y = sums[i + 1], z = sums[i + 2];
    for (let row = 0; row < 3; row++) {
      sums[i + row] = r[row * 3] * x + r[row * 3 + 1] * y + r[row * 3 + 2] * z;
    }
  }
  return sums;
}
