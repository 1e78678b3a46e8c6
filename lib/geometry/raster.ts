/**
 * A triangle rasteriser with a depth buffer. It keeps for every pixel which face is nearest and where
 * on it (a visibility buffer), so that colours, normals and textures are computed once a pixel.
 * @module
 */
import type { Camera } from "./camera.ts";
import { projectPoints } from "./projection.ts";

/** Triangles that come nearer than this, in metres, are left out rather than cut. */
const NEAR = 0.05;

/** What each pixel of a picture shows; later calls draw into the same one. */
export interface RasterTarget {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Metres along the view, [height*width]; Infinity where nothing was drawn. */
  readonly depth: Float32Array;
  /** Index of the nearest face, [height*width]; −1 where nothing was drawn. */
  readonly face: Int32Array;
  /** Perspective-correct weight of the face's second corner, [height*width]. */
  readonly second: Float32Array;
  /** Perspective-correct weight of the face's third corner, [height*width]. */
  readonly third: Float32Array;
}

/** Triangles in the world. */
export interface RasterMesh {
  /** World positions in metres, [V*3]. */
  readonly vertices: Float32Array;
  /** Corner indices, [count*3]. */
  readonly faces: Uint32Array;
  /** Added to the face indices that are written, so that several meshes share a target. */
  readonly firstFace?: number;
  /** A value a vertex, [V]; a pixel is drawn only where the interpolated value is ≥ 0. */
  readonly keep?: Float32Array;
}

/** An empty target. */
export function rasterTarget(width: number, height: number): RasterTarget {
  const pixels = width * height;
  const target = {
    width,
    height,
    depth: new Float32Array(pixels),
    face: new Int32Array(pixels),
    second: new Float32Array(pixels),
    third: new Float32Array(pixels),
  };
  clearTarget(target);
  return target;
}

/** Empties a target for the next picture. */
export function clearTarget(target: RasterTarget): void {
  target.depth.fill(Infinity);
  target.face.fill(-1);
}

/**
 * Draws triangles as `camera` sees them (its size must be the target's), front and back faces alike.
 * A pixel belongs to a triangle that holds its centre.
 */
export function rasterise(target: RasterTarget, camera: Camera, mesh: RasterMesh): void {
  const { vertices, faces, keep, firstFace = 0 } = mesh;
  const { uv, depth } = projectPoints(camera, vertices);
  const { width, height } = target;
  const [buffer, ids, second, third] = [target.depth, target.face, target.second, target.third];
  for (let f = 0; f < faces.length; f += 3) {
    const [a, b, c] = [faces[f], faces[f + 1], faces[f + 2]];
    if (!(depth[a] > NEAR && depth[b] > NEAR && depth[c] > NEAR)) continue;
    const ax = uv[a * 2], ay = uv[a * 2 + 1];
    const bx = uv[b * 2], by = uv[b * 2 + 1];
    const cx = uv[c * 2], cy = uv[c * 2 + 1];
    const left = Math.max(0, Math.ceil(Math.min(ax, bx, cx) - 0.5));
    const right = Math.min(width - 1, Math.floor(Math.max(ax, bx, cx) - 0.5));
    const top = Math.max(0, Math.ceil(Math.min(ay, by, cy) - 0.5));
    const bottom = Math.min(height - 1, Math.floor(Math.max(ay, by, cy) - 0.5));
    if (left > right || top > bottom) continue;
    const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
    if (area === 0 || area !== area) continue;
    // Weights over depth are linear in the picture; their sum is 1 over the pixel's depth.
    const scale = 1 / area;
    const invA = 1 / depth[a], invB = 1 / depth[b], invC = 1 / depth[c];
    const stepB = (cy - ay) * scale, stepC = -(by - ay) * scale;
    const keepA = keep ? keep[a] : 0, keepB = keep ? keep[b] : 0, keepC = keep ? keep[c] : 0;
    if (keepA < 0 && keepB < 0 && keepC < 0) continue;
    for (let y = top; y <= bottom; y++) {
      const py = y + 0.5 - ay;
      let wb = ((left + 0.5 - ax) * (cy - ay) - py * (cx - ax)) * scale;
      let wc = (py * (bx - ax) - (left + 0.5 - ax) * (by - ay)) * scale;
      let at = y * width + left;
      for (let x = left; x <= right; x++, at++, wb += stepB, wc += stepC) {
        const wa = 1 - wb - wc;
        if (wa < 0 || wb < 0 || wc < 0) continue;
        const z = 1 / (wa * invA + wb * invB + wc * invC);
        if (z >= buffer[at]) continue;
        const u = wb * invB * z, v = wc * invC * z;
        if (keep && keepA + u * (keepB - keepA) + v * (keepC - keepA) < 0) continue;
        buffer[at] = z;
        ids[at] = firstFace + f / 3;
        second[at] = u;
        third[at] = v;
      }
    }
  }
}
