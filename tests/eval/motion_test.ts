import assert from "node:assert/strict";
import { blockMoves, epipolarError, motionPicture } from "../../lib/eval/mod.ts";
import { type Camera, lookAt, projectPoints, type Vec3 } from "../../lib/geometry/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";

const [width, height] = [72, 60];

/** A pattern seen through a window that has moved by (dx, dy) pixels. */
function pattern(dx: number, dy: number): Uint8Array {
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const x = Math.floor(i / 3) % width - dx;
    const y = Math.floor(i / 3 / width) - dy;
    return 128 + 50 * Math.sin(x / 2.1 + Math.sin(y / 5)) + 50 * Math.cos(y / 1.9 + x / 7);
  });
}

function moves(first: Uint8Array, second: Uint8Array) {
  const pictures = [first, second].map((bytes) => motionPicture(bytes, { width, height }));
  const found = blockMoves(pictures[0], pictures[1]);
  for (const { grey } of pictures) grey.dispose();
  return found;
}

Deno.test("blockMoves: finds whole and broken pixels, and leaves no tensor", () => {
  const before = liveTensors();
  for (const [dx, dy] of [[0, 0], [3, -2], [-4.5, 1.25]]) {
    const found = moves(pattern(0, 0), pattern(dx, dy));
    assert.ok(found.length >= 10, `${found.length} blocks`);
    const off = found.map((move) => Math.hypot(move.dx - dx, move.dy - dy)).sort((a, b) => a - b);
    assert.ok(off[Math.floor(off.length / 2)] < 0.3, `median ${off[Math.floor(off.length / 2)]}`);
  }
  assert.equal(liveTensors(), before);
});

Deno.test("blockMoves: a picture without texture tells of no motion", () => {
  const grey = new Uint8Array(width * height * 3).fill(90);
  assert.deepEqual(moves(grey, grey), []);
});

const lens = { width, height, fovYDegrees: 50 };

/** How the pixel of a still point moves from one camera to the other. */
function moveOf(point: Vec3, first: Camera, second: Camera) {
  const at = (camera: Camera): Float32Array => projectPoints(camera, Float32Array.from(point)).uv;
  const [a, b] = [at(first), at(second)];
  return { x: a[0], y: a[1], dx: b[0] - a[0], dy: b[1] - a[1] };
}

const points: readonly Vec3[] = [[0.3, 1.2, -2], [-1.5, 0.4, -6], [0.8, 2, -12], [0, 0.1, 0.5]];
const first = lookAt([0, 1, 3], [0, 1, 0], lens);

Deno.test("epipolarError: still points have none, whatever the camera does", () => {
  for (
    const second of [
      lookAt([0.4, 1.1, 2.8], [0, 1, 0], lens),
      lookAt([0, 1, 2.5], [0, 1, 0], lens),
      lookAt([0, 1, 3], [0.5, 1.2, 0], lens),
      first,
    ]
  ) {
    for (const point of points) {
      const error = epipolarError(moveOf(point, first, second), first, second);
      assert.ok(error < 1e-3, `${error}`);
    }
  }
});

Deno.test("epipolarError: across the line it counts whole, and all of it where the camera only turns", () => {
  const move = moveOf(points[1], first, first);
  assert.ok(Math.abs(epipolarError({ ...move, dx: 3, dy: 4 }, first, first) - 5) < 1e-6);
  // A camera that slides sideways moves points along rows.
  const aside = lookAt([0.3, 1, 3], [0.3, 1, 0], lens);
  const along = moveOf(points[1], first, aside);
  assert.ok(Math.abs(epipolarError({ ...along, dy: 2 }, first, aside) - 2) < 1e-3);
  assert.ok(epipolarError({ ...along, dx: -along.dx }, first, aside) > Math.abs(along.dx) * 0.9);
});
