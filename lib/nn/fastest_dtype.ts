/**
 * In which number type a device multiplies fastest.
 * @module
 */

import { cpuUsage } from "node:process";
import {
  type Device,
  full,
  isHere,
  linear,
  multipliesBfloat16,
  noGrad,
  placeOf,
  scope,
  synchronize,
} from "../tensor/mod.ts";

/** A number type that products may be made in. */
export type ProductDtype = "float32" | "bfloat16";

/** The number type to take on a device, and why. */
export interface FastestDtype {
  /** What products are made in. */
  readonly dtype: ProductDtype;
  /** One clause, for people. */
  readonly why: string;
}

/** What the choice depends on. */
export interface DtypeFacts {
  /** Whether the device is one of this machine. */
  readonly here: boolean;
  /** Whether it multiplies bfloat16 by instructions of its own. */
  readonly multiplies: boolean;
  /** Seconds of the same product in each type; asked only of a device that is here and multiplies. */
  readonly seconds: (dtype: ProductDtype) => number;
}

/** Share of float32's time that a product must stay below: rounding is not worth less. */
const WORTH = 0.8;

/** Rows and columns of the timed matrices: large enough for tiles of AMX, milliseconds on one core. */
const SIDE = 512;

/** Timed runs of each type, of which the fastest counts. */
const RUNS = 3;

const known = new Map<Device, FastestDtype>();

/** The fastest number type of a device; found out once in a process. */
export function fastestDtype(device: Device): FastestDtype {
  const found = known.get(device) ?? chooseDtype({
    here: isHere(device),
    multiplies: placeOf({ device }) !== "cpu" || multipliesBfloat16(),
    seconds: (dtype) => secondsOfProduct(device, dtype),
  });
  known.set(device, found);
  return found;
}

/** The choice itself. */
export function chooseDtype({ here, multiplies, seconds }: DtypeFacts): FastestDtype {
  if (!multiplies) {
    return { dtype: "float32", why: "this processor has no instructions for bfloat16" };
  }
  if (!here) {
    return { dtype: "bfloat16", why: "the device is of another machine; GPUs multiply it faster" };
  }
  const share = seconds("bfloat16") / seconds("float32");
  const why = `a product in bfloat16 takes ${share.toFixed(2)} of float32's time`;
  return { dtype: share < WORTH ? "bfloat16" : "float32", why };
}

/** On a CPU the time that was worked: others may keep the processor busy. */
function secondsOfProduct(device: Device, dtype: ProductDtype): number {
  const clock = device === "cpu" ? worked : () => performance.now() / 1000;
  return noGrad(() =>
    scope(() => {
      const [x, weight] = [1, 2].map((i) => full([SIDE, SIDE], i / SIDE, { device, dtype }));
      let best = Infinity;
      for (let run = 0; run <= RUNS; run++) {
        synchronize(device);
        const started = clock();
        linear(x, weight);
        synchronize(device);
        if (run > 0) best = Math.min(best, clock() - started); // the first one warms
      }
      return Math.max(best, 1e-6);
    })
  );
}

function worked(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1e6;
}
