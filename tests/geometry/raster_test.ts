import assert from "node:assert/strict";
import { lookAt } from "../../lib/geometry/camera.ts";
import { rasterise, rasterTarget } from "../../lib/geometry/raster.ts";
import { visiblePoints } from "../../lib/geometry/raster_visibility.ts";

/** From z = 2 down on the origin; 90 degrees high, so that the plane z = 0 spans −2..2. */
const camera = lookAt([0, 0, 2], [0, 0, 0], { width: 8, height: 8, fovYDegrees: 90 });

/** A square of half side `half` at depth z, as two triangles. */
function square(z: number, half: number): { vertices: Float32Array; faces: Uint32Array } {
  const vertices = new Float32Array([
    [-half, -half, z],
    [half, -half, z],
    [half, half, z],
    [-half, half, z],
  ].flat());
  return { vertices, faces: new Uint32Array([0, 1, 2, 0, 2, 3]) };
}

Deno.test("rasterise: a square covers exactly the pixels whose centres it holds", () => {
  const target = rasterTarget(8, 8);
  rasterise(target, camera, square(0, 1));
  for (let y = 0; y < 8; y++) {
    for (let x = 0; x < 8; x++) {
      const inside = x >= 2 && x < 6 && y >= 2 && y < 6;
      assert.equal(target.face[y * 8 + x] >= 0, inside, `${x},${y}`);
      if (inside) assert.ok(Math.abs(target.depth[y * 8 + x] - 2) < 1e-5);
    }
  }
});

Deno.test("rasterise: the nearer face wins in either order and back faces are drawn", () => {
  for (const order of [[0, 1], [1, 0]]) {
    const target = rasterTarget(8, 8);
    const meshes = [
      { ...square(0, 1), firstFace: 0 },
      { ...square(0.5, 0.5), firstFace: 2 },
    ];
    meshes[1].faces.reverse();
    for (const index of order) rasterise(target, camera, meshes[index]);
    assert.ok(target.face[4 * 8 + 4] >= 2);
    assert.ok(target.face[2 * 8 + 2] < 2);
  }
});

Deno.test("rasterise: weights are perspective-correct", () => {
  const target = rasterTarget(8, 8);
  const vertices = new Float32Array([-1, -1, 0, 3, -1, -3, -1, 1, 0]);
  rasterise(target, camera, { vertices, faces: new Uint32Array([0, 1, 2]) });
  let drawn = 0;
  for (let y = 0; y < 8; y++) {
    for (let x = 0; x < 8; x++) {
      const at = y * 8 + x;
      if (target.face[at] < 0) continue;
      drawn++;
      const [b, c] = [target.second[at], target.third[at]];
      const point = [0, 1, 2].map((k) =>
        (1 - b - c) * vertices[k] + b * vertices[3 + k] + c * vertices[6 + k]
      );
      const z = 2 - point[2];
      assert.ok(Math.abs(point[0] / z * 4 + 4 - (x + 0.5)) < 1e-4);
      assert.ok(Math.abs(-point[1] / z * 4 + 4 - (y + 0.5)) < 1e-4);
      assert.ok(Math.abs(target.depth[at] - z) < 1e-4);
    }
  }
  assert.ok(drawn > 4);
});

Deno.test("rasterise: keep cuts a mesh along its zero line", () => {
  const target = rasterTarget(8, 8);
  const mesh = square(0, 1);
  const keep = Float32Array.from([0, 1, 2, 3], (v) => mesh.vertices[v * 3]);
  rasterise(target, camera, { ...mesh, keep });
  assert.equal(target.face[4 * 8 + 3], -1);
  assert.ok(target.face[4 * 8 + 4] >= 0);
});

Deno.test("rasterise: a mesh behind the camera draws nothing", () => {
  const target = rasterTarget(8, 8);
  rasterise(target, camera, square(3, 1));
  assert.ok(target.face.every((face) => face === -1));
});

Deno.test("visiblePoints: points behind the surface or outside the picture are hidden", () => {
  const { vertices, faces } = square(0, 1);
  const points = new Float32Array([0, 0, 0, 0.3, 0.2, -0.5, 0, 0, 0.5, 5, 0, 0, 0, 0, 3]);
  assert.deepEqual([...visiblePoints(camera, vertices, faces, points)], [1, 0, 1, 0, 0]);
});
