/**
 * Which faces can be seen from outside at all: mouth cavity, nostrils and the back of the eye sockets
 * are part of MakeHuman's body, but no camera sees them.
 * @module
 */

/** Decimetres a pixel of the depth images, and by how much a face may lie behind what is drawn. */
const PIXEL = 0.03, TOLERANCE = 0.03;

/** Views from the sides, 30° above, 30° below, top and bottom: (yaw, pitch) in degrees. */
const VIEWS: [number, number][] = [
  ...[0, 30, -30].flatMap((pitch) =>
    Array.from({ length: 12 }, (_, k): [number, number] => [k * 30, pitch])
  ),
  [0, 85],
  [0, -85],
];

/** Points [N·3] as (right, up, towards the viewer) of a view. */
function turned(points: Float64Array, yaw: number, pitch: number): Float64Array {
  const [a, b] = [yaw, pitch].map((degrees) => degrees * Math.PI / 180);
  const [ca, sa, cb, sb] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b)];
  const out = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 3) {
    const x = ca * points[i] - sa * points[i + 2];
    const z = sa * points[i] + ca * points[i + 2];
    out[i] = x;
    out[i + 1] = cb * points[i + 1] - sb * z;
    out[i + 2] = sb * points[i + 1] + cb * z;
  }
  return out;
}

/** Depth image of triangles, orthographic. */
class DepthImage {
  readonly #width = 700;
  readonly #height = 700;
  readonly #depth = new Float64Array(this.#width * this.#height).fill(-Infinity);

  #column(x: number): number {
    return x / PIXEL + this.#width / 2;
  }

  #row(y: number): number {
    return y / PIXEL + this.#height / 2;
  }

  /** Depth drawn at a place. */
  at(x: number, y: number): number {
    return this.#depth[Math.floor(this.#row(y)) * this.#width + Math.floor(this.#column(x))];
  }

  draw(points: Float64Array, a: number, b: number, c: number): void {
    const x = [a, b, c].map((v) => this.#column(points[v * 3]));
    const y = [a, b, c].map((v) => this.#row(points[v * 3 + 1]));
    const area = (x[1] - x[0]) * (y[2] - y[0]) - (y[1] - y[0]) * (x[2] - x[0]);
    if (Math.abs(area) < 1e-12) return;
    for (let row = Math.floor(Math.min(...y)); row <= Math.max(...y); row++) {
      for (let column = Math.floor(Math.min(...x)); column <= Math.max(...x); column++) {
        const px = column + 0.5, py = row + 0.5;
        const u = ((x[1] - px) * (y[2] - py) - (y[1] - py) * (x[2] - px)) / area;
        const v = ((x[2] - px) * (y[0] - py) - (y[2] - py) * (x[0] - px)) / area;
        if (u < 0 || v < 0 || u + v > 1) continue;
        const depth = u * points[a * 3 + 2] + v * points[b * 3 + 2] +
          (1 - u - v) * points[c * 3 + 2];
        const at = row * this.#width + column;
        if (depth > this.#depth[at]) this.#depth[at] = depth;
      }
    }
  }
}

/** [F] 1 for the triangles whose middle is seen in some view. `vertices` in decimetres. */
export function visibleFaces(vertices: Float64Array, corners: number[]): Uint8Array {
  const seen = new Uint8Array(corners.length / 3);
  for (const [yaw, pitch] of VIEWS) {
    const points = turned(vertices, yaw, pitch);
    const image = new DepthImage();
    for (let f = 0; f < corners.length; f += 3) {
      image.draw(points, corners[f], corners[f + 1], corners[f + 2]);
    }
    for (let f = 0; f < corners.length; f += 3) {
      const [x, y, z] = [0, 1, 2].map((axis) =>
        (points[corners[f] * 3 + axis] + points[corners[f + 1] * 3 + axis] +
          points[corners[f + 2] * 3 + axis]) / 3
      );
      if (z > image.at(x, y) - TOLERANCE) seen[f / 3] = 1;
    }
  }
  return seen;
}
