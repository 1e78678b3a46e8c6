/**
 * Row-major 3×3 rotations in the arithmetic that the made assets were made with: another order of the
 * same sums would choose other vertices here and there.
 * @module
 */

const UNTURNED = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);

/** The rotation about an axis by its length in radians (Rodrigues). */
export function rotation(x: number, y: number, z: number): Float64Array {
  const angle = Math.hypot(x, y, z);
  if (angle < 1e-12) return UNTURNED;
  const [a, b, c] = [x / angle, y / angle, z / angle];
  const cos = Math.cos(angle), sin = Math.sin(angle), t = 1 - cos;
  // deno-fmt-ignore
  return Float64Array.of(
    t * a * a + cos, t * a * b - sin * c, t * a * c + sin * b,
    t * a * b + sin * c, t * b * b + cos, t * b * c - sin * a,
    t * a * c - sin * b, t * b * c + sin * a, t * c * c + cos,
  );
}

/** First `b`, then `a`. */
export function product(a: ArrayLike<number>, b: ArrayLike<number>): number[] {
  return Array.from(
    { length: 9 },
    (_, i) => [0, 1, 2].reduce((sum, k) => sum + a[i - i % 3 + k] * b[k * 3 + i % 3], 0),
  );
}
