/**
 * Normals of a mesh at its vertices.
 * @module
 */

/**
 * Adds to `sums` [V·3], at the corners of each face of `vertices` [V·3], the face's normal at twice the
 * length of its area, and gives `sums` back. At the length 1 they are the usual vertex normals.
 */
export function addVertexNormals(
  sums: Float32Array,
  vertices: Float32Array,
  faces: Uint32Array,
): Float32Array {
  for (let f = 0; f < faces.length; f += 3) {
    const a = faces[f] * 3, b = faces[f + 1] * 3, c = faces[f + 2] * 3;
    const ux = vertices[b] - vertices[a], vx = vertices[c] - vertices[a];
    const uy = vertices[b + 1] - vertices[a + 1], vy = vertices[c + 1] - vertices[a + 1];
    const uz = vertices[b + 2] - vertices[a + 2], vz = vertices[c + 2] - vertices[a + 2];
    const x = uy * vz - uz * vy, y = uz * vx - ux * vz, z = ux * vy - uy * vx;
    sums[a] += x, sums[a + 1] += y, sums[a + 2] += z;
    sums[b] += x, sums[b + 1] += y, sums[b + 2] += z;
    sums[c] += x, sums[c + 1] += y, sums[c + 2] += z;
  }
  return sums;
}
