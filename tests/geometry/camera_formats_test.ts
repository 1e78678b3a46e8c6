import assert from "node:assert/strict";
import fc from "fast-check";
import { InputError } from "../../lib/errors.ts";
import {
  anchorCameras,
  type Camera,
  cameraCentre,
  cameraFormatOf,
  cameraFormats,
  type CameraPath,
  type CameraTrack,
  evenTrack,
  formatCameraText,
  lookAt,
  nerfPicture,
  parseCameraText,
  projectPoints,
  resampleCameras,
  scaleTrack,
} from "../../lib/geometry/mod.ts";
import fixture from "../fixtures/geometry/cameras.json" with { type: "json" };

const realEstateText = Deno.readTextFileSync(
  new URL("../fixtures/geometry/realestate10k.txt", import.meta.url),
);
const { realestate, nerf } = fixture;

/** Largest distance in pixels between a camera's pixels and `uv`. */
function apart(camera: Camera, points: Float32Array, uv: readonly number[]): number {
  const found = projectPoints(camera, points).uv;
  assert.equal(found.length, uv.length);
  return Math.max(...uv.map((value, i) => Math.abs(value - found[i])));
}

/** Points of a file's world in ours. */
function mapped(points: readonly number[], to: (p: number[]) => number[]): Float32Array {
  const rows = Array.from({ length: points.length / 3 }, (_, i) => points.slice(i * 3, i * 3 + 3));
  return Float32Array.from(rows.flatMap(to));
}

const yUpOfYDown = ([x, y, z]: number[]) => [x, -y, -z];
const yUpOfZUp = ([x, y, z]: number[]) => [x, z, -y];

const realEstatePoints = mapped(realestate.points, yUpOfYDown);
const { width, height } = realestate;

function sameCameras(a: CameraPath, b: CameraPath, tolerance: number): void {
  assert.equal(a.length, b.length);
  const numbers = ({ rotation, translation, fx, fy, cx, cy, width, height }: Camera) => [
    ...[fx, fy, cx, cy, width, height],
    ...rotation,
    ...translation,
  ];
  for (const [i, camera] of a.entries()) {
    const other = numbers(b[i]);
    numbers(camera).forEach((value, k) =>
      assert.ok(Math.abs(value - other[k]) <= tolerance, `camera ${i}: ${value} is not ${other[k]}`)
    );
  }
}

Deno.test("RealEstate10K: known points land on the pixels that OpenCV gives", () => {
  const track = parseCameraText(realEstateText, "r.txt", { size: { width, height } });
  assert.equal(track.relative, true);
  assert.deepEqual(track.times?.map((time) => Math.round(time * 1e3)), [0, 33, 67, 133, 167]);
  for (const [i, uv] of realestate.uv.entries()) {
    assert.ok(apart(track.cameras[i], realEstatePoints, uv) < 1e-3);
  }
});

Deno.test("RealEstate10K: resampled by its own times as scipy's slerp does", () => {
  const track = parseCameraText(realEstateText, "r.txt", { size: { width, height } });
  const cameras = resampleCameras(track, { fps: 24, frames: 7 });
  for (const [i, uv] of realestate.uv24.entries()) {
    assert.ok(apart(cameras[i], realEstatePoints, uv) < 1e-3, `frame ${i}`);
  }
  assert.deepEqual(cameras[6], track.cameras[4], "the last is held");
});

Deno.test("RealEstate10K: without a size the pixels are square", () => {
  const [{ width, height, fx, fy }] = parseCameraText(realEstateText, "r.txt").cameras;
  assert.deepEqual([width, height], [1280, 720]);
  assert.ok(Math.abs(fx / fy - 1) < 1e-6);
});

Deno.test("NeRF: known points land on the pixels that OpenCV gives", () => {
  const points = mapped(nerf.points, yUpOfZUp);
  for (const { name, width, height, uv } of nerf.cases) {
    const file = nerf.files[name as keyof typeof nerf.files];
    const { cameras } = parseCameraText(JSON.stringify(file), name, { size: { width, height } });
    for (const [i, expected] of uv.entries()) {
      assert.ok(apart(cameras[i], points, expected) < 2e-3, `${name} ${i}`);
    }
  }
});

