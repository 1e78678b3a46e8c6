/**
 * Bodies and cameras of a scene, made small enough to travel in a page.
 * @module
 */
import { MeshoptSimplifier } from "meshoptimizer";
import type { BodyMesh, CameraPath } from "../geometry/mod.ts";
import type { Scene } from "../pipelines/mod.ts";
import { CAMERA_NUMBERS, type PageScene } from "./page_data.ts";

/** Faces that a body is drawn with; the whole skin has 26,756. */
const FACES = 9000;

/** Error that the simplification may make at most, as a share of the body's size. */
const WORST = 0.01;

/** Bytes that all bodies of a clip may take; a longer clip has fewer key frames. */
const BODY_BYTES = 3_000_000;

/** Three numbers of a place, two of a normal. */
const VERTEX_BYTES = 8;

/** A body's surface with few faces. */
export interface SmallSurface {
  /** [V] vertices of the body that are kept, in the order of the new ones. */
  readonly kept: Uint32Array;
  /** [F·3] corners, numbers of kept vertices. */
  readonly faces: Uint16Array;
}

/** Thins the skin's faces; the vertices that stay keep their places, so every pose of the body fits. */
export async function smallSurface(
  body: Pick<BodyMesh, "bodyFaces" | "template">,
  faces: number = FACES,
): Promise<SmallSurface> {
  await MeshoptSimplifier.ready;
  const [corners] = MeshoptSimplifier.simplify(body.bodyFaces, body.template, 3, faces * 3, WORST);
  const place = new Map<number, number>();
  const small = Uint16Array.from(corners, (corner) => {
    if (!place.has(corner)) place.set(corner, place.size);
    return place.get(corner)!;
  });
  return { kept: Uint32Array.from(place.keys()), faces: small };
}

/**
 * Frames of which the bodies are stored: all where they fit, else every n-th and the last. Between
 * them the page moves each vertex straight.
 */
export function keyFrames(
  frames: number,
  { vertices, persons }: { readonly vertices: number; readonly persons: number },
): number[] {
  const most = Math.max(
    2,
    Math.floor(BODY_BYTES / (vertices * VERTEX_BYTES * Math.max(1, persons))),
  );
  const step = Math.max(1, Math.ceil((frames - 1) / (most - 1)));
  const keys = Array.from({ length: Math.ceil(frames / step) }, (_, i) => i * step);
  return keys.at(-1) === frames - 1 ? keys : [...keys, frames - 1];
}

/** Packs the persons of a scene and the cameras of each view. */
export async function packScene(
  { body, persons }: Pick<Scene, "body" | "persons">,
  views: readonly CameraPath[],
): Promise<PageScene> {
  const surface = await smallSurface(body);
  const vertices = surface.kept.length;
  const frames = persons[0].poses.length;
  const keys = keyFrames(frames, { vertices, persons: persons.length });
  const tracks: Float32Array[][] = [];
  const normals: Int8Array[] = [];
  for (const { poses } of persons) {
    const folded = new Int8Array(keys.length * vertices * 2);
    tracks.push(keys.map((frame, key) => {
      const posed = body.pose(poses[frame]).vertices;
      // Of the whole skin: what few faces lack in shape, the shading keeps.
      folded.set(
        foldNormals(vertexNormals(posed, body.bodyFaces), surface.kept),
        key * vertices * 2,
      );
      return pick(posed, surface.kept);
    }));
    normals.push(folded);
  }
  const { low, high } = box(tracks.flat());
  return {
    faces: base64(surface.faces),
    vertices,
    keys,
    persons: tracks.map((track) => base64(quantised(track, { low, high }))),
    normals: normals.map(base64),
    low,
    high,
    cameras: views.map((cameras) => base64(packCameras(cameras))),
  };
}

/** Cameras as numbers, [frames·16]; see {@linkcode PageScene}. */
export function packCameras(cameras: CameraPath): Float32Array {
  const out = new Float32Array(cameras.length * CAMERA_NUMBERS);
  for (const [i, { width, height, fx, fy, cx, cy, rotation, translation }] of cameras.entries()) {
    const lens = [fx / width, fy / height, cx / width, cy / height];
    out.set([...lens, ...rotation, ...translation], i * CAMERA_NUMBERS);
  }
  return out;
}

function pick(places: Float32Array, kept: Uint32Array): Float32Array {
  const out = new Float32Array(kept.length * 3);
  for (const [i, from] of kept.entries()) out.set(places.subarray(from * 3, from * 3 + 3), i * 3);
  return out;
}

interface Box {
  readonly low: number[];
  readonly high: number[];
}

function box(tracks: readonly Float32Array[]): Box {
  const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
  for (const places of tracks) {
    for (let i = 0; i < places.length; i++) {
      low[i % 3] = Math.min(low[i % 3], places[i]);
      high[i % 3] = Math.max(high[i % 3], places[i]);
    }
  }
  return { low, high };
}

/** Places of all key frames as shares of the box, in 1/65535. */
function quantised(track: readonly Float32Array[], { low, high }: Box): Uint16Array {
  const out = new Uint16Array(track.length * track[0].length);
  const scale = low.map((value, axis) => 65535 / Math.max(1e-9, high[axis] - value));
  for (const [key, places] of track.entries()) {
    const at = key * places.length;
    for (let i = 0; i < places.length; i++) {
      out[at + i] = Math.round((places[i] - low[i % 3]) * scale[i % 3]);
    }
  }
  return out;
}

/** Sums of the faces' area-weighted normals at each vertex, [V·3]; not of unit length. */
function vertexNormals(places: Float32Array, faces: Uint32Array): Float32Array {
  const sums = new Float32Array(places.length);
  for (let f = 0; f < faces.length; f += 3) {
    const a = faces[f] * 3, b = faces[f + 1] * 3, c = faces[f + 2] * 3;
    const ux = places[b] - places[a], vx = places[c] - places[a];
    const uy = places[b + 1] - places[a + 1], vy = places[c + 1] - places[a + 1];
    const uz = places[b + 2] - places[a + 2], vz = places[c + 2] - places[a + 2];
    const x = uy * vz - uz * vy, y = uz * vx - ux * vz, z = ux * vy - uy * vx;
    for (const at of [a, b, c]) {
      sums[at] += x;
      sums[at + 1] += y;
      sums[at + 2] += z;
    }
  }
  return sums;
}

/** Directions of the kept vertices on an octahedron's unfolded faces (Meyer et al. 2010), [V·2]. */
export function foldNormals(normals: Float32Array, kept: Uint32Array): Int8Array {
  const out = new Int8Array(kept.length * 2);
  for (const [i, from] of kept.entries()) {
    const [x, y, z] = normals.subarray(from * 3, from * 3 + 3);
    const length = Math.abs(x) + Math.abs(y) + Math.abs(z) || 1;
    let [u, v] = [x / length, y / length];
    if (z < 0) {
      [u, v] = [(1 - Math.abs(v)) * (u < 0 ? -1 : 1), (1 - Math.abs(u)) * (v < 0 ? -1 : 1)];
    }
    out.set([Math.round(u * 127), Math.round(v * 127)], i * 2);
  }
  return out;
}

function base64(numbers: Int8Array | Uint16Array | Float32Array): string {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength).toBase64();
}
