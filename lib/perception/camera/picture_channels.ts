/**
 * One channel of a picture: blurred, halved, its gradients.
 * @module
 */

/** Values 0..1, row by row. */
export interface Channel {
  readonly width: number;
  readonly height: number;
  /** [H*W] */
  readonly data: Float32Array;
}

/** Gradients; zero at the border. */
export interface Polar {
  readonly width: number;
  readonly height: number;
  /** To the right, [H*W]. */
  readonly x: Float32Array;
  /** Downwards, [H*W]. */
  readonly y: Float32Array;
  /** [H*W] */
  readonly length: Float32Array;
  /** Turns from x towards y, in 0..1, [H*W]. */
  readonly angle: Float32Array;
}

/** Central differences. */
export function gradientOf({ width, height, data }: Channel): Polar {
  const map = (): Float32Array => new Float32Array(data.length);
  const [x, y, length, angle] = [map(), map(), map(), map()];
  for (let v = 1; v < height - 1; v++) {
    for (let i = v * width + 1; i < (v + 1) * width - 1; i++) {
      x[i] = (data[i + 1] - data[i - 1]) / 2;
      y[i] = (data[i + width] - data[i - width]) / 2;
      length[i] = Math.sqrt(x[i] * x[i] + y[i] * y[i]);
      angle[i] = (Math.atan2(y[i], x[i]) / (2 * Math.PI) + 1) % 1;
    }
  }
  return { width, height, x, y, length, angle };
}

/** With a Gaussian of this deviation in pixels; borders are held. */
export function blurred({ width, height, data }: Channel, deviation: number): Channel {
  const reach = Math.ceil(3 * deviation);
  const kernel = Float64Array.from(
    { length: 2 * reach + 1 },
    (_, i) => Math.exp(-((i - reach) ** 2) / (2 * deviation ** 2)),
  );
  const sum = kernel.reduce((a, b) => a + b, 0);
  for (let i = 0; i < kernel.length; i++) kernel[i] /= sum;
  const rows = new Float32Array(data.length);
  const out = new Float32Array(data.length);
  for (let v = 0; v < height; v++) {
    const line = { start: v * width, step: 1, count: width };
    convolve(data, rows, kernel, line);
  }
  for (let u = 0; u < width; u++) {
    convolve(rows, out, kernel, { start: u, step: width, count: height });
  }
  return { width, height, data: out };
}

interface Line {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

function convolve(
  from: Float32Array,
  to: Float32Array,
  kernel: Float64Array,
  { start, step, count }: Line,
): void {
  const reach = (kernel.length - 1) / 2;
  for (let i = 0; i < count; i++) {
    let total = 0;
    for (let k = -reach; k <= reach; k++) {
      const other = i + k < 0 ? 0 : i + k >= count ? count - 1 : i + k;
      total += kernel[k + reach] * from[start + other * step];
    }
    to[start + i * step] = total;
  }
}

/** Means of two by two; an odd last row or column is left out. */
export function halved({ width, height, data }: Channel): Channel {
  const [w, h] = [Math.floor(width / 2), Math.floor(height / 2)];
  const half = new Float32Array(w * h);
  for (let v = 0; v < h; v++) {
    for (let u = 0; u < w; u++) {
      const at = 2 * v * width + 2 * u;
      half[v * w + u] = (data[at] + data[at + 1] + data[at + width] + data[at + width + 1]) / 4;
    }
  }
  return { width: w, height: h, data: half };
}
