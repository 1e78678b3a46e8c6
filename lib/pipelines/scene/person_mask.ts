/**
 * Where the person of a picture stands, found without any model: by its alpha channel, or because the
 * colours at the picture's border do not occur in the person. Most photographs allow neither, and then
 * nothing is claimed.
 * @module
 */
import type { Frames } from "../../io/mod.ts";
import type { LoadedReference, Mark } from "./reference.ts";

/** Share of the shorter side that the border reaches into the picture. */
const BORDER = 0.04;

/** Colours that stand for the border: enough for a wall, a floor and their shadows. */
const CLUSTERS = 6;

/** CIELAB difference that one sees at a glance; a background varies by less around its colours. */
const LEAST_DIFFERENCE = 12;

/** How much of a picture a person may fill, to be believed. */
const [SMALLEST, LARGEST] = [0.02, 0.8];

/** Share of the border that may look like the person: an arm or the legs may reach over an edge. */
const BORDER_PERSON = 0.12;

/** How much further than the border's own colours the person's must lie, on average. */
const CONTRAST = 3;

/** Share of what differs that must hang together: scattered specks are texture and no person. */
const CONNECTED = 0.8;

/** Opacity from which on a pixel belongs to the person. */
const OPAQUE = 128;

/**
 * 1 where the person is, [height·width]; undefined where one cannot be sure. `alpha` is the picture's
 * opacity, where it has one.
 */
export function personMask(picture: Frames, alpha?: Uint8Array): Uint8Array | undefined {
  const size = { width: picture.width, height: picture.height };
  if (alpha) {
    const mask = alpha.map((value) => value >= OPAQUE ? 1 : 0);
    return believable(mask) ? mask : undefined;
  }
  const lab = toLab(picture.data);
  const border = borderPixels(size);
  const colours = cluster(lab, border);
  const difference = Float32Array.from(
    { length: size.width * size.height },
    (_, i) => nearest(lab, i, colours).distance,
  );
  const own = Array.from(border, (i) => difference[i]).sort((a, b) => a - b);
  // The border's quantile and not its greatest: a foot may stand on it.
  const usual = own[Math.floor(own.length * (1 - BORDER_PERSON))];
  const threshold = Math.max(LEAST_DIFFERENCE, 2 * usual);
  const differs = Uint8Array.from(difference, (value) => value > threshold ? 1 : 0);
  const mask = filled(largestPart(differs, size), size);
  return believable(mask) && connected(differs, mask) && contrasts(difference, mask)
    ? mask
    : undefined;
}

/** The pixels that lie nearer to a key point of the fitted person than to any of the other people. */
export function withoutOthers(
  mask: Uint8Array,
  width: number,
  { marks = [], others = [] }: Pick<LoadedReference, "marks" | "others">,
): Uint8Array {
  if (others.length === 0) return mask;
  return mask.map((value, i) => {
    if (!value) return 0;
    const [x, y] = [i % width + 0.5, Math.floor(i / width) + 0.5];
    const nearest = (points: readonly Mark[]) =>
      Math.min(...points.map((mark) => Math.hypot(mark.x - x, mark.y - y)));
    return nearest(marks) <= nearest(others) ? 1 : 0;
  });
}

function believable(mask: Uint8Array): boolean {
  const share = sum(mask) / mask.length;
  return share >= SMALLEST && share <= LARGEST;
}

function connected(differs: Uint8Array, mask: Uint8Array): boolean {
  const kept = differs.reduce((count, value, i) => count + (value & mask[i]), 0);
  return kept >= CONNECTED * sum(differs);
}

function contrasts(difference: Float32Array, mask: Uint8Array): boolean {
  let [inside, outside, area] = [0, 0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (mask[i]) [inside, area] = [inside + difference[i], area + 1];
    else outside += difference[i];
  }
  return inside / area > CONTRAST * outside / (mask.length - area);
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Pixels along the upper edge and the sides; below, legs leave the picture. */
function borderPixels({ width, height }: Size): Uint32Array {
  const reach = Math.max(1, Math.round(BORDER * Math.min(width, height)));
  const pixels: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (y < reach || x < reach || x >= width - reach) pixels.push(y * width + x);
    }
  }
  return Uint32Array.from(pixels);
}

