import fc from "fast-check";
import { deepEqual, ok } from "node:assert/strict";
import {
  type Camera,
  type CameraFormat,
  cameraFormats,
  formatCameras,
  formatCameraText,
  matrixToAxisAngle,
  type Motion,
  parseCameras,
  parseCameraText,
  resampleCameras,
  resampleMotion,
  rotateMotion,
} from "../../lib/geometry/mod.ts";
import { axisAngleMatrix } from "../../lib/geometry/quaternion.ts";
import { settings } from "./fuzz.ts";

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });

function matrixOf(turn: ArrayLike<number>): Float64Array {
  const out = new Float64Array(9);
  axisAngleMatrix(turn, 0, out, 0);
  return out;
}

/** Turns of less than half a circle, about any axis; rotations themselves have no other. */
const axisAngle = fc.tuple(between(-1, 1), between(-1, 1), between(-1, 1), between(0, 3.1))
  .filter(([x, y, z]) => Math.hypot(x, y, z) > 0.1)
  .map(([x, y, z, angle]) => [x, y, z].map((value) => value / Math.hypot(x, y, z) * angle));

const camera: fc.Arbitrary<Camera> = fc.record({
  width: fc.constant(640),
  height: fc.constant(480),
  fx: between(1, 5000),
  fy: between(1, 5000),
  cx: between(0, 640),
  cy: between(0, 480),
  rotation: axisAngle.map(matrixOf),
  translation: fc.tuple(between(-50, 50), between(-50, 50), between(-50, 50))
    .map((values) => Float64Array.from(values)),
});
const cameras = fc.array(camera, { minLength: 1, maxLength: 5 });
const rate = between(1, 120);

const motion: fc.Arbitrary<Motion> = fc.tuple(
  fc.array(fc.tuple(fc.array(axisAngle, { minLength: 24, maxLength: 24 }), axisAngle), {
    minLength: 1,
    maxLength: 4,
  }),
  rate,
).map(([frames, fps]) => ({
  fps,
  frames: frames.length,
  poses: Float32Array.from(frames.flatMap(([pose]) => pose.flat())),
  translations: Float32Array.from(frames.flatMap(([, place]) => place)),
}));

function near(a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number): void {
  deepEqual(a.length, b.length);
  for (let i = 0; i < a.length; i++) {
    ok(Math.abs(a[i] - b[i]) <= tolerance * Math.max(1, Math.abs(b[i])), `${a[i]} is not ${b[i]}`);
  }
}

const numbersOf = ({ fx, fy, cx, cy, rotation, translation }: Camera) => [
  ...[fx, fy, cx, cy],
  ...rotation,
  ...translation,
];

Deno.test("axis-angle to matrix and back is the same turn", () => {
  fc.assert(
    fc.property(axisAngle, (turn) => {
      near(matrixToAxisAngle(matrixOf(turn)), turn, 1e-6);
    }),
    settings(200),
  );
});

Deno.test("a turn's matrix is orthonormal with determinant 1", () => {
  fc.assert(
    fc.property(axisAngle, (turn) => {
      const m = matrixOf(turn);
      const row = (i: number) => [m[3 * i], m[3 * i + 1], m[3 * i + 2]];
      const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);
      const [x, y, z] = [row(0), row(1), row(2)];
      near(
        [x, y, z].flatMap((a) => [x, y, z].map((b) => dot(a, b))),
        [1, 0, 0, 0, 1, 0, 0, 0, 1],
        1e-9,
      );
      const cross = [
        y[1] * z[2] - y[2] * z[1],
        y[2] * z[0] - y[0] * z[2],
        y[0] * z[1] - y[1] * z[0],
      ];
      near([dot(x, cross)], [1], 1e-9);
    }),
    settings(100),
  );
});

Deno.test("cameras as our JSON come back to the last bit", () => {
  fc.assert(
    fc.property(cameras, fc.option(rate, { nil: undefined }), (path, fps) => {
      const back = parseCameras(formatCameras(path, { fps }), "a.json");
      deepEqual(back.cameras.map(numbersOf), path.map(numbersOf));
      deepEqual(back.fps, fps);
    }),
    settings(50),
  );
});

Deno.test("cameras come back from every kind of file", () => {
  const tolerance: Readonly<Record<CameraFormat, number>> = {
    "isa4d-cameras": 0,
    nerf: 1e-6,
    realestate10k: 1e-6,
  };
  fc.assert(
    fc.property(cameras, fc.constantFrom(...cameraFormats), (path, format) => {
      const size = { width: 640, height: 480 };
      const text = formatCameraText({ cameras: path, fps: 8 }, format);
      const back = parseCameraText(text, "a", { size });
      near(back.cameras.flatMap(numbersOf), path.flatMap(numbersOf), tolerance[format]);
    }),
    settings(50),
  );
});

Deno.test("cameras resampled at their own rate are themselves, and hold the last one", () => {
  fc.assert(
    fc.property(cameras, rate, (path, fps) => {
      const frames = path.length + 2;
      const same = resampleCameras({ cameras: path, fps }, { fps, frames });
      const held = [...path, path[path.length - 1], path[path.length - 1]];
      near(same.flatMap(numbersOf), held.flatMap(numbersOf), 1e-6);
    }),
    settings(50),
  );
});

Deno.test("cameras resampled at any rate have rotations and lenses between their neighbours'", () => {
  fc.assert(
    fc.property(cameras, rate, rate, (path, from, to) => {
      for (
        const { fx, rotation } of resampleCameras({ cameras: path, fps: from }, {
          fps: to,
          frames: 6,
        })
      ) {
        near(matrixOf(matrixToAxisAngle(rotation)), rotation, 1e-6);
        const lenses = path.map((camera) => camera.fx);
        ok(fx >= Math.min(...lenses) - 1e-9 * fx && fx <= Math.max(...lenses) * (1 + 1e-9));
      }
    }),
    settings(50),
  );
});

Deno.test("a motion at its own rate is itself; at a multiple, every k-th frame is its own", () => {
  fc.assert(
    fc.property(motion, fc.integer({ min: 1, max: 4 }), (given, factor) => {
      const fine = resampleMotion(given, { fps: given.fps * factor });
      deepEqual(fine.frames, (given.frames - 1) * factor + 1);
      for (let frame = 0; frame < given.frames; frame++) {
        const [at, own] = [frame * factor * 72, frame * 72];
        near(fine.poses.subarray(at, at + 72), given.poses.subarray(own, own + 72), 2e-4);
      }
      near(
        fine.translations.filter((_, i) => Math.floor(i / 3) % factor === 0),
        given.translations,
        1e-5,
      );
    }),
    settings(30),
  );
});

Deno.test("a motion turned there and back is itself", () => {
  fc.assert(
    fc.property(motion, axisAngle, axisAngle, (given, [x, y, z], pelvis) => {
      const angle = Math.hypot(x, y, z) / 2;
      const s = Math.sin(angle) / (2 * angle || 1);
      const there = rotateMotion(given, [Math.cos(angle), x * s, y * s, z * s], pelvis);
      const back = rotateMotion(there, [Math.cos(angle), -x * s, -y * s, -z * s], pelvis);
      near(back.poses, given.poses, 2e-3);
      near(back.translations, given.translations, 1e-4);
    }),
    settings(30),
  );
});
