/**
 * What a fit to key points makes small, and its gradients.
 * @module
 */
import {
  add,
  cat,
  div,
  exp,
  grad,
  indexSelect,
  mul,
  narrow,
  neg,
  noGrad,
  relu,
  scope,
  select,
  sqrt,
  sub,
  sum,
  type Tensor,
  tensor,
  toNumbers,
} from "../../tensor/mod.ts";
import { bendSigns, meanPose, poseWeights } from "../pose_prior.ts";
import type { Landmark } from "./landmarks.ts";
import type { DetectedPerson } from "./read.ts";
import type { TensorBody } from "../tensor_body.ts";

// B candidates, N key points, D parameters of a candidate

/** What is made small at one time of a fit, and how. */
export interface Stage {
  readonly steps: number;
  /** Of Adam; it falls to a tenth. */
  readonly rate: number;
  /** Share of the person's size at which a key point begins to count as wrong. */
  readonly robust: number;
  /** Weight of what is believed of poses. */
  readonly pose: number;
  readonly moves: { readonly pose: boolean; readonly shape: boolean };
}

/** Weights of bending the wrong way, of shape, of focal length. */
const [BEND, SHAPE, FOCAL] = [0.05, 5e-5, 0.02];

/** One candidate's parameters as numbers. */
interface Values {
  readonly pose: Float64Array;
  readonly shape: Float64Array;
  readonly translation: [number, number, number];
  readonly logFocal: number;
}

/** A row of parameters: pose, shape, x, y, logarithms of depth and of the focal length's factor. */
export class Layout {
  readonly #shapes: number;

  constructor(shapes: number) {
    this.#shapes = shapes;
  }

  /** Numbers as a row. */
  write(
    { pose, shape, x, y, depth }: Pick<Values, "pose" | "shape"> & {
      readonly x: number;
      readonly y: number;
      readonly depth: number;
    },
  ): Float64Array {
    return Float64Array.of(...pose, ...shape, x, y, Math.log(depth), 0);
  }

