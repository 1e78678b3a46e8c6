/**
 * What is known of a background stays: a model's picture is taken only where persons and their
 * shadows are.
 * @module
 */
import { nearBodies } from "./near.ts";

/** A frame that a model made, and what is known of it. Pictures are rgb24 [height·width·3]. */
export interface KeptFrame {
  readonly width: number;
  readonly height: number;
  /** What the model made. */
  readonly made: Uint8Array;
  readonly background: Uint8Array;
  /** Share of each pixel that bodies cover, 0..255, [height·width]. */
  readonly coverage: Uint8Array;
  /** Whether hair and clothes are in the coverage, having been fitted to a mask. */
  readonly fitted: boolean;
}

/** Up to where the model's picture counts fully, and from where on not at all, in body heights. */
const REACH = { fitted: [0.01, 0.03], bare: [0.06, 0.12] } as const;
/** Shadows lie on the floor: from so many body heights under the head to so many. */
const FLOOR = { from: 0.75, to: 1.2 };
/** Darker by less, in levels of 255, is no shadow but what a decoder does to any floor. */
const SHADOW = 4;
/** Half the side of the square over which shadows are measured, in body heights. */
const SOFT = 0.03;

/** The model's persons over the background, with the darkness that the model put at their feet. */
export function keepBackground(frame: KeptFrame): Uint8Array {
  const { width, height, made, background, coverage, fitted } = frame;
  const out = background.slice();
  const rows = coveredRows(coverage, width);
  if (!rows) return out;
  const tall = rows.bottom - rows.top + 1;
  const [inner, outer] = REACH[fitted ? "fitted" : "bare"];
  const size = { width, height };
  const near = nearBodies(coverage, {
    ...size,
    inner: Math.max(1, inner * tall),
    outer: Math.max(2, outer * tall),
  });
  const floor = {
    from: Math.round(rows.top + FLOOR.from * tall),
    to: Math.min(height, Math.round(rows.top + FLOOR.to * tall)),
  };
  const darker = shadows(frame, near, { ...floor, radius: Math.max(1, Math.round(SOFT * tall)) });
  for (let at = 0; at < near.length; at++) {
    const share = near[at] / 255;
    const shade = at >= floor.from * width && at < floor.to * width
      ? (1 - share) * darker[at - floor.from * width]
      : 0;
    if (share === 0 && shade === 0) continue;
    for (let c = at * 3; c < at * 3 + 3; c++) {
      const colour = background[c] + share * (made[c] - background[c]) - shade;
      out[c] = Math.max(0, Math.round(colour));
    }
  }
  return out;
}

function coveredRows(
  coverage: Uint8Array,
  width: number,
): { readonly top: number; readonly bottom: number } | undefined {
  const first = coverage.findIndex((share) => share > 0);
  if (first < 0) return undefined;
  const last = coverage.findLastIndex((share) => share > 0);
  return { top: Math.floor(first / width), bottom: Math.floor(last / width) };
}

/** By how many levels the model's floor is darker than the background, smoothed; persons left out. */
function shadows(
  { width, made, background }: KeptFrame,
  near: Uint8Array,
  { from, to, radius }: { readonly from: number; readonly to: number; readonly radius: number },
): Float32Array {
  const rows = Math.max(0, to - from);
  const sums = new Float64Array(rows * width), counts = new Float64Array(rows * width);
  for (let at = 0; at < sums.length; at++) {
    const place = from * width + at;
    if (near[place] > 0) continue;
    counts[at] = 1;
    for (let c = place * 3; c < place * 3 + 3; c++) sums[at] += (background[c] - made[c]) / 3;
  }
  const [soft, seen] = [sums, counts].map((values) => boxSums(values, { width, rows, radius }));
  return Float32Array.from(soft, (sum, at) => Math.max(0, sum / Math.max(1, seen[at]) - SHADOW));
}

/** Sums over squares, along rows and then columns. */
function boxSums(
  values: Float64Array,
  { width, rows, radius }: {
    readonly width: number;
    readonly rows: number;
    readonly radius: number;
  },
): Float64Array {
  const along = (
    from: Float64Array,
    { lines, length, step, stride }: Record<"lines" | "length" | "step" | "stride", number>,
  ): Float64Array => {
    const out = new Float64Array(from.length);
    for (let line = 0; line < lines; line++) {
      let sum = 0;
      for (let i = -radius; i < length; i++) {
        if (i + radius < length) sum += from[line * stride + (i + radius) * step];
        if (i - radius - 1 >= 0) sum -= from[line * stride + (i - radius - 1) * step];
        if (i >= 0) out[line * stride + i * step] = sum;
      }
    }
    return out;
  };
  const across = along(values, { lines: rows, length: width, step: 1, stride: width });
  return along(across, { lines: width, length: rows, step: width, stride: 1 });
}
