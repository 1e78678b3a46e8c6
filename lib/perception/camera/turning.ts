/**
 * Whether homographies can be those of a camera that stands in one place and turns, and its lens.
 * @module
 */
import { chained, inverted, moved } from "./homography.ts";

/** How well turning explains what was seen. */
export interface Turning {
  /** Focal length in the picture's pixels. */
  readonly focal: number;
  /** Mean distance in pixels of the corners of pictures from where turning alone would bring them. */
  readonly off: number;
  /** Whether another lens would explain it clearly worse: small turns fit many lenses. */
  readonly sure: boolean;
  /** World to camera, row-major; the first frame's is the identity. */
  readonly rotations: readonly Float64Array[];
}

/** Focal lengths that are tried, in widths of the picture. */
const FOCALS = Array.from({ length: 41 }, (_, i) => 0.4 * 1.08 ** i);
/** Where turns are small: an ordinary lens. */
const USUAL = 1.2;
/** Errors that differ by less than this factor say nothing about the lens. */
const CLEARLY = 1.5;
/** Pixels of error that are noise whatever the lens. */
const NOISE = 0.3;

/** The lens and the turns nearest to homographies from frame 0 to each frame. */
export function turningOf(
  homographies: readonly Float64Array[],
  { width, height }: { readonly width: number; readonly height: number },
): Turning {
  const tried = [...FOCALS, USUAL].map((share) => {
    const focal = share * width;
    const rotations = homographies.map((h) => rotationOf(h, { focal, width, height }));
    const errors = homographies.map((h, i) =>
      distance(h, turningHomography(rotations[i], { focal, width, height }), { width, height })
    );
    return { focal, rotations, off: errors.reduce((sum, error) => sum + error, 0) / errors.length };
  });
  const usual = tried[tried.length - 1];
  const best = tried.reduce((a, b) => b.off < a.off ? b : a);
  const at = tried.indexOf(best);
  const beside = [at - 5, at + 5].map((i) => tried[i]?.off ?? Infinity);
  const sure = beside.every((off) => off + NOISE > CLEARLY * (best.off + NOISE));
  return { ...(sure ? best : usual.off <= CLEARLY * (best.off + NOISE) ? usual : best), sure };
}

interface View {
  readonly focal: number;
  readonly width: number;
  readonly height: number;
}

/** Rays in the frame before and after, over the picture. */
const GRID = [0, 0.25, 0.5, 0.75, 1];

/** The rotation that brings rays nearest to where a homography brings their pixels. */
function rotationOf(h: ArrayLike<number>, view: View): Float64Array {
  const sums = new Float64Array(9);
  for (const u of GRID) {
    for (const v of GRID) {
      const at = { x: u * (view.width - 1), y: v * (view.height - 1) };
      const [from, to] = [rayOf(at, view), rayOf(moved(h, at), view)];
      for (let i = 0; i < 9; i++) sums[i] += to[Math.floor(i / 3)] * from[i % 3];
    }
  }
  return nearestRotation(sums);
}

function rayOf({ x, y }: { readonly x: number; readonly y: number }, view: View): number[] {
  const ray = [x - (view.width - 1) / 2, y - (view.height - 1) / 2, view.focal];
  const length = Math.hypot(...ray);
  return ray.map((value) => value / length);
}

/** By averaging with the inverse transpose (Higham 1986), scaled so that it settles quickly. */
function nearestRotation(m: Float64Array): Float64Array {
  let r = m;
  for (let round = 0; round < 30; round++) {
    const other = inverseTranspose(r);
    const scale = Math.sqrt(Math.hypot(...other) / Math.hypot(...r));
    r = r.map((value, i) => (value * scale + other[i] / scale) / 2);
  }
  return r;
}

function lensMatrix({ focal, width, height }: View): Float64Array {
  return Float64Array.of(focal, 0, (width - 1) / 2, 0, focal, (height - 1) / 2, 0, 0, 1);
}

/** Where a camera that turns sees what it saw before. */
export function turningHomography(rotation: ArrayLike<number>, view: View): Float64Array {
  return chained(lensMatrix(view), chained(rotation, inverted(lensMatrix(view))));
}

function determinant(m: ArrayLike<number>): number {
  return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) +
    m[2] * (m[3] * m[7] - m[4] * m[6]);
}

function inverseTranspose(m: Float64Array): Float64Array {
  const size = determinant(m);
  return Float64Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [Math.floor(i / 3), i % 3];
    const [r1, r2] = [(row + 1) % 3 * 3, (row + 2) % 3 * 3];
    const [c1, c2] = [(column + 1) % 3, (column + 2) % 3];
    return (m[r1 + c1] * m[r2 + c2] - m[r1 + c2] * m[r2 + c1]) / size;
  });
}

/** Mean distance of the corners of a picture under two homographies. */
export function distance(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  { width, height }: { readonly width: number; readonly height: number },
): number {
  const corners = [[0, 0], [width - 1, 0], [0, height - 1], [width - 1, height - 1]];
  return corners.reduce((sum, [x, y]) => {
    const [p, q] = [moved(a, { x, y }), moved(b, { x, y })];
    return sum + Math.hypot(p.x - q.x, p.y - q.y) / 4;
  }, 0);
}
