import assert from "node:assert/strict";
import { ConfigError, InputError } from "../../lib/errors.ts";
import { type Camera, cameraCentre, lookAt, scaleCamera } from "../../lib/geometry/camera.ts";
import { formatCameras, parseCameras } from "../../lib/geometry/camera_json.ts";
import { boundsOf, defaultFraming, parseCameraPath } from "../../lib/geometry/camera_path.ts";
import { pluckerRays } from "../../lib/geometry/plucker.ts";
import { projectPoints, toNdc } from "../../lib/geometry/projection.ts";
import cases from "../fixtures/geometry/projection.json" with { type: "json" };

const size = { width: 128, height: 96 };
const subject = { min: [-0.5, 0, -0.4], max: [0.5, 1.8, 0.4] } as const;

function fixtureCamera(number: number): Camera {
  const { rotation, translation, ...numbers } = cases[number];
  return {
    ...numbers,
    ...size,
    rotation: Float64Array.from(rotation),
    translation: Float64Array.from(translation),
  };
}

function close(actual: number, expected: number, tolerance = 1e-4): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
}

Deno.test("projectPoints: gives the pixels of cv2.projectPoints", () => {
  for (const [number, { points, uv }] of cases.entries()) {
    const result = projectPoints(fixtureCamera(number), Float32Array.from(points));
    for (const [i, expected] of uv.entries()) {
      close(result.uv[i], expected, 1e-3 * Math.max(1, Math.abs(expected) / 100));
    }
  }
});

Deno.test("toNdc: x and y follow cv2's pixels and z is zero at the mean depth", () => {
  const camera = fixtureCamera(0);
  const points = Float32Array.from(cases[0].points);
  const { depth } = projectPoints(camera, points);
  const ndc = toNdc(camera, points, depth[0]);
  close(ndc[2], 0);
  for (const [i, z] of depth.entries()) {
    close(ndc[i * 3], 2 * cases[0].uv[i * 2] / size.width - 1);
    close(ndc[i * 3 + 1], 2 * cases[0].uv[i * 2 + 1] / size.height - 1);
    close(ndc[i * 3 + 2], 2 * camera.fy / size.height * (1 - depth[0] / z));
  }
});

Deno.test("toNdc: points beside the camera stay within what half precision holds", () => {
  const camera = lookAt([0, 0, 4], [0, 0, 0], { width: 64, height: 64, fovYDegrees: 40 });
  const ndc = toNdc(camera, new Float32Array([1, -1, 4, 1, 1, 4 - 1e-7, 0.1, 0, 0]), 4);
  assert.deepEqual([...ndc.slice(0, 3)], [1000, 1000, -1000]);
  assert.ok(ndc.slice(0, 6).every((value) => Math.abs(value) <= 1000));
  assert.ok(Math.abs(ndc[6]) < 1);
});

Deno.test("toNdc: a small cube keeps its proportions at any focal length", () => {
  for (const fovYDegrees of [1, 20, 60]) {
    const distance = 1 / Math.tan(fovYDegrees * Math.PI / 360);
    const camera = lookAt([0, 0, distance], [0, 0, 0], { width: 64, height: 64, fovYDegrees });
    const e = 1e-2;
    const ndc = toNdc(camera, new Float32Array([e, 0, 0, 0, e, 0, 0, 0, -e]), distance);
    const steps = [ndc[0], -ndc[4], ndc[8]];
    for (const step of steps) close(step / ndc[0], 1, 0.03);
  }
});

Deno.test("lookAt: the target is the picture's centre, up is up, and roll keeps the centre", () => {
  for (const roll of [0, 0.4]) {
    const camera = lookAt([2, 1.5, 3], [0, 1, 0], { ...size, fovYDegrees: 40, roll });
    const { uv } = projectPoints(camera, new Float32Array([0, 1, 0, 0, 1.3, 0]));
    close(uv[0], 64);
    close(uv[1], 48);
    assert.ok(uv[3] < 48);
    const centre = cameraCentre(camera);
    [2, 1.5, 3].forEach((value, axis) => close(centre[axis], value));
  }
  assert.throws(() => lookAt([0, 2, 0], [0, 1, 0], { ...size, fovYDegrees: 40 }), InputError);
});

Deno.test("pluckerRays: every ray passes the camera's centre and its own pixel", () => {
  const reference = lookAt([0, 1, 4], [0, 1, 0], { ...size, fovYDegrees: 40 });
  const camera = lookAt([1, 2, 3], [0, 1, 0], { ...size, fovYDegrees: 50 });
  const [w, h] = [4, 3];
  const rays = pluckerRays(camera, reference, w, h);
  const at = (channel: number, cell: number) => rays[channel * w * h + cell];
  const { rotation: r, translation: t } = reference;
  const eye = cameraCentre(camera);
  const o = [0, 3, 6].map((k) => r[k] * eye[0] + r[k + 1] * eye[1] + r[k + 2] * eye[2] + t[k / 3]);
  for (let cell = 0; cell < w * h; cell++) {
    const d = [3, 4, 5].map((channel) => at(channel, cell));
    close(Math.hypot(...d), 1, 1e-6);
    close(at(0, cell), o[1] * d[2] - o[2] * d[1], 1e-5);
    close(at(1, cell), o[2] * d[0] - o[0] * d[2], 1e-5);
    // A point on the ray, taken back to the world, lands on the cell's centre.
    const p = o.map((value, axis) => value + 2 * d[axis] - t[axis]);
    const world = [0, 1, 2].map((axis) => r[axis] * p[0] + r[3 + axis] * p[1] + r[6 + axis] * p[2]);
    const { uv } = projectPoints(camera, Float32Array.from(world));
    close(uv[0], (cell % w + 0.5) * size.width / w, 1e-3);
    close(uv[1], (Math.floor(cell / w) + 0.5) * size.height / h, 1e-3);
  }
});