Deno.test("NeRF: its up is our up", () => {
  const file = JSON.stringify(nerf.files.focal);
  for (const { rotation } of parseCameraText(file, "t").cameras) {
    assert.ok(Math.abs(rotation[1]) < 1e-9, "the horizon is level");
    assert.ok(rotation[4] < 0, "the camera's down is down");
  }
});

Deno.test("NeRF: the first picture is asked for only where the size is missing", () => {
  assert.equal(nerfPicture(JSON.stringify(nerf.files.angle)), "./images/0001.png");
  assert.equal(nerfPicture(JSON.stringify(nerf.files.focal)), undefined);
  assert.equal(nerfPicture("{"), undefined);
});

/** An uneven walk around the origin, with a lens that zooms. */
function walk(): CameraTrack {
  const cameras = [0, 1, 2, 3].map((i) => ({
    ...lookAt([Math.sin(i) * 3, 1 + i / 4, Math.cos(i) * 3], [0, 1, 0], {
      width: 160,
      height: 120,
      fovYDegrees: 40 + i,
      roll: i / 10,
    }),
    cx: 81.5,
  }));
  return { cameras, fps: 12.5 };
}

for (const format of cameraFormats) {
  Deno.test(`${format}: what is written is recognised and read back`, () => {
    const track = walk();
    const text = formatCameraText(track, format);
    assert.equal(cameraFormatOf(text), format);
    const read = parseCameraText(text, "f", { size: { width: 160, height: 120 } });
    sameCameras(read.cameras, track.cameras, 1e-9);
    assert.equal(evenTrack(read).fps, 12.5);
    assert.equal(read.relative ?? false, format === "realestate10k");
  });

  Deno.test(`${format}: no broken text does more than say that it cannot be read`, () => {
    const text = formatCameraText(walk(), format);
    const cut = fc.tuple(fc.nat(text.length), fc.nat(text.length), fc.string({ maxLength: 4 }));
    fc.assert(
      fc.property(cut, ([from, length, put]) => {
        const broken = text.slice(0, from) + put + text.slice(from + length);
        try {
          const { cameras, times } = parseCameraText(broken, "broken");
          resampleCameras({ cameras, times }, { fps: 10, frames: 3 });
        } catch (error) {
          assert.ok(error instanceof InputError, String(error));
          assert.match(error.message, /^cannot read cameras from "broken": /);
        }
      }),
      { numRuns: 150, seed: 1 },
    );
  });
}

Deno.test("camera files: foreign ones are refused with what is wrong in them", () => {
  const [head, line, ...lines] = realEstateText.trim().split("\n");
  const numbers = line.split(" ");
  const changed = (column: number, value: string) =>
    [head, numbers.with(column, value).join(" "), ...lines].join("\n");
  const { focal } = nerf.files;
  const [first] = focal.frames;
  const json = (change: object, frame: object = {}) =>
    JSON.stringify({ ...focal, frames: [{ ...first, ...frame }], ...change });
  const stretched = first.transform_matrix.map((row) => row.map((value) => value * 2));
  const cases: [string, RegExp][] = [
    ["", /expected isa4d-cameras JSON, NeRF's transforms\.json or RealEstate10K text/],
    ["hello\nworld", /expected isa4d-cameras/],
    ["{}", /expected isa4d-cameras/],
    ["[null", /expected isa4d-cameras/],
    [[head, line, numbers.slice(1).join(" ")].join("\n"), /line 3 has 18 columns, expected 19/],
    [[head, line, line].join("\n"), /line 3 has the time 52185000, expected more than 52185000/],
    [changed(1, "0"), /line 2 has focal lengths 0 and 0\.87.*, expected more than 0/],
    [changed(7, "0.5"), /line 2 has no rotation/],
    [json({ k1: 0.02 }), /frames\.0: k1 is 0\.02, expected 0: undistort/],
    [json({}, { p2: -1e-3 }), /frames\.0: p2 is -0\.001/],
    [json({ camera_model: "OPENCV_FISHEYE" }), /the lens is OPENCV_FISHEYE, expected a pinhole/],
    [json({ is_fisheye: true }), /the lens is a fisheye/],
    [json({ w: undefined }), /w and h are missing/],
    [json({ fl_x: undefined, fl_y: undefined, camera_angle_x: undefined }), /the lens is missing/],
    [json({ fl_x: -3 }), /fl_x: /],
    [json({}, { transform_matrix: stretched }), /frames\.0\.transform_matrix is no rotation/],
    [json({}, { transform_matrix: [[1, 2]] }), /frames\.0\.transform_matrix/],
    [json({ frames: [first, { ...first, w: 10 }] }), /camera 1 is for 10×240 pixels, camera 0/],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parseCameraText(text, "c"),
      (error) => error instanceof InputError && message.test(error.message),
      String(message),
    );
  }
  const still = { cameras: walk().cameras };
  assert.throws(() => formatCameraText(still, "realestate10k"), /have no rate: give one/);
});

