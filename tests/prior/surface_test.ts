import { ok } from "node:assert/strict";
import { softNormals, unitNormals } from "../../lib/prior/surface.ts";
import { ballMesh } from "../support/ball.ts";

Deno.test("softNormals: what is smooth stays, and a dent hardly shows", () => {
  const { template, faces } = ballMesh();
  const smooth = unitNormals(template, faces);
  // The poles' vertices lie in one place.
  const belt = [...smooth.keys()].filter((i) => Math.abs(smooth[i - i % 3 + 1]) < 0.9);
  const change = (a: Float32Array, b: Float32Array) =>
    Math.max(...belt.map((i) => Math.abs(a[i] - b[i])));
  ok(change(softNormals(smooth, faces), smooth) < 0.01);
  const dented = template.slice();
  const v = 30 * 120;
  for (let k = 0; k < 3; k++) dented[v * 3 + k] *= 0.94;
  const normals = unitNormals(dented, faces);
  ok(change(normals, smooth) > 0.15);
  ok(change(softNormals(normals, faces), smooth) < 0.3 * change(normals, smooth));
});
