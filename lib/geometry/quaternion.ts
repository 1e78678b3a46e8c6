/**
 * Rotations: axis-angle as SMPL stores them, unit quaternions (w, x, y, z) and 3×3 matrices
 * (row-major). Angles in radians, right-handed.
 * @module
 */

/** A unit quaternion, (w, x, y, z). */
export type Quaternion = [w: number, x: number, y: number, z: number];

/** Quaternion of the axis-angle vector at `offset` of `values`. */
export function fromAxisAngle(values: ArrayLike<number>, offset = 0): Quaternion {
  const x = values[offset], y = values[offset + 1], z = values[offset + 2];
  const angle = Math.hypot(x, y, z);
  // sin(a/2)/a by its series near 0, where the quotient loses digits
  const scale = angle < 1e-6 ? 0.5 - angle * angle / 48 : Math.sin(angle / 2) / angle;
  return [Math.cos(angle / 2), x * scale, y * scale, z * scale];
}

/** Axis-angle vector of a unit quaternion, its length in 0 … π. */
export function toAxisAngle(q: Quaternion): [number, number, number] {
  const sign = q[0] < 0 ? -1 : 1;
  const sine = Math.hypot(q[1], q[2], q[3]);
  const scale = sine < 1e-9 ? 2 * sign : 2 * sign * Math.atan2(sine, sign * q[0]) / sine;
  return [q[1] * scale, q[2] * scale, q[3] * scale];
}

/** The rotation `b`, then `a`. */
export function multiply(a: Quaternion, b: Quaternion): Quaternion {
  return [
    a[0] * b[0] - a[1] * b[1] - a[2] * b[2] - a[3] * b[3],
    a[0] * b[1] + a[1] * b[0] + a[2] * b[3] - a[3] * b[2],
    a[0] * b[2] - a[1] * b[3] + a[2] * b[0] + a[3] * b[1],
    a[0] * b[3] + a[1] * b[2] - a[2] * b[1] + a[3] * b[0],
  ];
}

/** The rotation back. */
export function inverse([w, x, y, z]: Quaternion): Quaternion {
  return [w, -x, -y, -z];
}

/** The shortest rotation that takes the direction of `a` to that of `b`; half a turn about X or Y at worst. */
export function between(a: ArrayLike<number>, b: ArrayLike<number>): Quaternion {
  const [ax, ay, az] = [a[0], a[1], a[2]], [bx, by, bz] = [b[0], b[1], b[2]];
  const size = Math.hypot(ax, ay, az) * Math.hypot(bx, by, bz);
  const w = size + ax * bx + ay * by + az * bz;
  if (w < 1e-9 * size) {
    const flat = Math.hypot(az, ay);
    return flat > 1e-9 ? [0, 0, -az / flat, ay / flat] : [0, 0, 1, 0];
  }
  const q = [w, ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx];
  const length = Math.hypot(...q);
  return q.map((value) => value / length) as Quaternion;
}

/** Shortest interpolation at constant speed from `a` (t = 0) to `b` (t = 1) (Shoemake 1985). */
export function slerp(a: Quaternion, b: Quaternion, t: number): Quaternion {
  let cosine = a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
  const sign = cosine < 0 ? -1 : 1;
  cosine = Math.min(1, cosine * sign);
  const angle = Math.acos(cosine);
  const near = angle < 1e-6;
  const wa = near ? 1 - t : Math.sin((1 - t) * angle) / Math.sin(angle);
  const wb = sign * (near ? t : Math.sin(t * angle) / Math.sin(angle));
  return [0, 1, 2, 3].map((i) => wa * a[i] + wb * b[i]) as Quaternion;
}

/** Rotates a vector by a unit quaternion. */
export function rotate(q: Quaternion, v: ArrayLike<number>): [number, number, number] {
  const [w, x, y, z] = q;
  const tx = 2 * (y * v[2] - z * v[1]);
  const ty = 2 * (z * v[0] - x * v[2]);
  const tz = 2 * (x * v[1] - y * v[0]);
  return [
    v[0] + w * tx + y * tz - z * ty,
    v[1] + w * ty + z * tx - x * tz,
    v[2] + w * tz + x * ty - y * tx,
  ];
}

/** Writes the rotation matrix (row-major, 9 numbers) of an axis-angle vector (Rodrigues). */
export function axisAngleMatrix(
  values: ArrayLike<number>,
  offset: number,
  out: Float64Array,
  outOffset: number,
): void {
  const [w, x, y, z] = fromAxisAngle(values, offset);
  out[outOffset] = 1 - 2 * (y * y + z * z);
  out[outOffset + 1] = 2 * (x * y - w * z);
  out[outOffset + 2] = 2 * (x * z + w * y);
  out[outOffset + 3] = 2 * (x * y + w * z);
  out[outOffset + 4] = 1 - 2 * (x * x + z * z);
  out[outOffset + 5] = 2 * (y * z - w * x);
  out[outOffset + 6] = 2 * (x * z - w * y);
  out[outOffset + 7] = 2 * (y * z + w * x);
  out[outOffset + 8] = 1 - 2 * (x * x + y * y);
}

/** Axis-angle vector of a 3×3 rotation matrix (row-major) (Shepperd 1978). */
export function matrixToAxisAngle(m: ArrayLike<number>, offset = 0): [number, number, number] {
  const at = (row: number, column: number) => m[offset + row * 3 + column];
  const trace = at(0, 0) + at(1, 1) + at(2, 2);
  const squares = [trace, at(0, 0), at(1, 1), at(2, 2)];
  const largest = squares.indexOf(Math.max(...squares));
  let q: Quaternion;
  if (largest === 0) {
    q = [1 + trace, at(2, 1) - at(1, 2), at(0, 2) - at(2, 0), at(1, 0) - at(0, 1)];
  } else {
    const i = largest - 1, j = (i + 1) % 3, k = (i + 2) % 3;
    q = [at(k, j) - at(j, k), 0, 0, 0];
    q[1 + i] = 1 + at(i, i) - at(j, j) - at(k, k);
    q[1 + j] = at(i, j) + at(j, i);
    q[1 + k] = at(i, k) + at(k, i);
  }
  const length = Math.hypot(...q);
  return toAxisAngle(q.map((value) => value / length) as Quaternion);
}