Deno.test("resampleCameras: at its own rate nothing changes, between cameras it is half way", () => {
  const track = walk();
  assert.deepEqual(resampleCameras(track, { fps: 12.5, frames: 4 }), track.cameras);
  const [, middle] = resampleCameras(track, { fps: 25, frames: 2 });
  const [a, b] = track.cameras.map(cameraCentre);
  cameraCentre(middle).forEach((value, axis) =>
    assert.ok(Math.abs(value - (a[axis] + b[axis]) / 2) < 1e-12)
  );
  assert.ok(Math.abs(middle.fx - (track.cameras[0].fx + track.cameras[1].fx) / 2) < 1e-12);
  const still = { cameras: track.cameras.slice(0, 1) };
  assert.deepEqual(resampleCameras(still, { fps: 8, frames: 2 }), [
    track.cameras[0],
    track.cameras[0],
  ]);
});

Deno.test("evenTrack: times with a gap are resampled at their mean rate", () => {
  const track = parseCameraText(realEstateText, "r.txt");
  const even = evenTrack(track);
  assert.equal(even.times, undefined);
  assert.ok(Math.abs(even.fps! - 4 / 0.167) < 1e-9);
  assert.equal(even.cameras.length, 5);
  assert.deepEqual([even.cameras[0], even.cameras[4]], [track.cameras[0], track.cameras[4]]);
  assert.notDeepEqual(even.cameras[3], track.cameras[3]);
});

Deno.test("anchorCameras: the movement stays, its beginning is where it is asked for", () => {
  const { cameras } = walk();
  const lens = { width: 160, height: 120, fovYDegrees: 30 };
  const first = lookAt([5, 2, 1], [0, 1, 0], lens);
  const moved = anchorCameras(cameras, first);
  sameCameras([{ ...moved[0], fx: 1, fy: 1, cx: 1 }], [{ ...first, fx: 1, fy: 1, cx: 1 }], 1e-12);
  assert.equal(moved[2].fx, cameras[2].fx);
  const distance = (path: CameraPath) => {
    const [a, b] = [cameraCentre(path[0]), cameraCentre(path[3])];
    return Math.hypot(...a.map((value, axis) => value - b[axis]));
  };
  assert.ok(Math.abs(distance(moved) - distance(cameras)) < 1e-12);
  // A point that stands in the same place before both first cameras is seen alike by both last ones.
  const seen = (path: CameraPath, last: number) => {
    const { rotation: r, translation: t } = path[0];
    const p = [0.3, -0.2, 4].map((value, axis) => value - t[axis]);
    const world = [0, 1, 2].map((k) => r[k] * p[0] + r[3 + k] * p[1] + r[6 + k] * p[2]);
    return projectPoints({ ...path[last], fx: 100, fy: 100 }, Float32Array.from(world)).uv;
  };
  seen(moved, 3).forEach((value, i) => assert.ok(Math.abs(value - seen(cameras, 3)[i]) < 1e-3));
  sameCameras(anchorCameras(moved, cameras[0]), cameras, 1e-12);
});

Deno.test("scaleTrack: distances grow, views stay", () => {
  const track = walk();
  const twice = scaleTrack(track, 2);
  const point = [0.3, 1.2, -0.2];
  const small = projectPoints(track.cameras[1], Float32Array.from(point)).uv;
  const large = projectPoints(twice.cameras[1], Float32Array.from(point, (value) => value * 2)).uv;
  large.forEach((value, i) => assert.ok(Math.abs(value - small[i]) < 1e-4));
});
