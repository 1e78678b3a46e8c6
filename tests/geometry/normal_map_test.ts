import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import { type Camera, lookAt, normalMap } from "../../lib/geometry/mod.ts";
import { ballMesh, RADIUS } from "../support/ball.ts";

const ball = ballMesh();

type Place = readonly [number, number, number];

const at = (translation: Place) => ({ pose: new Float32Array(72), translation });

/** Normal in the camera's axes where the ray of a picture position first meets a ball. */
function seen(camera: Camera, balls: readonly Place[], u: number, v: number): number[] | undefined {
  const { rotation: r, translation: t, fx, fy, cx, cy } = camera;
  const ray = [(u - cx) / fx, (v - cy) / fy, 1];
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, x, i) => sum + x * b[i], 0);
  const hits = balls.flatMap((ball) => {
    const centre = [0, 1, 2].map((row) => dot([...r].slice(row * 3, row * 3 + 3), ball) + t[row]);
    const [a, b, c] = [dot(ray, ray), dot(ray, centre), dot(centre, centre) - RADIUS ** 2];
    if (b * b < a * c) return [];
    const depth = (b - Math.sqrt(b * b - a * c)) / a;
    return [{ depth, normal: ray.map((x, i) => (x * depth - centre[i]) / RADIUS) }];
  });
  return hits.sort((a, b) => a.depth - b.depth)[0]?.normal;
}

/** Which ball a pixel's quarters show, by their colours; undefined where a quarter shows none. */
function expected(camera: Camera, balls: readonly Place[], pixel: number): number[] | undefined {
  const [x, y] = [pixel % camera.width, Math.floor(pixel / camera.width)];
  const quarters = [0.25, 0.75].flatMap((v) =>
    [0.25, 0.75].map((u) => seen(camera, balls, x + u, y + v))
  );
  if (!quarters.every((normal) => normal !== undefined)) return undefined;
  return [0, 1, 2].map((axis) =>
    quarters.reduce((sum, n) => sum + 127.5 * (1 + (axis === 0 ? n[0] : -n[axis])), 0) / 4
  );
}

const size = { width: 40, height: 32, fovYDegrees: 35 };
const camera = lookAt([1.5, 1, 2.5], [0.2, 0.1, 0], size);

Deno.test("normalMap: a ball's normals are those of the sphere in the camera's axes, black around it", () => {
  const map = normalMap(ball, [at([0, 0, 0])], camera);
  let inside = 0;
  let worst = 0;
  for (let pixel = 0; pixel < size.width * size.height; pixel++) {
    const found = map.subarray(pixel * 3, pixel * 3 + 3);
    const colours = expected(camera, [[0, 0, 0]], pixel);
    if (colours) {
      inside++;
      worst = Math.max(worst, ...colours.map((value, i) => Math.abs(value - found[i])));
    }
  }
  ok(inside > 200, `${inside} pixels`);
  ok(worst < 2, `${worst} of 255`);
  deepEqual([...map.subarray(0, 3)], [0, 0, 0]);
});

Deno.test("normalMap: right is red, up is green, the side towards the viewer blue", () => {
  const front = lookAt([0, 0, 3], [0, 0, 0], { width: 33, height: 33, fovYDegrees: 25 });
  const map = normalMap(ball, [at([0, 0, 0])], front);
  const colour = (
    x: number,
    y: number,
  ) => [...map.subarray((y * 33 + x) * 3, (y * 33 + x) * 3 + 3)];
  const [middle, right, top] = [colour(16, 16), colour(24, 16), colour(16, 8)];
  ok(middle.every((value, i) => Math.abs(value - [127.5, 127.5, 255][i]) < 3), middle.join());
  ok(right[0] > 180 && Math.abs(right[1] - 127.5) < 4, right.join());
  ok(top[1] > 180 && Math.abs(top[0] - 127.5) < 4, top.join());
});

Deno.test("normalMap: of several persons the nearer one is drawn, in either order", () => {
  const places: Place[] = [[0, 0, 0], [0.5, 0.3, 0.6]];
  const map = normalMap(ball, places.map(at), camera);
  deepEqual(normalMap(ball, places.toReversed().map(at), camera), map);
  notDeepEqual(normalMap(ball, [at(places[0])], camera), map);
  let close = 0;
  let inside = 0;
  for (let pixel = 0; pixel < size.width * size.height; pixel++) {
    const colours = expected(camera, places, pixel);
    if (!colours) continue;
    inside++;
    const found = map.subarray(pixel * 3, pixel * 3 + 3);
    if (colours.every((value, i) => Math.abs(value - found[i]) < 2)) close++;
  }
  // Where one ball's rim crosses the other, a quarter of a pixel may show either.
  ok(close / inside > 0.98, `${close} of ${inside}`);
});

Deno.test("normalMap: who is behind the camera is not drawn", () => {
  const map = normalMap(ball, [at([0, 0, 8])], lookAt([0, 0, 3], [0, 0, 0], size));
  equal(Math.max(...map), 0);
});
