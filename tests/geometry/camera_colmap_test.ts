import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { InputError } from "../../lib/errors.ts";
import {
  type CameraTrack,
  formatColmap,
  isColmapImages,
  lookAt,
  parseColmap,
  projectPoints,
} from "../../lib/geometry/mod.ts";
import expected from "../fixtures/geometry/colmap.json" with { type: "json" };

const text = (name: string) =>
  Deno.readTextFileSync(new URL(`../fixtures/geometry/colmap/${name}`, import.meta.url));
const model = { cameras: text("cameras.txt"), images: text("images.txt") };

/** The model's Y points down. */
const points = Float32Array.from(expected.points, (value, i) => i % 3 === 0 ? value : -value);

Deno.test("COLMAP: known points land on the pixels that pycolmap gives, pictures by their names", () => {
  ok(isColmapImages(model.images));
  const { cameras, relative } = parseColmap(model, "images.txt");
  equal(relative, true);
  equal(cameras.length, 3);
  cameras.forEach((camera, i) => {
    deepEqual([camera.width, camera.height], [640, 360]);
    const { uv } = projectPoints(camera, points);
    expected.uv[i].forEach((value, k) => ok(Math.abs(uv[k] - value) < 1e-3, `${i}: ${uv[k]}`));
  });
});

const track: CameraTrack = {
  cameras: [0, 1, 2].map((i) => ({
    ...lookAt([i, 1.4, 3], [0, 1, 0], { width: 64, height: 48, fovYDegrees: 40, roll: i / 10 }),
    cx: i < 2 ? 32 : 30,
  })),
};

Deno.test("COLMAP: what is written is recognised and read back; a lens stands there once", () => {
  const written = formatColmap(track);
  ok(isColmapImages(written.images));
  equal(written.cameras.match(/PINHOLE/g)?.length, 2);
  parseColmap(written, "f").cameras.forEach((camera, i) => {
    const { rotation, translation, cx, fx } = track.cameras[i];
    rotation.forEach((value, k) => ok(Math.abs(camera.rotation[k] - value) < 1e-9));
    translation.forEach((value, k) => ok(Math.abs(camera.translation[k] - value) < 1e-9));
    deepEqual([camera.cx, camera.fx], [cx, fx]);
  });
});

Deno.test("COLMAP: text of other kinds is not taken for its pictures", () => {
  for (const other of ["", "{}", "https://a.b\n1 2 3", "1 2 3 4 5 6 7 8 9 10", model.cameras]) {
    equal(isColmapImages(other), false, other);
  }
});

const lens = "1 PINHOLE 64 48 50 50 32 24";
const picture = "1 1 0 0 0 0 0 3 1 a.png";
const wrong: [string, string, string, RegExp][] = [
  [
    "a lens with distortion",
    "1 OPENCV 64 48 50 50 32 24 0 0 0 0",
    picture,
    /lens "OPENCV".*undisto/,
  ],
  [
    "a lens without size",
    "1 PINHOLE 0 48 50 50 32 24",
    picture,
    /line 1 of its cameras.txt has no/,
  ],
  [
    "a lens that is missing",
    "2 PINHOLE 64 48 50 50 32 24",
    picture,
    /line 1 has the camera 1, which/,
  ],
  [
    "a turn that is none",
    lens,
    "1 1 1 0 0 0 0 3 1 a.png",
    /line 1 has a quaternion of length 1.41/,
  ],
  ["a number that is none", lens, "1 1 0 0 0 0 x 3 1 a.png", /line 1 is no picture, expected 9/],
  ["no pictures", lens, "# none\n", /no pictures/],
];

for (const [what, cameras, images, message] of wrong) {
  Deno.test(`COLMAP: ${what} gets one clear line`, () => {
    throws(
      () => parseColmap({ cameras, images }, "images.txt"),
      (error) => error instanceof InputError && message.test(error.message),
    );
  });
}
