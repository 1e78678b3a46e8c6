/**
 * Where posed bodies have to stand to be seen where their landmarks are, for a given lens.
 * @module
 */
import type { BodyMesh } from "../geometry/mod.ts";
import { bodySpots } from "../perception/mod.ts";
import type { Evidence } from "./evidence.ts";

/** Places of a clip's poses. */
export interface FirstPlaces {
  /** [F·2] pixels from the middle of the picture. */
  readonly place: Float32Array;
  /** [F] metres a pixel at the pelvis. */
  readonly scale: Float32Array;
  /** Mean distance of the landmarks, metres at the pelvis; infinite where no frame could be placed. */
  readonly error: number;
}

const BODY = bodySpots.length;
/** The first landmark below the head. */
const TRUNK = bodySpots.indexOf("left_shoulder");
/** Landmarks that are surer than this place the body. */
const SURE = 0.3;
/** Nearest that a pelvis may stand to the camera, metres. */
const NEAREST = 0.2;

/** Linear least squares, frame by frame; frames without landmarks take the place of a neighbour. */
export function firstPlaces(
  evidence: Evidence,
  spots: readonly (Float32Array | undefined)[],
  focal: number,
): FirstPlaces {
  const { frames, image, sure, spots: { length: L } } = evidence;
  const place = new Float32Array(frames * 2), scale = new Float32Array(frames);
  let [off, weights] = [0, 0];
  const placed = spots.map((points, f) => {
    if (!points) return false;
    const marks = {
      image: image.subarray(f * L * 2, (f * L + BODY) * 2),
      sure: sure.subarray(f * L, f * L + BODY),
    };
    const at = placeOf(points, marks, focal);
    if (!at) return false;
    place.set([focal * at[0] / at[2], focal * at[1] / at[2]], f * 2);
    scale[f] = at[2] / focal;
    const { sum, weight } = distance(points, marks, { at, focal });
    off += sum;
    weights += weight;
    return true;
  });
  for (let f = 0; f < frames; f++) {
    if (placed[f]) continue;
    const before = placed.lastIndexOf(true, f), from = before < 0 ? placed.indexOf(true) : before;
    if (from < 0) continue;
    place.copyWithin(f * 2, from * 2, from * 2 + 2);
    scale[f] = scale[from];
  }
  return { place, scale, error: weights > 0 ? off / weights : Infinity };
}

/** The 33 landmarks of poses about the pelvis in the camera's axes, [33·3] where a frame is known. */
export function posedSpots(
  body: BodyMesh,
  { poses, evidence: { spots, known }, views }: {
    readonly poses: Float32Array;
    readonly evidence: Pick<Evidence, "spots" | "known">;
    readonly views: Float32Array;
  },
): (Float32Array | undefined)[] {
  return known.map((seen, f) => {
    if (!seen) return undefined;
    const { vertices, joints } = body.pose({ pose: poses.subarray(f * 72, f * 72 + 72) });
    const view = views.subarray(f * 9, f * 9 + 9);
    return Float32Array.from({ length: BODY * 3 }, (_, i) => {
      const { joints: [joint], vertex } = spots[Math.floor(i / 3)];
      const row = i % 3 * 3;
      return [0, 1, 2].reduce((sum, c) => {
        const at = vertex === undefined ? joints[joint * 3 + c] : vertices[vertex * 3 + c];
        return sum + view[row + c] * (at - joints[c]);
      }, 0);
    });
  });
}

interface Marks {
  readonly image: Float32Array;
  readonly sure: Float32Array;
}

/** f (X + x) = u (Z + z) and the like, linear in the place (X, Y, Z). */
function placeOf(
  points: Float32Array,
  { image, sure }: Marks,
  focal: number,
): number[] | undefined {
  const A = new Float64Array(9), b = new Float64Array(3);
  let count = 0;
  for (let i = TRUNK; i < BODY; i++) {
    if (sure[i] <= SURE) continue;
    count++;
    const z = points[i * 3 + 2];
    for (const axis of [0, 1]) {
      const u = image[i * 2 + axis];
      const row = [axis === 0 ? focal : 0, axis === 1 ? focal : 0, -u];
      const value = u * z - focal * points[i * 3 + axis];
      for (let r = 0; r < 3; r++) {
        b[r] += sure[i] * row[r] * value;
        for (let c = 0; c < 3; c++) A[r * 3 + c] += sure[i] * row[r] * row[c];
      }
    }
  }
  if (count < 4) return undefined;
  const all = determinant(A);
  const at = [0, 1, 2].map((c) =>
    determinant(A.map((v, i) => i % 3 === c ? b[(i - c) / 3] : v)) / all
  );
  return at[2] > NEAREST ? at : undefined;
}

function determinant(m: ArrayLike<number>): number {
  return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) +
    m[2] * (m[3] * m[7] - m[4] * m[6]);
}

function distance(
  points: Float32Array,
  { image, sure }: Marks,
  { at: [X, Y, Z], focal }: { readonly at: readonly number[]; readonly focal: number },
): { sum: number; weight: number } {
  let [sum, weight] = [0, 0];
  for (let i = 0; i < BODY; i++) {
    if (sure[i] <= SURE) continue;
    const depth = Math.max(0.05, Z + points[i * 3 + 2]);
    const x = focal * (X + points[i * 3]) / depth - image[i * 2];
    const y = focal * (Y + points[i * 3 + 1]) / depth - image[i * 2 + 1];
    sum += sure[i] * Math.hypot(x, y) * Z / focal;
    weight += sure[i];
  }
  return { sum, weight };
}
