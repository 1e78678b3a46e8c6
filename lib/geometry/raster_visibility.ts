/**
 * Which surface points a camera sees.
 * @module
 */
import { type Camera, scaleCamera } from "./camera.ts";
import { projectPoints } from "./projection.ts";
import { rasterise, rasterTarget } from "./raster.ts";

/** Longer side of the depth picture that visibility is read from, in pixels. */
const RESOLUTION = 256;

/**
 * 1 for every point [N*3] that the camera sees: inside the picture, before the camera, and not more
 * than `tolerance` metres (default 0.03) behind the nearest surface of the mesh; else 0.
 */
export function visiblePoints(
  camera: Camera,
  vertices: Float32Array,
  faces: Uint32Array,
  points: Float32Array,
  options: { readonly tolerance?: number } = {},
): Uint8Array {
  const scale = RESOLUTION / Math.max(camera.width, camera.height);
  const small = scaleCamera(camera, {
    width: Math.max(1, Math.round(camera.width * scale)),
    height: Math.max(1, Math.round(camera.height * scale)),
  });
  const target = rasterTarget(small.width, small.height);
  rasterise(target, small, { vertices, faces });
  const { uv, depth } = projectPoints(small, points);
  const seen = new Uint8Array(depth.length);
  for (let i = 0; i < depth.length; i++) {
    const [x, y] = [Math.floor(uv[i * 2]), Math.floor(uv[i * 2 + 1])];
    const inside = x >= 0 && y >= 0 && x < small.width && y < small.height && depth[i] > 0;
    if (!inside) continue;
    const nearest = target.depth[y * small.width + x];
    seen[i] = depth[i] <= nearest + (options.tolerance ?? 0.03) ? 1 : 0;
  }
  return seen;
}
