// N rows, P features, Q targets

import {
  add,
  div,
  eye,
  item,
  linalgSolve,
  matmul,
  mul,
  scope,
  square,
  sub,
  sum,
  type Tensor,
  to,
  trace,
  transpose,
} from "../tensor/mod.ts";

/** Rows that a linear map is fitted to, and rows that it is judged by. */
export interface ProbeRows {
  /** Features [N,P], a column of ones among them. */
  readonly x: Tensor;
  /** Targets [N,Q]. */
  readonly y: Tensor;
  /** Features that the map has not seen. */
  readonly unseenX: Tensor;
  /** Their targets. */
  readonly unseenY: Tensor;
}

/** Ridge, as a share of the features' mean energy: for columns that depend on each other. */
const RIDGE = 1e-6;

/**
 * Share of the unseen targets' energy (about 0) that the least-squares map explains; below 0 where it
 * does harm.
 */
export function explainedShare({ x, y, unseenX, unseenY }: ProbeRows): number {
  return scope(() => {
    const [features, targets] = [x, y].map((rows) => to(rows, { dtype: "float64" }));
    const P = features.shape[1];
    const gram = matmul(transpose(features, 0, 1), features);
    const ridge = mul(eye(P, { dtype: "float64" }), div(mul(trace(gram), RIDGE), P));
    const map = linalgSolve(add(gram, ridge), matmul(transpose(features, 0, 1), targets));
    const wanted = to(unseenY, { dtype: "float64" });
    const rest = sub(wanted, matmul(to(unseenX, { dtype: "float64" }), map));
    return 1 - item(sum(square(rest))) / item(sum(square(wanted)));
  });
}
