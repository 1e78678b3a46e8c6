/**
 * How near each pixel is to the bodies: where a model may change the picture.
 * @module
 */

/** A picture's coverage by bodies, and the distance over which nearness falls. */
export interface NearOptions {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Pixels up to which a place is near. */
  readonly inner: number;
  /** Pixels beyond which it is not. */
  readonly outer: number;
}

/** Costs of a step along a row or column and across, in thirds of a pixel (Borgefors 1986). */
const STRAIGHT = 3, DIAGONAL = 4;

/** Coverage [height·width] → 255 up to `inner` pixels from a body, falling to 0 at `outer`. */
export function nearBodies(
  coverage: Uint8Array,
  { width, height, inner, outer }: NearOptions,
): Uint8Array {
  const distance = chamferDistance(coverage, width, height);
  const near = new Uint8Array(distance.length);
  const [from, to] = [inner * STRAIGHT, Math.max(outer, inner + 1) * STRAIGHT];
  for (let at = 0; at < near.length; at++) {
    const share = (to - distance[at]) / (to - from);
    near[at] = share >= 1
      ? 255
      : share <= 0
      ? 0
      : Math.round(255 * share * share * (3 - 2 * share));
  }
  return near;
}

/** Distance of each pixel to the nearest that is covered by half, in thirds of a pixel. */
export function chamferDistance(coverage: Uint8Array, width: number, height: number): Int32Array {
  const far = STRAIGHT * (width + height);
  const distance = Int32Array.from(coverage, (value) => value >= 128 ? 0 : far);
  const relax = (at: number, other: number, cost: number) => {
    const through = distance[other] + cost;
    if (through < distance[at]) distance[at] = through;
  };
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      if (x > 0) relax(at, at - 1, STRAIGHT);
      if (y === 0) continue;
      relax(at, at - width, STRAIGHT);
      if (x > 0) relax(at, at - width - 1, DIAGONAL);
      if (x + 1 < width) relax(at, at - width + 1, DIAGONAL);
    }
  }
  for (let y = height - 1, at = distance.length - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--, at--) {
      if (x + 1 < width) relax(at, at + 1, STRAIGHT);
      if (y + 1 === height) continue;
      relax(at, at + width, STRAIGHT);
      if (x > 0) relax(at, at + width - 1, DIAGONAL);
      if (x + 1 < width) relax(at, at + width + 1, DIAGONAL);
    }
  }
  return distance;
}
