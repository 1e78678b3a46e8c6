import { type Init, Linear, type Vars, zeroInit } from "../../nn/mod.ts";
import { add, full, mul, scope, sub, type Tensor } from "../../tensor/mod.ts";
import type { IsaDitConfig } from "./config.ts";
import type { Streams } from "./layer.ts";

/** The two streams of a grid: one updated along time, one along views (4Real-Video). */
export interface GridStreams {
  readonly time: Streams;
  readonly view: Streams;
}

const halfInit: Init = { kind: "computed", make: () => full([1], 0.5) };

/** a·weight + b·(1 − weight). */
export function mix(a: Tensor, b: Tensor, weight: Tensor): Tensor {
  return add(mul(a, weight), mul(b, sub(1, weight)));
}

/** Registers a synchronisation layer's variables and returns what it does. */
export function synchronisation(
  vars: Vars,
  { views, width, pointWidth }: IsaDitConfig,
  { points }: { readonly points: boolean },
): (streams: GridStreams) => GridStreams {
  if (views === "hard") {
    const weight = vars.parameter("time_weight", [1], halfInit);
    return hardSynchronisation(weight, points);
  }
  if (views === "soft") {
    const map = (name: string, dim: number) =>
      new Linear(vars.sub(name), dim, dim, { init: { weight: zeroInit, bias: zeroInit } });
    const pixels = { toTime: map("view_to_time", width), toView: map("time_to_view", width) };
    return softSynchronisation(
      pixels,
      points
        ? {
          toTime: map("points.view_to_time", pointWidth),
          toView: map("points.time_to_view", pointWidth),
        }
        : undefined,
    );
  }
  return (streams) => streams;
}

/** Both streams become one, a weighted mean. */
function hardSynchronisation(
  weight: Tensor,
  points: boolean,
): (streams: GridStreams) => GridStreams {
  return ({ time, view }) =>
    scope(() => {
      const one = {
        x_BTLD: mix(time.x_BTLD, view.x_BTLD, weight),
        points_BTSE: points ? mix(time.points_BTSE, view.points_BTSE, weight) : time.points_BTSE,
      };
      return { time: one, view: one };
    });
}

interface Exchange {
  readonly toTime: Linear;
  readonly toView: Linear;
}

/** Each stream keeps its tokens and adds a map of the other's. */
function softSynchronisation(
  pixels: Exchange,
  points: Exchange | undefined,
): (streams: GridStreams) => GridStreams {
  const add2 = (own: Tensor, map: Linear, other: Tensor) =>
    scope(() => add(own, map.forward(other)));
  return ({ time, view }) =>
    scope(() => ({
      time: {
        x_BTLD: add2(time.x_BTLD, pixels.toTime, view.x_BTLD),
        points_BTSE: points
          ? add2(time.points_BTSE, points.toTime, view.points_BTSE)
          : time.points_BTSE,
      },
      view: {
        x_BTLD: add2(view.x_BTLD, pixels.toView, time.x_BTLD),
        points_BTSE: points
          ? add2(view.points_BTSE, points.toView, time.points_BTSE)
          : view.points_BTSE,
      },
    }));
}
