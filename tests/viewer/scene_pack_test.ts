import { deepEqual, equal, ok } from "node:assert/strict";
import { readBody } from "../../lib/data/mod.ts";
import {
  boundsOf,
  builtinMotion,
  cameraCentre,
  motionFrame,
  parseCameraPath,
} from "../../lib/geometry/mod.ts";
import { cameraAt, decodeScene, normalsAt, placesAt } from "../../lib/viewer/page/decode.ts";
import { keyFrames, packScene, smallSurface } from "../../lib/viewer/scene_pack.ts";

const body = await readBody();
const FRAMES = 3;

function walker() {
  const motion = builtinMotion("walk", { frames: FRAMES, fps: 8 });
  const poses = Array.from({ length: FRAMES }, (_, frame) => motionFrame(motion, frame));
  const subject = boundsOf(poses.map((pose) => body.pose(pose).vertices));
  const cameras = parseCameraPath("orbit:deg=90", {
    ...{ frames: FRAMES, width: 64, height: 48, subject },
  });
  return { poses, cameras };
}

function area(places: Float32Array, faces: ArrayLike<number>): number {
  let sum = 0;
  for (let f = 0; f < faces.length; f += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => faces[f + k] * 3);
    const u = [0, 1, 2].map((axis) => places[b + axis] - places[a + axis]);
    const v = [0, 1, 2].map((axis) => places[c + axis] - places[a + axis]);
    sum += Math.hypot(
      u[1] * v[2] - u[2] * v[1],
      u[2] * v[0] - u[0] * v[2],
      u[0] * v[1] - u[1] * v[0],
    ) / 2;
  }
  return sum;
}

Deno.test("smallSurface: a third of the faces has the same size and nearly the same area", async () => {
  const { kept, faces } = await smallSurface(body);
  ok(faces.length / 3 <= 9000 && faces.length / 3 > 8000, `${faces.length / 3} faces`);
  equal(Math.max(...faces), kept.length - 1);
  equal(new Set(kept).size, kept.length);
  const whole = area(body.template, body.bodyFaces);
  const small = area(body.template, Array.from(faces, (corner) => kept[corner]));
  ok(Math.abs(small / whole - 1) < 0.02, `${small} m² of ${whole} m²`);
  const bounds = (names: Iterable<number>) => {
    const places = [...new Set(names)].flatMap((
      v,
    ) => [...body.template.subarray(v * 3, v * 3 + 3)]);
    const { min, max } = boundsOf([Float32Array.from(places)]);
    return [...min, ...max];
  };
  const all = bounds(body.bodyFaces);
  bounds(kept).forEach((value, i) => ok(Math.abs(value - all[i]) < 0.005));
});

Deno.test("packScene: the page finds vertices within 0.1 mm, cameras as they were", async () => {
  const { poses, cameras } = walker();
  const packed = await packScene({ body, persons: [{ poses, reference: undefined! }] }, [cameras]);
  const scene = decodeScene(JSON.parse(JSON.stringify(packed)));
  const { kept } = await smallSurface(body);
  const places = new Float32Array(scene.vertices * 3);
  for (let frame = 0; frame < FRAMES; frame++) {
    placesAt(scene, { person: 0, frame }, places);
    const { vertices } = body.pose(poses[frame]);
    const worst = Math.max(
      ...kept.map((from, i) =>
        Math.max(...[0, 1, 2].map((k) => Math.abs(places[i * 3 + k] - vertices[from * 3 + k])))
      ),
    );
    ok(worst < 1e-4, `frame ${frame}: ${worst} m`);
    const { centre, fx, cy } = cameraAt(scene.cameras[0], frame);
    cameraCentre(cameras[frame]).forEach((value, i) => ok(Math.abs(value - centre[i]) < 1e-5));
    ok(Math.abs(fx - cameras[frame].fx / 64) < 1e-6);
    equal(cy, 0.5);
  }
});

Deno.test("packScene: normals are of unit length and point out of the body", async () => {
  const { poses, cameras } = walker();
  const packed = await packScene({ body, persons: [{ poses, reference: undefined! }] }, [cameras]);
  const scene = decodeScene(packed);
  const [places, normals] = [0, 1].map(() => new Float32Array(scene.vertices * 3));
  placesAt(scene, { person: 0, frame: 1 }, places);
  normalsAt(scene, { person: 0, frame: 1 }, normals);
  for (let i = 0; i < normals.length; i += 3) {
    ok(Math.abs(Math.hypot(...normals.subarray(i, i + 3)) - 1) < 1e-6);
  }
  // Each face's own normal agrees with its corners', but for folds such as between the lips.
  let agree = 0;
  for (let f = 0; f < scene.faces.length; f += 3) {
    const [a, b, c] = scene.faces.subarray(f, f + 3);
    const edge = (from: number, to: number) =>
      [0, 1, 2].map((k) => places[to * 3 + k] - places[from * 3 + k]);
    const [u, v] = [edge(a, b), edge(a, c)];
    const cross = [0, 1, 2].map((k) =>
      u[(k + 1) % 3] * v[(k + 2) % 3] - u[(k + 2) % 3] * v[(k + 1) % 3]
    );
    const mean = [0, 1, 2].map((k) => [a, b, c].reduce((s, at) => s + normals[at * 3 + k], 0));
    if (cross.reduce((sum, value, k) => sum + value * mean[k], 0) > 0) agree++;
  }
  ok(agree > 0.97 * scene.faces.length / 3, `${agree} of ${scene.faces.length / 3}`);
});

Deno.test("keyFrames: all of a short clip; a long one within bounds, ends included", () => {
  deepEqual(keyFrames(1, { vertices: 4500, persons: 1 }), [0]);
  deepEqual(keyFrames(5, { vertices: 4500, persons: 1 }), [0, 1, 2, 3, 4]);
  for (const frames of [84, 85, 129, 1025, 100_000]) {
    for (const persons of [1, 4]) {
      const keys = keyFrames(frames, { vertices: 4500, persons });
      ok(keys.length * persons * 4500 * 8 <= 3_100_000, `${frames} frames: ${keys.length} keys`);
      deepEqual([keys[0], keys.at(-1)], [0, frames - 1]);
      ok(keys.every((key, i) => i === 0 || key > keys[i - 1]));
    }
  }
});

Deno.test("placesAt: between key frames a vertex goes straight", () => {
  const scene = {
    ...{ vertices: 1, keys: [0, 4], low: [0, 0, 0], high: [65535, 65535, 65535], cameras: [] },
    faces: new Uint16Array(),
    persons: [Uint16Array.of(0, 100, 8, 40, 100, 0)],
    normals: [Int8Array.of(127, 0, 0, 127)],
  };
  const out = new Float32Array(3);
  placesAt(scene, { person: 0, frame: 1 }, out);
  deepEqual([...out], [10, 100, 6]);
  normalsAt(scene, { person: 0, frame: 1 }, out);
  deepEqual([...out], [1, 0, 0]);
  normalsAt(scene, { person: 0, frame: 3 }, out);
  deepEqual([...out], [0, 1, 0]);
});
