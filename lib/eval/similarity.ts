// N frames, C colours, H height, W width; values 0..1

/**
 * SSIM and MS-SSIM of batches of frames by libtorch.
 * @module
 */
import { InputError } from "../errors.ts";
import {
  add,
  avgPool2d,
  clamp,
  conv2d,
  type Device,
  div,
  mean,
  mul,
  narrow,
  pad,
  pow,
  relu,
  scope,
  sub,
  sum,
  type Tensor,
  tensor,
} from "../tensor/mod.ts";

/** Taps of the window of Wang et al. 2004. */
export const SSIM_WINDOW = 11;
/** Its deviation in pixels. */
const SSIM_SIGMA = 1.5;
const HALF = (SSIM_WINDOW - 1) / 2;
const C1 = 0.01 ** 2;
const C2 = 0.03 ** 2;

/** Weights of the scales, fine to coarse (Wang, Simoncelli and Bovik 2003). */
const SCALE_WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/** The shortest side of MS-SSIM: its coarsest scale must hold the window (torchmetrics). */
export const MS_SSIM_SMALLEST: number = SSIM_WINDOW * 2 ** (SCALE_WEIGHTS.length - 1);

/**
 * What happens at the border: `reflect` mirrors the frames there, so that each pixel counts
 * (torchmetrics); `valid` leaves out the 5 pixels where the window would leave the frame
 * (scikit-image, and the authors' program).
 */
export type SsimBorder = "reflect" | "valid";

/** What frames [N,3,H,W] give at one scale. */
export interface SsimMaps {
  /** SSIM at each position, [N,3,H,W]; smaller by 10 a side for `valid`. */
  readonly ssim: Tensor;
  /** Its factor of contrast and structure where the window lies inside, [N,3,H−10,W−10]. */
  readonly contrast: Tensor;
}

/** Mean SSIM of each frame of [N,3,H,W]: [N]. */
export function frameSsim(a: Tensor, b: Tensor, border: SsimBorder = "reflect"): Tensor {
  return scope(() => overFrame(ssimMaps(a, b, border).ssim));
}

/** What {@linkcode frameMsSsim} may be told. */
export interface MsSsimOptions {
  readonly border?: SsimBorder;
  /** Maps of the finest scale, where they have been made already. */
  readonly finest?: SsimMaps;
}

/**
 * MS-SSIM of each frame of [N,3,H,W]: [N]. Five scales of 2×2 means; a scale's factor below 0 counts
 * as 0. Contrast is averaged where the window lies inside, SSIM of the coarsest scale as `border` says;
 * with `reflect` it is torchmetrics' number.
 *
 * @throws InputError for a side that is too short for the coarsest scale
 */
export function frameMsSsim(a: Tensor, b: Tensor, options: MsSsimOptions = {}): Tensor {
  const { border = "reflect", finest } = options;
  const [, , H, W] = a.shape;
  checkMsSsimSize(W, H);
  return scope(() => {
    let [x, y] = [a, b];
    let product: Tensor | undefined;
    for (const [scale, weight] of SCALE_WEIGHTS.entries()) {
      const last = scale === SCALE_WEIGHTS.length - 1;
      const maps = scale === 0 && finest ? finest : ssimMaps(x, y, last ? border : "valid");
      const term = pow(relu(overFrame(last ? maps.ssim : maps.contrast)), weight);
      product = product ? mul(product, term) : term;
      if (!last) [x, y] = [avgPool2d(x, [2, 2]), avgPool2d(y, [2, 2])];
    }
    return product!;
  });
}

/** Throws {@linkcode InputError} where the coarsest of MS-SSIM's scales has no room for the window. */
function checkMsSsimSize(width: number, height: number): void {
  if (Math.min(width, height) >= MS_SSIM_SMALLEST) return;
  throw new InputError(
    `MS-SSIM needs frames of at least ${MS_SSIM_SMALLEST}×${MS_SSIM_SMALLEST}, found ${width}×${height}`,
  );
}

/** Throws {@linkcode InputError} where the window does not fit. */
function checkSsimSize(width: number, height: number): void {
  if (Math.min(width, height) >= SSIM_WINDOW) return;
  throw new InputError(
    `SSIM needs frames of at least ${SSIM_WINDOW}×${SSIM_WINDOW}, found ${width}×${height}`,
  );
}

/**
 * SSIM and its contrast factor of frames [N,3,H,W].
 *
 * @throws InputError for frames smaller than the window
 */
export function ssimMaps(a: Tensor, b: Tensor, border: SsimBorder): SsimMaps {
  const [, , H, W] = a.shape;
  checkSsimSize(W, H);
  return scope(() => {
    const [x, y] = border === "valid" ? [a, b] : [mirrored(a), mirrored(b)];
    const smooth = blur(x.shape[1], a.device);
    const [mx, my] = [smooth(x), smooth(y)];
    // The formula takes the sum of the variances only, so one blur serves both.
    const squares = smooth(add(mul(x, x), mul(y, y)));
    const products = smooth(mul(x, y));
    const [mxy, mxx] = [mul(mx, my), add(mul(mx, mx), mul(my, my))];
    const variances = clamp(sub(squares, mxx), { min: 0 });
    const contrast = div(add(mul(sub(products, mxy), 2), C2), add(variances, C2));
    const luminance = div(add(mul(mxy, 2), C1), add(mxx, C1));
    return {
      ssim: mul(luminance, contrast),
      contrast: border === "valid" ? contrast : inside(contrast),
    };
  });
}

/** Leaves out the positions where the window leaves the frame. */
function inside(map: Tensor): Tensor {
  return [2, 3].reduce((x, dim) => narrow(x, dim, HALF, x.shape[dim] - 2 * HALF), map);
}

function overFrame(map: Tensor): Tensor {
  return mean(map, { dim: [1, 2, 3] });
}

/** Reflection without repeating the border. */
function mirrored(x: Tensor): Tensor {
  return pad(x, [HALF, HALF, HALF, HALF], { mode: "reflect" });
}

/** The Gaussian window, one direction after the other: an eighth of the products of both at once. */
function blur(channels: number, device: Device): (x: Tensor) => Tensor {
  const raw = Array.from(
    { length: SSIM_WINDOW },
    (_, i) => Math.exp(-0.5 * ((i - HALF) / SSIM_SIGMA) ** 2),
  );
  const total = raw.reduce((p, q) => p + q);
  const taps = Array.from({ length: channels }, () => raw.map((value) => value / total)).flat();
  const along = tensor(taps, { shape: [channels, 1, 1, SSIM_WINDOW], device });
  const across = tensor(taps, { shape: [channels, 1, SSIM_WINDOW, 1], device });
  return (x) =>
    scope(() => conv2d(conv2d(x, along, { groups: channels }), across, { groups: channels }));
}

/**
 * Mean of a map of {@linkcode ssimMaps} over the positions of a mask [N,1,H,W] of 0 and 1: [N], NaN
 * where the mask is empty.
 */
export function maskedMean(map: Tensor, mask: Tensor): Tensor {
  return scope(() => {
    const dim = [1, 2, 3];
    const fitting = map.shape[2] === mask.shape[2] ? mask : inside(mask);
    return div(sum(mul(map, fitting), { dim }), mul(sum(fitting, { dim }), map.shape[1]));
  });
}
