import { InputError } from "../errors.ts";
import { checkSameLength } from "./psnr.ts";

const SIGMA = 1.5;
const SIZE = 11;
const HALF = 5;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/** Gaussian window of Wang et al. 2004. */
const WINDOW = gaussian();

/**
 * Structural similarity (Wang et al. 2004) of two clips of rgb24 frames: Gaussian window of 11,
 * deviation 1.5, borders mirrored, mean over positions, channels and frames (as torchmetrics does).
 */
export function ssim(
  a: Uint8Array,
  b: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): number {
  checkSameLength(a, b);
  if (width < SIZE || height < SIZE) {
    throw new InputError(
      `SSIM needs pictures of at least ${SIZE}×${SIZE}, found ${width}×${height}`,
    );
  }
  const pixels = width * height;
  const frames = a.length / (pixels * 3);
  let sum = 0;
  for (let frame = 0; frame < frames; frame++) {
    for (let channel = 0; channel < 3; channel++) {
      const x = plane(a, frame * pixels, pixels, channel);
      const y = plane(b, frame * pixels, pixels, channel);
      sum += planeSsim(x, y, width, height);
    }
  }
  return sum / (frames * 3);
}

function planeSsim(x: Float64Array, y: Float64Array, width: number, height: number): number {
  const product = (p: Float64Array, q: Float64Array): Float64Array => p.map((v, i) => v * q[i]);
  const smooth = (p: Float64Array): Float64Array => blur(p, width, height);
  const [mx, my] = [smooth(x), smooth(y)];
  const [xx, yy, xy] = [smooth(product(x, x)), smooth(product(y, y)), smooth(product(x, y))];
  let sum = 0;
  for (let i = 0; i < mx.length; i++) {
    const [vx, vy] = [xx[i] - mx[i] ** 2, yy[i] - my[i] ** 2];
    const covariance = xy[i] - mx[i] * my[i];
    sum += ((2 * mx[i] * my[i] + C1) * (2 * covariance + C2)) /
      ((mx[i] ** 2 + my[i] ** 2 + C1) * (vx + vy + C2));
  }
  return sum / mx.length;
}

/** Separable convolution, mirrored at the borders: [height·width]. */
function blur(p: Float64Array, width: number, height: number): Float64Array {
  const rows = new Float64Array(p.length);
  const out = new Float64Array(p.length);
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      let sum = 0;
      for (let k = 0; k < SIZE; k++) sum += WINDOW[k] * p[v * width + mirror(u + k - HALF, width)];
      rows[v * width + u] = sum;
    }
  }
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      let sum = 0;
      for (let k = 0; k < SIZE; k++) {
        sum += WINDOW[k] * rows[mirror(v + k - HALF, height) * width + u];
      }
      out[v * width + u] = sum;
    }
  }
  return out;
}

/** Reflection without repeating the border. */
function mirror(i: number, size: number): number {
  if (i < 0) return -i;
  return i < size ? i : 2 * (size - 1) - i;
}

function plane(data: Uint8Array, first: number, pixels: number, channel: number): Float64Array {
  return Float64Array.from({ length: pixels }, (_, i) => data[(first + i) * 3 + channel]);
}

function gaussian(): number[] {
  const raw = Array.from(
    { length: SIZE },
    (_, i) => Math.exp(-0.5 * ((i - HALF) / SIGMA) ** 2),
  );
  const total = raw.reduce((a, b) => a + b);
  return raw.map((value) => value / total);
}
