/**
 * A picture that networks look at: turned squares of it at their own size.
 * @module
 */
import {
  avgPool2d,
  type Device,
  div,
  fromBytes,
  gridSample,
  keep,
  permute,
  reshape,
  scope,
  type Tensor,
  tensor,
  to,
} from "../tensor/mod.ts";

/** One rgb24 picture. */
export interface Rgb {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** [height, width, 3]. */
  readonly data: Uint8Array;
}

/** A turned square of a picture, in its pixels. */
export interface Square {
  /** Middle. */
  readonly x: number;
  /** Middle. */
  readonly y: number;
  /** Side. */
  readonly size: number;
  /** Radians, clockwise as seen: where the square's own x axis points. */
  readonly angle: number;
}

/** A place in a square, 0 to 1 from its upper left, in the picture's pixels. */
export function placeIn(square: Square, u: number, v: number): [x: number, y: number] {
  const [cos, sin] = [Math.cos(square.angle), Math.sin(square.angle)];
  const [x, y] = [(u - 0.5) * square.size, (v - 0.5) * square.size];
  return [square.x + cos * x - sin * y, square.y + sin * x + cos * y];
}

/** The square whose own up is the direction from `from` to `to`. */
export function turnedUp(
  from: readonly [number, number],
  to: readonly [number, number],
): number {
  return Math.atan2(to[0] - from[0], from[1] - to[1]);
}

/** A picture and its halved sizes; dispose it. */
export class Pyramid implements Disposable {
  readonly width: number;
  readonly height: number;
  readonly #levels: Tensor[];

  /** Copies the picture to the device. */
  constructor({ width, height, data }: Rgb, { device = "cpu" }: { readonly device?: Device } = {}) {
    this.width = width;
    this.height = height;
    const whole = scope(() => {
      const bytes = to(fromBytes(data, { shape: [1, height, width, 3], dtype: "uint8" }), {
        device,
      });
      return div(to(permute(bytes, [0, 3, 1, 2]), { dtype: "float32" }), 255);
    });
    this.#levels = [keep(whole)];
  }

  /** [1,3,H,W], 0 to 1, halved `level` times; it belongs to the pyramid. */
  level(level: number): Tensor {
    while (this.#levels.length <= level) {
      const last = this.#levels[this.#levels.length - 1];
      this.#levels.push(keep(avgPool2d(last, 2, { stride: 2, ceilMode: true })));
    }
    return this.#levels[level];
  }

  /** The level at which a pixel is nearest to, but not above, `pixels` of the picture's. */
  levelFor(pixels: number): number {
    const most = Math.floor(Math.log2(Math.max(1, Math.min(this.width, this.height) / 8)));
    return Math.max(0, Math.min(most, Math.floor(Math.log2(Math.max(1, pixels)))));
  }

  /**
   * Squares of the picture [B,3,size,size], 0 to 1. Outside there is black, or with `repeat` what lies
   * at the edge.
   */
  crop(
    squares: readonly Square[],
    { size, repeat = true }: { readonly size: number; readonly repeat?: boolean },
  ): Tensor[] {
    return scope(() =>
      squares.map((square) => {
        const source = this.level(this.levelFor(square.size / size));
        const grid = this.#grid(square, size, source);
        return gridSample(source, grid, { paddingMode: repeat ? "border" : "zeros" });
      })
    );
  }

  /** [1,size,size,2]: where each pixel's middle lies, −1 to 1 over the picture. */
  #grid(square: Square, size: number, { device, shape: [, , H, W] }: Tensor): Tensor {
    const level = Math.round(Math.log2(this.width / W));
    // A level may be wider than its share of the picture.
    const [width, height] = [W * 2 ** level, H * 2 ** level];
    const places = new Float32Array(size * size * 2);
    const [cos, sin] = [Math.cos(square.angle), Math.sin(square.angle)];
    for (let row = 0; row < size; row++) {
      const v = ((row + 0.5) / size - 0.5) * square.size;
      for (let column = 0; column < size; column++) {
        const u = ((column + 0.5) / size - 0.5) * square.size;
        const at = (row * size + column) * 2;
        places[at] = (square.x + cos * u - sin * v) / width * 2 - 1;
        places[at + 1] = (square.y + sin * u + cos * v) / height * 2 - 1;
      }
    }
    return reshape(tensor(places, { device }), [1, size, size, 2]);
  }

  [Symbol.dispose](): void {
    for (const level of this.#levels) level.dispose();
  }
}