Deno.test("parseCameraPath: each path holds the whole subject in every frame", () => {
  const corners = new Float32Array(24);
  for (let i = 0; i < 24; i++) {
    corners[i] = ((i / 3 | 0) >> (i % 3) & 1 ? subject.max : subject.min)[i % 3];
  }
  for (const text of ["static", "orbit:deg=90", "dolly:m=-1", "pan:deg=10", "arc:deg=-60,m=1"]) {
    const cameras = parseCameraPath(text, { ...size, frames: 5, subject });
    assert.equal(cameras.length, 5);
    for (const camera of cameras) {
      const { uv, depth } = projectPoints(camera, corners);
      for (const [i, z] of depth.entries()) {
        assert.ok(z > 0 && uv[i * 2] >= 0 && uv[i * 2] <= 128, text);
        assert.ok(uv[i * 2 + 1] >= 0 && uv[i * 2 + 1] <= 96, text);
      }
    }
  }
});

Deno.test("parseCameraPath: orbit turns by its angle, dolly by its distance", () => {
  const orbit = parseCameraPath("orbit:deg=90,elevation=0", { ...size, frames: 3, subject });
  const [first, last] = [cameraCentre(orbit[0]), cameraCentre(orbit[2])];
  close(first[0], 0);
  close(last[2], 0);
  close(last[0], first[2]);
  const dolly = parseCameraPath("dolly:m=-1,elevation=0", { ...size, frames: 3, subject });
  close(cameraCentre(dolly[0])[2] - cameraCentre(dolly[2])[2], 1);
});

Deno.test("parseCameraPath: a wrong path is refused with what would do", () => {
  const wrong: [string, RegExp][] = [
    ["swoop", /unknown camera path "swoop", expected static, orbit, dolly, pan, arc/],
    ["constructor", /unknown camera path/],
    ["orbit:deg=ninety", /deg is "ninety", expected a number/],
    ["orbit:deg=", /deg is "", expected a number/],
    ["orbit:speed=2", /has no "speed", expected deg, azimuth/],
    ["pan:deg=200", /loses the subject/],
    ["dolly:m=-9,distance=4", /comes -5 m near/],
    ["static:fov=0", /fov is 0/],
  ];
  for (const [text, message] of wrong) {
    const parse = () => parseCameraPath(text, { ...size, frames: 3, subject });
    assert.throws(parse, (error) => error instanceof ConfigError && message.test(error.message));
  }
});

Deno.test("parseCameras: reads back what formatCameras writes, without loss", () => {
  const cameras = parseCameraPath("arc:deg=33", { ...size, frames: 3, subject });
  const read = parseCameras(formatCameras(cameras, { fps: 8 }), "x");
  assert.deepEqual(read, { cameras, fps: 8 });
});

Deno.test("parseCameras: foreign files are refused with the wrong value named", () => {
  const good = JSON.parse(formatCameras([defaultFraming({ ...size, subject })]));
  const wrong: [string, RegExp][] = [
    ["", /"c.json": not JSON/],
    ["[]", /the file: /],
    [JSON.stringify({ ...good, format: "nerf" }), /format: /],
    [JSON.stringify({ ...good, frames: [] }), /frames: /],
    [JSON.stringify({ ...good, frames: [{ ...good.frames[0], fx: -1 }] }), /frames\.0\.fx: /],
    [
      JSON.stringify({ ...good, frames: [{ ...good.frames[0], rotation: Array(9).fill(1) }] }),
      /frames\.0\.rotation: is no rotation/,
    ],
  ];
  for (const [text, message] of wrong) {
    const parse = () => parseCameras(text, "c.json");
    assert.throws(parse, (error) => error instanceof InputError && message.test(error.message));
  }
});

Deno.test("scaleCamera: pixels scale with the picture", () => {
  const camera = defaultFraming({ ...size, subject });
  const points = new Float32Array([0.2, 1.4, 0.1]);
  const { uv } = projectPoints(camera, points);
  const doubled = projectPoints(scaleCamera(camera, { width: 256, height: 192 }), points);
  close(doubled.uv[0], uv[0] * 2);
  close(doubled.uv[1], uv[1] * 2);
});

Deno.test("boundsOf: spans all points of all arrays", () => {
  const bounds = boundsOf([new Float32Array([1, 2, 3]), new Float32Array([-1, 5, 0, 0, 0, 9])]);
  assert.deepEqual(bounds, { min: [-1, 0, 0], max: [1, 5, 9] });
});
