/**
 * The world's floor as a faint grid, so that one sees where a camera believes it to be.
 * @module
 */
import { type Camera, cameraCentre } from "../geometry/mod.ts";

/** Metres between lines. */
const SPACING = 0.5;

/** Opacity of a line, and half its width in pixels. */
const STRENGTH = 0.3;
const HALF_WIDTH = 0.55;

/** Lines nearer to each other than this many pixels fade away before they flicker. */
const FINEST = 4;

/** Draws lines every half metre on y = 0 into an rgb24 picture of the camera's size, in place. */
export function drawFloorGrid(picture: Uint8Array, camera: Camera): void {
  const { width, height, fx, fy, cx, cy, rotation: r } = camera;
  const eye = cameraCentre(camera);
  // How the ray through a pixel changes by one pixel to the right, and by one down.
  const right = [r[0] / fx, r[1] / fx, r[2] / fx];
  const down = [r[3] / fy, r[4] / fy, r[5] / fy];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = [x + 0.5 - cx, y + 0.5 - cy];
      const dy = right[1] * u + down[1] * v + r[7];
      const t = -eye[1] / dy;
      if (!(t > 0 && t < 60)) continue;
      const dx = right[0] * u + down[0] * v + r[6], dz = right[2] * u + down[2] * v + r[8];
      const opacity = Math.max(
        lineOpacity(eye[0] + t * dx, t, [dx / dy, right[0], right[1], down[0], down[1]]),
        lineOpacity(eye[2] + t * dz, t, [dz / dy, right[2], right[1], down[2], down[1]]),
      );
      if (opacity <= 0) continue;
      const at = (y * width + x) * 3;
      // Light on dark ground, dark on light ground.
      const bright = picture[at] * 0.3 + picture[at + 1] * 0.6 + picture[at + 2] * 0.1;
      const ink = bright > 110 ? 0 : 255;
      for (let c = 0; c < 3; c++) picture[at + c] += (ink - picture[at + c]) * opacity;
    }
  }
}

/** Opacity of lines of constant `place`; the steps tell how fast the place changes from pixel to pixel. */
function lineOpacity(
  place: number,
  t: number,
  [slope, rx, ry, dx, dy]: readonly [number, number, number, number, number],
): number {
  const step = t * Math.hypot(rx - ry * slope, dx - dy * slope);
  const away = Math.abs(place / SPACING - Math.round(place / SPACING)) * SPACING / step;
  const fade = Math.min(1, Math.max(0, SPACING / step / FINEST - 1));
  return STRENGTH * fade * Math.min(1, Math.max(0, HALF_WIDTH + 0.5 - away));
}
