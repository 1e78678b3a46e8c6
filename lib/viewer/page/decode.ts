/**
 * Numbers of the page's data, unpacked.
 * @module
 */
import { CAMERA_NUMBERS, type PageScene } from "../page_data.ts";

/** A scene as typed arrays. */
export interface DecodedScene {
  readonly faces: Uint16Array;
  readonly vertices: number;
  readonly keys: readonly number[];
  /** [K·V·3] a person. */
  readonly persons: readonly Uint16Array[];
  /** [K·V·2] a person. */
  readonly normals: readonly Int8Array[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** [frames·16] a view. */
  readonly cameras: readonly Float32Array[];
}

/** One camera, OpenCV; focal lengths and principal point in shares of the picture. */
export interface ViewCamera {
  readonly fx: number;
  readonly fy: number;
  readonly cx: number;
  readonly cy: number;
  /** World to camera, row-major [9]. */
  readonly rotation: Float32Array;
  /** Where it stands. */
  readonly centre: readonly [number, number, number];
}

/** Bytes of base64 text. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** A data URL as an address that a video can be sought in; other addresses stay. */
export function mediaAddress(source: string): string {
  const match = /^data:([^;,]+);base64,/.exec(source);
  if (!match) return source;
  const bytes = bytesOf(source.slice(match[0].length));
  return URL.createObjectURL(new Blob([bytes], { type: match[1] }));
}

/** Unpacks a scene. */
export function decodeScene(scene: PageScene): DecodedScene {
  const { vertices, keys, low, high } = scene;
  return {
    ...{ vertices, keys, low, high },
    faces: new Uint16Array(bytesOf(scene.faces).buffer),
    persons: scene.persons.map((text) => new Uint16Array(bytesOf(text).buffer)),
    normals: scene.normals.map((text) => new Int8Array(bytesOf(text).buffer)),
    cameras: scene.cameras.map((text) => new Float32Array(bytesOf(text).buffer)),
  };
}

/** The camera of a frame. */
export function cameraAt(numbers: Float32Array, frame: number): ViewCamera {
  const at = frame * CAMERA_NUMBERS;
  const [fx, fy, cx, cy] = numbers.subarray(at, at + 4);
  const rotation = numbers.slice(at + 4, at + 13);
  const t = numbers.subarray(at + 13, at + 16);
  const centre = [0, 1, 2].map((axis) =>
    -(rotation[axis] * t[0] + rotation[3 + axis] * t[1] + rotation[6 + axis] * t[2])
  );
  return { fx, fy, cx, cy, rotation, centre: centre as [number, number, number] };
}

/** Where a frame lies between key frames: `before`, `after`, and how far from one to the other. */
function between(keys: readonly number[], frame: number) {
  const next = keys.findIndex((key) => key >= frame);
  const after = next < 0 ? keys.length - 1 : next;
  const before = keys[after] === frame || after === 0 ? after : after - 1;
  const share = before === after ? 0 : (frame - keys[before]) / (keys[after] - keys[before]);
  return { before, after, share };
}

/** What of the bodies is asked for. */
export interface BodyMoment {
  readonly person: number;
  readonly frame: number;
}

/** Writes the places of a person's vertices at a frame into `out` [V·3], straight between key frames. */
export function placesAt(
  { keys, vertices, low, high, persons }: DecodedScene,
  { person, frame }: BodyMoment,
  out: Float32Array,
): void {
  const { before, after, share } = between(keys, frame);
  const numbers = persons[person];
  const [a, b] = [before * vertices * 3, after * vertices * 3];
  for (let i = 0; i < vertices * 3; i++) {
    const value = numbers[a + i] + share * (numbers[b + i] - numbers[a + i]);
    out[i] = low[i % 3] + (high[i % 3] - low[i % 3]) * value / 65535;
  }
}

/** Writes the unit normals of a person's vertices at a frame into `out` [V·3]: of the nearer key frame. */
export function normalsAt(
  { keys, vertices, normals }: DecodedScene,
  { person, frame }: BodyMoment,
  out: Float32Array,
): void {
  const { before, after, share } = between(keys, frame);
  const start = (share < 0.5 ? before : after) * vertices * 2;
  const folded = normals[person];
  for (let i = 0; i < vertices; i++) {
    const u = folded[start + i * 2] / 127, v = folded[start + i * 2 + 1] / 127;
    const z = 1 - Math.abs(u) - Math.abs(v);
    const fold = Math.max(0, -z);
    const x = u - (u < 0 ? -fold : fold), y = v - (v < 0 ? -fold : fold);
    const length = Math.hypot(x, y, z);
    out[i * 3] = x / length;
    out[i * 3 + 1] = y / length;
    out[i * 3 + 2] = z / length;
  }
}
