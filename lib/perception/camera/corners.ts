/**
 * Corners of a picture: places that can be found again in another.
 * @module
 */
import { blurred, type Polar } from "./picture_channels.ts";

/** Deviation of the window that a corner is sought in, pixels. */
const WINDOW = 1.5;
/** Smallest eigenvalue of the mean gradient product, of grey 0..1, that makes a corner. */
const WEAKEST = 1e-4;

/** A place in a picture, in pixels. */
export interface Corner {
  readonly x: number;
  readonly y: number;
}

/**
 * Shi and Tomasi's corners: stronger than all neighbours, strongest first, refined below a pixel. Whole
 * numbers are the middles of pixels. `border` pixels at the edges have none; with `open`, [H*W], only
 * what is not 0 there has.
 */
export function corners(
  gradient: Polar,
  { most, border, open }: {
    readonly most: number;
    readonly border: number;
    readonly open?: Uint8Array;
  },
): Corner[] {
  const { width, height } = gradient;
  const strength = strengths(gradient);
  const found: number[] = [];
  for (let v = border; v < height - border; v++) {
    for (let u = border; u < width - border; u++) {
      const i = v * width + u;
      if (open?.[i] === 0) continue;
      if (strength[i] > WEAKEST && isPeak(strength, i, width)) found.push(i);
    }
  }
  found.sort((a, b) => strength[b] - strength[a] || a - b);
  return found.slice(0, most).map((i) => ({
    x: i % width + vertex(strength[i - 1], strength[i], strength[i + 1]),
    y: Math.floor(i / width) + vertex(strength[i - width], strength[i], strength[i + width]),
  }));
}

function isPeak(values: Float32Array, i: number, width: number): boolean {
  for (let dv = -1; dv <= 1; dv++) {
    for (let du = -1; du <= 1; du++) {
      const j = i + dv * width + du;
      // Of equals the first is the peak.
      if (j !== i && (values[j] > values[i] || (values[j] === values[i] && j < i))) return false;
    }
  }
  return true;
}

/** Where the parabola through three values has its top, −½..½ from the middle one. */
function vertex(before: number, at: number, after: number): number {
  const bend = before - 2 * at + after;
  return bend >= 0 ? 0 : Math.max(-0.5, Math.min(0.5, (before - after) / (2 * bend)));
}

/** Smaller eigenvalue of the gradients' products, blurred. */
function strengths({ width, height, x, y }: Polar): Float32Array {
  const [xx, xy, yy] = [[x, x], [x, y], [y, y]].map(([a, b]) =>
    blurred({ width, height, data: a.map((value, i) => value * b[i]) }, WINDOW).data
  );
  return xx.map((a, i) => {
    const [half, difference] = [(a + yy[i]) / 2, (a - yy[i]) / 2];
    return half - Math.sqrt(difference * difference + xy[i] * xy[i]);
  });
}