/** Colours [k·3] that the pixels gather around (Lloyd's algorithm, begun with the farthest ones). */
function cluster(lab: Float32Array, pixels: Uint32Array): Float32Array {
  let centres = lab.slice(pixels[0] * 3, pixels[0] * 3 + 3);
  while (centres.length < CLUSTERS * 3) {
    let [far, at] = [0, -1];
    for (const pixel of pixels) {
      const { distance } = nearest(lab, pixel, centres);
      if (distance > far) [far, at] = [distance, pixel];
    }
    if (at < 0) break;
    centres = Float32Array.of(...centres, ...lab.subarray(at * 3, at * 3 + 3));
  }
  for (let round = 0; round < 8; round++) {
    const sums = new Float64Array(centres.length / 3 * 4);
    for (const pixel of pixels) {
      const { index } = nearest(lab, pixel, centres);
      for (let c = 0; c < 3; c++) sums[index * 4 + c] += lab[pixel * 3 + c];
      sums[index * 4 + 3]++;
    }
    // Few pixels are no background: a hand at the edge must not count as one.
    const used = Array.from({ length: centres.length / 3 }, (_, k) => k)
      .filter((k) => sums[k * 4 + 3] > 0.02 * pixels.length);
    centres = Float32Array.from(
      used.flatMap((k) => [0, 1, 2].map((c) => sums[k * 4 + c] / sums[k * 4 + 3])),
    );
  }
  return centres;
}

function nearest(
  lab: Float32Array,
  pixel: number,
  centres: Float32Array,
): { index: number; distance: number } {
  let [index, best] = [0, Infinity];
  for (let k = 0; k < centres.length; k += 3) {
    const l = lab[pixel * 3] - centres[k];
    const a = lab[pixel * 3 + 1] - centres[k + 1], b = lab[pixel * 3 + 2] - centres[k + 2];
    // Shadows change lightness, not hue.
    const distance = 0.5 * l * l + a * a + b * b;
    if (distance < best) [index, best] = [k / 3, distance];
  }
  return { index, distance: Math.sqrt(best) };
}

/** The largest connected part, with the parts that are at least a tenth of it. */
function largestPart(mask: Uint8Array, size: Size): Uint8Array {
  const { labels, areas } = label(mask, size);
  const largest = Math.max(0, ...areas);
  return Uint8Array.from(labels, (part) => part >= 0 && areas[part] * 10 >= largest ? 1 : 0);
}

/** Holes that do not reach the picture's edge belong to the person. */
function filled(mask: Uint8Array, size: Size): Uint8Array {
  const { width, height } = size;
  const { labels } = label(mask.map((value) => 1 - value), size);
  const open = new Set<number>();
  for (let x = 0; x < width; x++) open.add(labels[x]).add(labels[(height - 1) * width + x]);
  for (let y = 0; y < height; y++) open.add(labels[y * width]).add(labels[(y + 1) * width - 1]);
  return Uint8Array.from(labels, (part) => part < 0 || !open.has(part) ? 1 : 0);
}

/** Numbers the parts of a mask that touch at edges; −1 outside. */
function label(mask: Uint8Array, { width }: Size): { labels: Int32Array; areas: number[] } {
  const labels = new Int32Array(mask.length).fill(-1);
  const areas: number[] = [];
  const stack: number[] = [];
  for (let start = 0; start < mask.length; start++) {
    if (!mask[start] || labels[start] >= 0) continue;
    const part = areas.length;
    labels[start] = part;
    stack.push(start);
    let area = 0;
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      area++;
      const x = at % width;
      const around = [at - width, at + width, x > 0 ? at - 1 : -1, x + 1 < width ? at + 1 : -1];
      for (const next of around) {
        if (next < 0 || next >= mask.length || !mask[next] || labels[next] >= 0) continue;
        labels[next] = part;
        stack.push(next);
      }
    }
    areas.push(area);
  }
  return { labels, areas };
}

/** sRGB bytes to CIELAB (D65), where equal distances look equally different. */
function toLab(rgb: Uint8Array): Float32Array {
  const linear = Float32Array.from({ length: 256 }, (_, value) => {
    const x = value / 255;
    return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
  });
  const f = (x: number) => x > 0.008856 ? Math.cbrt(x) : 7.787 * x + 16 / 116;
  const lab = new Float32Array(rgb.length);
  for (let i = 0; i < rgb.length; i += 3) {
    const r = linear[rgb[i]], g = linear[rgb[i + 1]], b = linear[rgb[i + 2]];
    const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
    const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
    const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
    lab[i] = 116 * y - 16;
    lab[i + 1] = 500 * (x - y);
    lab[i + 2] = 200 * (y - z);
  }
  return lab;
}

function sum(mask: Uint8Array): number {
  return mask.reduce((total, value) => total + value, 0);
}