  /** A row as numbers. */
  read(row: Float64Array): Values {
    const [x, y, logDepth, logFocal] = row.subarray(72 + this.#shapes);
    const shape = row.slice(72, 72 + this.#shapes);
    return { pose: row.slice(0, 72), shape, translation: [x, y, -Math.exp(logDepth)], logFocal };
  }

  /** Which parameters a stage moves; root and place always. */
  moved({ moves }: Stage): boolean[] {
    const last = 72 + this.#shapes + 3;
    return Array.from({ length: last + 1 }, (_, i) => {
      if (i < 3) return true;
      if (i < 72) return moves.pose;
      if (i < 72 + this.#shapes || i === last) return moves.shape;
      return true;
    });
  }

  /** Rows [B, D] as tensors of the body's function. */
  split(rows: Tensor): { pose: Tensor; shape: Tensor; translation: Tensor; logFocal: Tensor } {
    const at = 72 + this.#shapes;
    const depth = neg(exp(narrow(rows, 1, at + 2, 1)));
    return {
      pose: narrow(rows, 1, 0, 72),
      shape: narrow(rows, 1, 72, this.#shapes),
      translation: cat([narrow(rows, 1, at, 2), depth], 1),
      logFocal: narrow(rows, 1, at + 3, 1),
    };
  }
}

/** The camera that is believed. */
export interface BelievedView {
  /** Pixels. */
  readonly focal: number;
  readonly cx: number;
  readonly cy: number;
}

/** Loss over rows of parameters, a row a candidate. Free it after use. */
export class FitObjective {
  readonly layout: Layout;
  readonly model: TensorBody<Landmark>;
  readonly #view: BelievedView;
  readonly #size: number;
  readonly #fixed: Readonly<
    Record<"spots" | "x" | "y" | "confidence" | "mean" | "weights" | "signs" | "bends", Tensor>
  >;

  constructor(model: TensorBody<Landmark>, person: DetectedPerson, view: BelievedView) {
    this.model = model;
    this.layout = new Layout(model.shapes);
    this.#view = view;
    const [width, height] = (["x", "y"] as const).map((axis) => {
      const values = person.map((point) => point[axis]);
      return Math.max(...values) - Math.min(...values);
    });
    this.#size = Math.hypot(width, height);
    const sure = person.reduce((sum, { confidence }) => sum + confidence, 0);
    const row = (values: Iterable<number>) => tensor(Float32Array.from(values));
    this.#fixed = {
      spots: tensor(
        person.map(({ spot }) => model.spots.findIndex((mark) => mark.spot === spot)),
        { dtype: "int64" },
      ),
      x: row(person.map(({ x }) => x)),
      y: row(person.map(({ y }) => y)),
      confidence: row(person.map(({ confidence }) => confidence / sure)),
      mean: row(meanPose),
      weights: row(poseWeights),
      signs: row(bendSigns),
      bends: row(bendSigns.map(Math.abs)),
    };
  }

  /** Each candidate's gradient. */
  gradients(rows: readonly Float64Array[], stage: Stage): Float64Array[] {
    const D = rows[0].length;
    return scope(() => {
      const all = this.#tensorOf(rows).setRequiresGrad(true);
      const [gradient] = grad([sum(this.#losses(all, stage))], [all]);
      const flat = toNumbers(gradient!);
      return rows.map((_, b) => Float64Array.from(flat.slice(b * D, (b + 1) * D)));
    });
  }

  /** Each candidate's loss. */
  losses(rows: readonly Float64Array[], stage: Stage): number[] {
    return noGrad(() => scope(() => toNumbers(this.#losses(this.#tensorOf(rows), stage))));
  }

  /** Mean distance of a candidate's spots from the key points, in pixels, by how sure they are. */
  distance(row: Float64Array): number {
    return noGrad(() =>
      scope(() => {
        const parts = this.layout.split(this.#tensorOf([row]));
        const { x, y } = this.#residuals(parts);
        const pixels = sqrt(add(mul(x, x), mul(y, y)));
        return toNumbers(sum(mul(pixels, this.#fixed.confidence)))[0];
      })
    );
  }

  #tensorOf(rows: readonly Float64Array[]): Tensor {
    return tensor(Float32Array.from(rows.flatMap((row) => [...row])), {
      shape: [rows.length, rows[0].length],
    });
  }

  /** Pixels from the key points to the spots, [B, N] each. */
  #residuals(parts: ReturnType<Layout["split"]>): { x: Tensor; y: Tensor } {
    const { pose, shape, translation, logFocal } = parts;
    const { spots, x, y } = this.#fixed;
    const { focal, cx, cy } = this.#view;
    const points_BN3 = indexSelect(this.model.forward(pose, shape, translation), 1, spots);
    const [X, Y, Z] = [0, 1, 2].map((axis) => select(points_BN3, 2, axis));
    // The camera looks along −Z with Y up.
    const scale = div(mul(exp(logFocal), focal), neg(Z));
    return {
      x: sub(add(mul(X, scale), cx), x),
      y: sub(add(mul(neg(Y), scale), cy), y),
    };
  }

  #losses(rows: Tensor, stage: Stage): Tensor {
    const { confidence, mean, weights, signs, bends } = this.#fixed;
    const parts = this.layout.split(rows);
    const { x, y } = this.#residuals(parts);
    const square = div(add(mul(x, x), mul(y, y)), this.#size ** 2);
    // Geman and McClure: near 0 the square, far off a constant.
    const robust = div(square, add(div(square, stage.robust ** 2), 1));
    const off = sub(parts.pose, mean);
    const wrong = relu(mul(neg(mul(parts.pose, signs)), bends));
    const rowSum = (values: Tensor) => sum(values, { dim: 1 });
    const believed = [
      [rowSum(mul(mul(off, off), weights)), stage.pose],
      [rowSum(mul(wrong, wrong)), BEND],
      [rowSum(mul(parts.shape, parts.shape)), SHAPE],
      [rowSum(mul(parts.logFocal, parts.logFocal)), FOCAL],
    ] as const;
    return believed.reduce(
      (loss, [value, weight]) => add(loss, mul(value, weight)),
      rowSum(mul(robust, confidence)),
    );
  }

  /** Frees the constants; the body's model stays. */
  [Symbol.dispose](): void {
    for (const constant of Object.values(this.#fixed)) constant.dispose();
  }
}
