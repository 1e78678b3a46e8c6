/**
 * The reference picture as what is known of a person's looks: a pyramid of its pixels from which
 * everything that is not the person has been left out.
 * @module
 */
import { InputError } from "../errors.ts";

/** An rgb24 picture. */
export interface RgbPicture {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** [height·width·3] */
  readonly data: Uint8Array;
}

/** Where a person is in a picture. */
export interface PersonMask {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** [height·width], 128 and more inside. */
  readonly data: Uint8Array;
}

/** Where a mask begins to mean the person. */
export const INSIDE = 128;

/** One size of the pyramid; rgb24. */
export interface PyramidLevel {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

interface WeighedLevel extends PyramidLevel {
  /** 0 where nothing of the person went in. */
  readonly weight: Uint8Array;
}

/**
 * Halves the picture again and again; a pixel is the mean of those of the person in it. Pixels without
 * any take the colour of the next coarser level, so that no filter mixes the backdrop into the person.
 */
export function personPyramid(picture: RgbPicture, inner: PersonMask): PyramidLevel[] {
  const weight = inner.data.map((value) => value >= INSIDE ? 255 : 0);
  const levels: WeighedLevel[] = [
    { width: picture.width, height: picture.height, rgb: picture.data.slice(), weight },
  ];
  for (let last = levels[0]; last.width > 1 || last.height > 1; last = levels.at(-1)!) {
    levels.push(halved(last));
  }
  for (let k = levels.length - 2; k >= 0; k--) fillFrom(levels[k + 1], levels[k]);
  return levels.map(({ width, height, rgb }) => ({ width, height, rgb }));
}

/**
 * The mask without its outermost pixels: a camera mixes the backdrop into these. Where that leaves
 * nothing, the mask itself.
 */
export function innerMask(mask: PersonMask): PersonMask {
  const { width, height } = mask;
  const data = new Uint8Array(mask.data.length);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const all = Math.min(
        mask.data[at],
        mask.data[x > 0 ? at - 1 : at],
        mask.data[x + 1 < width ? at + 1 : at],
        mask.data[y > 0 ? at - width : at],
        mask.data[y + 1 < height ? at + width : at],
      );
      data[at] = all >= INSIDE ? 255 : 0;
    }
  }
  return data.some((value) => value > 0) ? { width, height, data } : mask;
}

/** Whether the pixel at this place is the person's. */
export function isInside({ width, height, data }: PersonMask, u: number, v: number): boolean {
  const x = Math.floor(u), y = Math.floor(v);
  return x >= 0 && y >= 0 && x < width && y < height && data[y * width + x] >= INSIDE;
}

/** The mask at another size; throws InputError for a mask of another shape than the picture's. */
export function fitMask(mask: PersonMask, size: { width: number; height: number }): PersonMask {
  const { width, height } = size;
  if (mask.width === width && mask.height === height) return mask;
  if (Math.abs(mask.width * height - mask.height * width) > 0.02 * mask.height * width) {
    throw new InputError(
      `the mask is ${mask.width}×${mask.height} and its picture ${width}×${height}: expected the same shape`,
    );
  }
  const data = new Uint8Array(width * height);
  const clamp = (value: number, most: number) => Math.max(0, Math.min(most, value));
  for (let y = 0, at = 0; y < height; y++) {
    const v = clamp((y + 0.5) * mask.height / height - 0.5, mask.height - 1);
    const top = Math.floor(v), fy = v - top;
    const [upper, lower] = [top, Math.min(mask.height - 1, top + 1)].map((row) => row * mask.width);
    for (let x = 0; x < width; x++) {
      const u = clamp((x + 0.5) * mask.width / width - 0.5, mask.width - 1);
      const left = Math.floor(u), fx = u - left, right = Math.min(mask.width - 1, left + 1);
      data[at++] = (mask.data[upper + left] * (1 - fx) + mask.data[upper + right] * fx) * (1 - fy) +
        (mask.data[lower + left] * (1 - fx) + mask.data[lower + right] * fx) * fy;
    }
  }
  return { width, height, data };
}

function halved({ width, height, rgb, weight }: WeighedLevel): WeighedLevel {
  const size = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const out = {
    ...size,
    rgb: new Uint8Array(size.width * size.height * 3),
    weight: new Uint8Array(size.width * size.height),
  };
  for (let y = 0, at = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++, at++) {
      let sum = 0, red = 0, green = 0, blue = 0;
      for (let child = 0; child < 4; child++) {
        const cx = x * 2 + (child & 1), cy = y * 2 + (child >> 1);
        if (cx >= width || cy >= height) continue;
        const from = cy * width + cx, by = weight[from];
        sum += by;
        red += by * rgb[from * 3];
        green += by * rgb[from * 3 + 1];
        blue += by * rgb[from * 3 + 2];
      }
      if (sum === 0) continue;
      out.weight[at] = Math.ceil(sum / 4);
      out.rgb[at * 3] = Math.round(red / sum);
      out.rgb[at * 3 + 1] = Math.round(green / sum);
      out.rgb[at * 3 + 2] = Math.round(blue / sum);
    }
  }
  return out;
}

function fillFrom(coarse: PyramidLevel, { width, rgb, weight }: WeighedLevel): void {
  for (let at = 0; at < weight.length; at++) {
    if (weight[at] > 0) continue;
    const x = at % width, y = (at - x) / width;
    const from = ((y >> 1) * coarse.width + (x >> 1)) * 3;
    for (let c = 0; c < 3; c++) rgb[at * 3 + c] = coarse.rgb[from + c];
  }
}

/**
 * The picture's colour, 0..255, around a place (pixels of the first level) into `out`; `lod` 0 is a
 * pixel's own area, and 1 more is twice its side. Bilinear in each level and between two.
 */
export function samplePyramid(
  levels: readonly PyramidLevel[],
  place: { readonly u: number; readonly v: number; readonly lod: number },
  out: Float32Array | Float64Array,
): void {
  const lod = Math.max(0, Math.min(levels.length - 1, place.lod));
  const fine = Math.floor(lod), share = lod - fine;
  out[0] = out[1] = out[2] = 0;
  addBilinear(levels[fine], place.u / 2 ** fine, place.v / 2 ** fine, 1 - share, out);
  if (share === 0) return;
  addBilinear(levels[fine + 1], place.u / 2 ** (fine + 1), place.v / 2 ** (fine + 1), share, out);
}

function addBilinear(
  { width, height, rgb }: PyramidLevel,
  u: number,
  v: number,
  by: number,
  out: Float32Array | Float64Array,
): void {
  const x = Math.max(0, Math.min(width - 1, u - 0.5)),
    y = Math.max(0, Math.min(height - 1, v - 0.5));
  const left = Math.floor(x), top = Math.floor(y);
  const fx = x - left, fy = y - top;
  const a = (top * width + left) * 3, right = left + 1 < width ? 3 : 0;
  const down = top + 1 < height ? width * 3 : 0;
  const wa = (1 - fx) * (1 - fy) * by, wb = fx * (1 - fy) * by;
  const wc = (1 - fx) * fy * by, wd = fx * fy * by;
  for (let c = 0; c < 3; c++) {
    const at = a + c;
    out[c] += wa * rgb[at] + wb * rgb[at + right] + wc * rgb[at + down] +
      wd * rgb[at + right + down];
  }
}
