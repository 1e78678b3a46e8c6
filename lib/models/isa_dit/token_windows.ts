/**
 * Clips of tokens cut into windows over time, rows and columns, and put together again.
 * @module
 */
import {
  type Device,
  narrow,
  pad,
  permute,
  reshape,
  scope,
  type Tensor,
  tensor,
} from "../../tensor/mod.ts";

// B batch, T latent frames, h×w tokens of a frame, n windows of a clip, S tokens of a window, D width

/** Latent frames, rows and columns. */
export type Size3 = readonly [number, number, number];

/** How one axis is cut: `count` windows of `window`, of which the first begins `before` the clip. */
interface Cut {
  readonly size: number;
  readonly window: number;
  readonly before: number;
  readonly count: number;
}

/** How a clip is cut. */
export interface WindowGrid {
  readonly axes: readonly [Cut, Cut, Cut];
  /** Windows of a clip, n. */
  readonly count: number;
  /** Tokens of a window, S. */
  readonly tokens: number;
}

/**
 * Cuts a clip of `size`. Shifted, windows begin half a window earlier on every axis that takes more
 * than one; where a window is longer than the clip it is as long as the clip.
 */
export function windowGrid(size: Size3, window: Size3, shifted: boolean): WindowGrid {
  const axes = size.map((length, axis) => {
    const side = Math.min(window[axis], length);
    const before = shifted && length > side ? Math.floor(side / 2) : 0;
    return { size: length, window: side, before, count: Math.ceil((before + length) / side) };
  }) as unknown as WindowGrid["axes"];
  const product = (of: (cut: Cut) => number) => axes.reduce((all, cut) => all * of(cut), 1);
  return { axes, count: product(({ count }) => count), tokens: product(({ window }) => window) };
}

/** Tokens [B, T, h, w, D] → [B·n, S, D]; where a window hangs over the clip's edge, zeros. */
export function intoWindows(x: Tensor, { axes, tokens }: WindowGrid): Tensor {
  const [B, , , , D] = x.shape;
  return scope(() => {
    // PyTorch's order: the last axis first.
    const edges = [...axes].reverse().flatMap((cut) => [cut.before, after(cut)]);
    const padded = edges.some((n) => n > 0) ? pad(x, [0, 0, ...edges]) : x;
    const cells = reshape(padded, [B, ...axes.flatMap(({ count, window }) => [count, window]), D]);
    return reshape(permute(cells, [0, 1, 3, 5, 2, 4, 6, 7]), [-1, tokens, D]);
  });
}

/** The way back, [B·n, S, D] → [B, T, h, w, D]. */
export function outOfWindows(windows: Tensor, { axes, count }: WindowGrid): Tensor {
  const [M, , D] = windows.shape;
  return scope(() => {
    const sides = [...axes.map(({ count }) => count), ...axes.map(({ window }) => window)];
    const cells = permute(reshape(windows, [M / count, ...sides, D]), [0, 1, 4, 2, 5, 3, 6, 7]);
    const padded = reshape(cells, [M / count, ...axes.map((cut) => cut.count * cut.window), D]);
    return axes.reduce(
      (x, { before, size }, axis) => narrow(x, axis + 1, before, size),
      padded,
    );
  });
}

/** Additive mask over the keys of each window, [n, 1, 1, S]: −1e9 beyond the clip; absent if none is. */
export function windowMask(
  { axes, count, tokens }: WindowGrid,
  { device }: { readonly device: Device },
): Tensor | undefined {
  if (axes.every((cut) => cut.before + after(cut) === 0)) return undefined;
  const mask = new Float32Array(count * tokens);
  const [ct, ch, cw] = axes;
  let index = 0;
  for (const t of places(ct)) {
    for (const y of places(ch)) {
      for (const x of places(cw)) {
        for (const inT of t) {
          for (const inY of y) for (const inX of x) mask[index++] = inT && inY && inX ? 0 : -1e9;
        }
      }
    }
  }
  return tensor(mask, { shape: [count, 1, 1, tokens], device });
}

/** For each window of an axis, which of its places lie in the clip. */
function places({ count, window, before, size }: Cut): boolean[][] {
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: window }, (_, j) => {
      const place = i * window + j - before;
      return place >= 0 && place < size;
    }));
}

function after({ count, window, before, size }: Cut): number {
  return count * window - before - size;
}
