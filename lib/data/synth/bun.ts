/**
 * A bun of hair: a ball behind the head that follows three vertices of the scalp.
 * @module
 */
import type { BodyMesh } from "../../geometry/mod.ts";

const RINGS = 8;
const SECTORS = 12;
const RADIUS = 0.042;
/** Centre in the rest pose of `weights/body.safetensors`, metres. */
const CENTRE = [0, 1.615, -0.035];

/** Rest positions and faces; corner numbers start at `firstVertex`. */
export function bunMesh(firstVertex: number): { rest: Float32Array; faces: Uint32Array } {
  const rest: number[] = [];
  const faces: number[] = [];
  for (let ring = 0; ring <= RINGS; ring++) {
    const polar = Math.PI * ring / RINGS;
    for (let sector = 0; sector < SECTORS; sector++) {
      const turn = 2 * Math.PI * sector / SECTORS;
      rest.push(
        CENTRE[0] + RADIUS * Math.sin(polar) * Math.sin(turn),
        CENTRE[1] + RADIUS * Math.cos(polar),
        CENTRE[2] + RADIUS * Math.sin(polar) * Math.cos(turn),
      );
      if (ring === RINGS) continue;
      const next = (sector + 1) % SECTORS;
      const [a, b] = [firstVertex + ring * SECTORS + sector, firstVertex + ring * SECTORS + next];
      faces.push(a, a + SECTORS, b, b, a + SECTORS, b + SECTORS);
    }
  }
  return { rest: Float32Array.from(rest), faces: Uint32Array.from(faces) };
}

const anchors = new WeakMap<BodyMesh, readonly number[]>();

/** Moves the bun, the last vertices of the array, as the head of the posed body moved. */
export function placeBun(body: BodyMesh, vertices: Float32Array): void {
  let corners = anchors.get(body);
  if (!corners) anchors.set(body, corners = findAnchors(body));
  const from = frameOf(body.template, corners);
  const to = frameOf(vertices, corners);
  const { rest } = bunMesh(0);
  const first = vertices.length - rest.length;
  for (let i = 0; i < rest.length; i += 3) {
    const local = from.axes.map((axis) =>
      axis.reduce((sum, a, k) => sum + a * (rest[i + k] - from.origin[k]), 0)
    );
    for (let k = 0; k < 3; k++) {
      vertices[first + i + k] = to.origin[k] +
        local.reduce((sum, value, a) => sum + value * to.axes[a][k], 0);
    }
  }
}

/** Scalp vertices behind, left and right of the bun's place. */
function findAnchors(body: BodyMesh): number[] {
  const scalp = body.partNames.indexOf("scalp");
  const candidates = new Set<number>();
  for (let face = 0; face < body.faceParts.length; face++) {
    if (body.faceParts[face] === scalp) {
      for (let k = 0; k < 3; k++) candidates.add(body.faces[face * 3 + k]);
    }
  }
  return [[0, 1.61, -0.02], [0.06, 1.6, 0.03], [-0.06, 1.6, 0.03]].map((place) => {
    let best = -1, nearest = Infinity;
    for (const v of candidates) {
      const distance = Math.hypot(
        ...place.map((value, k) => value - body.template[v * 3 + k]),
      );
      if (distance < nearest) [best, nearest] = [v, distance];
    }
    return best;
  });
}

function frameOf(vertices: Float32Array, corners: readonly number[]) {
  const [a, b, c] = corners.map((v) => [...vertices.subarray(v * 3, v * 3 + 3)]);
  const minus = (p: number[], q: number[]) => p.map((value, k) => value - q[k]);
  const unit = (p: number[]) => p.map((value) => value / Math.hypot(...p));
  const cross = (p: number[], q: number[]) => [
    p[1] * q[2] - p[2] * q[1],
    p[2] * q[0] - p[0] * q[2],
    p[0] * q[1] - p[1] * q[0],
  ];
  const x = unit(minus(b, c));
  const y = unit(cross(minus(b, a), x));
  return { origin: a, axes: [x, y, cross(x, y)] };
}
