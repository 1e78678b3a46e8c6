/**
 * A body fitted to 2D key points, after SMPLify (Bogo et al. 2016): a robust distance between marked
 * and projected spots, beliefs about pose and shape, and stages: where the body stands and which way
 * it faces; its pose; its shape and the camera's focal length. Four ways to face are walked at once,
 * since from a bad one no small step leads out.
 * @module
 */
import { InputError } from "../../errors.ts";
import type { BodyMesh, BodyPose, Camera } from "../../geometry/mod.ts";
import { noGrad, scope, tensor, toNumbers } from "../../tensor/mod.ts";
import { landmarksOf } from "./landmarks.ts";
import { FitObjective, type Stage } from "./objective.ts";
import { meanPose } from "../pose_prior.ts";
import type { DetectedPerson } from "./read.ts";
import { TensorBody } from "../tensor_body.ts";

/** A fitted body. */
export interface KeypointFit {
  readonly body: BodyPose;
  /** The camera stands at the origin, level, and looks along −Z. */
  readonly camera: Camera;
  /** Mean distance of the key points from the body's spots, as a share of the body's height. */
  readonly error: number;
}

/** What a fit is told besides the key points. */
export interface FitOptions {
  readonly body: BodyMesh;
  /** Of the picture, pixels. */
  readonly width: number;
  readonly height: number;
  /** Called between steps, so that a caller may stop. */
  readonly signal?: AbortSignal;
}

/** Key points that are needed at least. */
const LEAST = 6;

/** Vertical angle of view that is believed of an unknown camera, degrees. */
const FIELD_OF_VIEW = 40;

/** Radians about Y: facing the camera, both sides, turned away. */
const FACINGS = [0, Math.PI / 2, Math.PI, -Math.PI / 2];

const stages: readonly Stage[] = [
  { steps: 60, rate: 0.08, robust: 1, pose: 1e-3, moves: { pose: false, shape: false } },
  { steps: 140, rate: 0.06, robust: 0.3, pose: 2e-4, moves: { pose: true, shape: false } },
  { steps: 100, rate: 0.03, robust: 0.1, pose: 3e-5, moves: { pose: true, shape: true } },
];

/**
 * Fits body and camera to a detected person. Throws {@linkcode InputError} where fewer than six key
 * points, or neither shoulders nor hips, are known.
 */
export function fitKeypoints(
  person: DetectedPerson,
  { body, width, height, signal }: FitOptions,
): KeypointFit {
  checkEnough(person);
  using model = new TensorBody(body, landmarksOf(body));
  const focal = height / 2 / Math.tan(FIELD_OF_VIEW * Math.PI / 360);
  const view = { focal, cx: width / 2, cy: height / 2 };
  using objective = new FitObjective(model, person, view);
  let rows = FACINGS.map((facing) => beginning(objective, { person, facing, ...view }));
  for (const stage of stages) {
    signal?.throwIfAborted();
    rows = walk(objective, stage, rows);
  }
  const losses = objective.losses(rows, stages.at(-1)!);
  const best = rows[losses.indexOf(Math.min(...losses))];
  const { pose, shape, translation, logFocal } = objective.layout.read(best);
  const fx = focal * Math.exp(logFocal);
  return {
    body: { pose: Float32Array.from(pose), shape: Float32Array.from(shape), translation },
    camera: {
      ...{ width, height, fx, fy: fx, cx: view.cx, cy: view.cy },
      rotation: Float64Array.of(1, 0, 0, 0, -1, 0, 0, 0, -1),
      translation: new Float64Array(3),
    },
    error: objective.distance(best) / (fx * heightOf(body, shape) / -translation[2]),
  };
}

function checkEnough(person: DetectedPerson): void {
  const has = (name: string) => person.filter(({ spot }) => spot.endsWith(name)).length;
  if (person.length >= LEAST && (has("shoulder") === 2 || has("_hip") >= 1)) return;
  throw new InputError(
    `${person.length} key points are sure enough (${
      person.map(({ spot }) => spot).join(", ") || "none"
    }); at least ${LEAST} are needed, both shoulders or a hip among them`,
  );
}

/** Where the mean body stands to cover the key points, turned about Y. */
function beginning(
  { model, layout }: FitObjective,
  { person, facing, focal, cx, cy }: {
    readonly person: DetectedPerson;
    readonly facing: number;
    readonly focal: number;
    readonly cx: number;
    readonly cy: number;
  },
): Float64Array {
  const pose = meanPose.slice();
  pose[1] = facing;
  const spots = noGrad(() =>
    scope(() => {
      const zeros = (length: number) => tensor(new Float32Array(length), { shape: [1, length] });
      const posed = tensor(Float32Array.from(pose), { shape: [1, 72] });
      return toNumbers(model.forward(posed, zeros(model.shapes), zeros(3)));
    })
  );
  const marked = person.map(({ spot, x, y }) => {
    const at = model.spots.findIndex((landmark) => landmark.spot === spot) * 3;
    return { x, y, X: spots[at], Y: -spots[at + 1] };
  });
  const mean = (key: "x" | "y" | "X" | "Y") =>
    marked.reduce((sum, point) => sum + point[key], 0) / marked.length;
  const spread = (a: "x" | "X", b: "y" | "Y") =>
    Math.sqrt(marked.reduce((sum, p) => sum + (p[a] - mean(a)) ** 2 + (p[b] - mean(b)) ** 2, 0));
  const depth = focal * spread("X", "Y") / Math.max(1, spread("x", "y"));
  const x = (mean("x") - cx) * depth / focal - mean("X");
  const y = -(mean("y") - cy) * depth / focal + mean("Y");
  return layout.write({ pose, shape: new Float64Array(model.shapes), x, y, depth });
}

/** Adam's moments (Kingma and Ba 2015) and its step against division by nothing. */
const [FIRST, SECOND, TINY] = [0.9, 0.99, 1e-9];

/** One stage: Adam with a rate that falls to a tenth. */
function walk(
  objective: FitObjective,
  stage: Stage,
  from: readonly Float64Array[],
): Float64Array[] {
  const rows = from.map((row) => row.slice());
  const [m, v] = [0, 1].map(() => rows.map((row) => new Float64Array(row.length)));
  const moves = objective.layout.moved(stage);
  for (let step = 1; step <= stage.steps; step++) {
    const gradients = objective.gradients(rows, stage);
    const rate = stage.rate * 0.1 ** (step / stage.steps);
    for (const [b, row] of rows.entries()) {
      for (let i = 0; i < row.length; i++) {
        if (!moves[i]) continue;
        const g = gradients[b][i];
        m[b][i] = FIRST * m[b][i] + (1 - FIRST) * g;
        v[b][i] = SECOND * v[b][i] + (1 - SECOND) * g * g;
        const scale = Math.sqrt(v[b][i] / (1 - SECOND ** step)) + TINY;
        row[i] -= rate * m[b][i] / (1 - FIRST ** step) / scale;
      }
    }
  }
  return rows;
}

/** From the soles to the crown, metres. */
function heightOf(body: BodyMesh, shape: ArrayLike<number>): number {
  const { vertices } = body.pose({ pose: new Float32Array(72), shape });
  let [low, high] = [Infinity, -Infinity];
  for (const corner of body.bodyFaces) {
    low = Math.min(low, vertices[corner * 3 + 1]);
    high = Math.max(high, vertices[corner * 3 + 1]);
  }
  return high - low;
}
