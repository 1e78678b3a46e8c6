/**
 * Numbers of the page's data, unpacked.
 * @module
 */
import { CAMERA_NUMBERS, type PageScene } from "../page_data.ts";

/** A scene as typed arrays. */
export interface DecodedScene {
  readonly vertices: number;
  readonly faces: Uint16Array;
  readonly parents: readonly number[];
  /** [V·K] */
  readonly skinJoints: Uint8Array;
  /** [V·K] */
  readonly skinWeights: Uint16Array;
  readonly persons: readonly DecodedPerson[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** [frames·16] a view. */
  readonly cameras: readonly Float32Array[];
}

/** A body as typed arrays. */
export interface DecodedPerson {
  /** [V·3] */
  readonly rest: Float32Array;
  /** [V·3] */
  readonly normals: Int8Array;
  /** [J·3] */
  readonly joints: Float32Array;
  /** [frames·(3J + 3)] */
  readonly poses: Float32Array;
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
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
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
  const floats = (text: string) => new Float32Array(bytesOf(text).buffer);
  const { vertices, parents, low, high } = scene;
  return {
    ...{ vertices, parents, low, high },
    faces: new Uint16Array(bytesOf(scene.faces).buffer),
    skinJoints: bytesOf(scene.skinJoints),
    skinWeights: new Uint16Array(bytesOf(scene.skinWeights).buffer),
    persons: scene.persons.map(({ rest, normals, joints, poses }) => ({
      rest: floats(rest),
      normals: new Int8Array(bytesOf(normals).buffer),
      joints: floats(joints),
      poses: floats(poses),
    })),
    cameras: scene.cameras.map(floats),
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
