/**
 * A body fitted to a whole clip at once: poses of all frames, one shape, places and one focal length.
 * First guesses come from the 3D landmarks; then place and lens are fitted, then all, then all again
 * once it is known which way is up and where feet stand.
 * @module
 */
import { InputError } from "../errors.ts";
import {
  type BodyMesh,
  type Camera,
  fromAxisAngle,
  JOINT_NAMES,
  type Motion,
  multiply,
  toAxisAngle,
} from "../geometry/mod.ts";
import { Adam } from "./adam.ts";
import { ClipObjective, footSpots } from "./clip_objective.ts";
import type { ClipBeliefs, ClipParameters, ClipView, ParameterName } from "./clip_parameters.ts";
import { type Evidence, evidenceOf, type SeenClip } from "./evidence.ts";
import { BELIEVED_LENS, firstGuess } from "./first_guess.ts";
import { findFloor, type Floor, type FootPaths, standOn, uprightTurn } from "./floor.ts";
import { anchorMarks } from "./marks.ts";
import { matchOutlines } from "./match_outlines.ts";
import { type BodySpot, TensorBody } from "./tensor_body.ts";

/** Rises when fits change, so that none of before is taken for one of now. */
export const FIT_VERSION = 7;

/** A fitted clip. World: Y up, the floor at 0, the camera over x = z = 0; metres. */
export interface ClipFit {
  /** Poses and places of all frames. */
  readonly motion: Motion;
  /** Coefficients of the body's shapes. */
  readonly shape: Float32Array;
  /** One a frame. */
  readonly cameras: readonly Camera[];
  /** [F] mean distance of the landmarks from the body's spots, as a share of its height; NaN: not seen. */
  readonly errors: Float32Array;
  /** [F·4] how surely heels and toes stand: left, then right. */
  readonly stands: Float32Array;
}

/** What a fit is told besides what is seen. */
export interface ClipFitOptions {
  /** The body that is fitted. */
  readonly body: BodyMesh;
  /** Deviations after which a landmark counts as wrong, at least. Default: what suits clips. */
  readonly robust?: number;
  /** Is told of each step. */
  readonly onStep?: (
    state: { readonly step: number; readonly of: number; readonly loss: number },
  ) => void;
  /** Stops the fit when aborted. */
  readonly signal?: AbortSignal;
}

interface Stage extends ClipBeliefs {
  readonly steps: number;
  /** Of Adam; it falls to a tenth. */
  readonly rate: number;
  readonly moves: readonly ParameterName[];
}

const place: readonly ParameterName[] = ["place", "logScale", "shape", "logFocal", "logSize"];
const all: readonly ParameterName[] = ["pose", ...place];
const whole: readonly ParameterName[] = [...all, "spots", "marks"];

const stages: Stage[] = [
  {
    ...{ steps: 60, rate: 0.05, moves: place, point: 0.03, mark: 0.02, world: [0.08, 0.16] },
    ...{ robust: 6, pose: 1, smooth: 0.03, contact: 0, outline: 0.02 },
  },
  {
    ...{ steps: 100, rate: 0.05, moves: all, point: 0.015, mark: 0.02, world: [0.06, 0.12] },
    ...{ robust: 4, pose: 0.5, smooth: 0.2, contact: 0, outline: 0.02 },
  },
  {
    ...{ steps: 80, rate: 0.02, moves: whole, point: 0.01, mark: 0.015, world: [0.06, 0.12] },
    ...{ robust: 3, pose: 0.5, smooth: 0.2, contact: 0, outline: 0.02 },
  },
];
/** With contacts: how far a person is away errs by more than feet may slide, so at first they may. */
const last: Stage[] = [20, 6].map((contact) => ({
  ...{ steps: 60, rate: 0.02, moves: whole, point: 0.01, mark: 0.006, world: [0.06, 0.12] },
  ...{ robust: 3, pose: 0.5, smooth: 0.2, contact, outline: 0.02 },
}));

/** Fewer frames do not tell where spots lie on a person from where a limb is. */
const FEW = 8;

/** How fast groups move, relative to the stage's rate. */
const rates: Readonly<Record<ParameterName, number>> = {
  pose: 1,
  place: 0.3,
  logScale: 0.5,
  shape: 2,
  logFocal: 0.5,
  logSize: 0.2,
  spots: 3,
  marks: 3,
};

/**
 * Fits a body to what is seen of a person over a clip.
 * @throws {InputError} when the person is seen in no frame
 */
export function fitClip(seen: SeenClip, options: ClipFitOptions): ClipFit {
  const { body } = options;
  if (!seen.frames.some((frame) => frame)) {
    throw new InputError("the person is seen in no frame, expected at least one");
  }
  const evidence = evidenceOf(seen, body);
  const pelvis: BodySpot = { joints: [0] };
  using model = new TensorBody(body, [...evidence.spots, pelvis]);
  const level = levelView(seen, evidence);
  const total = [...stages, ...last].reduce((sum, { steps }) => sum + steps, 0);
  let done = 0;
  const known = seen.focal !== undefined;
  const { robust = 0 } = options;
  const run = (view: ClipView, stages: readonly Stage[], from: ClipParameters) => {
    using objective = new ClipObjective(model, view);
    let parameters = from;
    for (const { moves, ...rest } of stages) {
      const stage = {
        ...rest,
        robust: Math.max(robust, rest.robust),
        moves: moves.filter((name) =>
          !(known && name === "logFocal") && !(seen.frames.length < FEW && name === "spots")
        ),
      };
      parameters = walk(objective, stage, parameters, (loss) => {
        options.signal?.throwIfAborted();
        options.onStep?.({ step: ++done, of: total, loss });
      });
    }
    return { parameters, seen: objective.seen(parameters) };
  };
  const rough = run(level, stages.slice(0, -1), firstGuess(level, { body, known }));
  const found = result(rough.parameters, { view: level, body, seen, spots: rough.seen });
  const marks = anchorMarks(seen.marks ?? [], { ...found, body });
  const marked = withOutlines({ ...level, marks }, () => found, { body, seen });
  let fit: { view: ClipView; parameters: ClipParameters; seen: Float32Array } = {
    view: marked,
    ...run(marked, stages.slice(-1), {
      ...rough.parameters,
      marks: new Float32Array(marks.offsets.length),
    }),
  };
  let plane = seen.floor;
  for (const stage of last) {
    const paths = footPaths(fit.seen, { view: fit.view, body, shape: fit.parameters.shape });
    const { floor, scale } = plane ? standOn(paths, plane) : { floor: findFloor(paths), scale: 1 };
    const { view, parameters } = upright(fit.view, fit.parameters, floor);
    const logScale = parameters.logScale.map((value) => value + Math.log(scale));
    const placed = { ...parameters, logScale };
    const outlined = withOutlines(
      view,
      () => result(placed, { view, body, seen, spots: fit.seen }),
      { body, seen },
    );
    fit = { view, ...run(outlined, [stage], placed) };
    // The axes are upright from now on.
    plane &&= { pitch: 0, roll: 0, height: plane.height };
  }
  return result(fit.parameters, { view: fit.view, body, seen, spots: fit.seen });
}

/** The same clip with where the edges of the body so far should be seen. */
function withOutlines(
  view: ClipView,
  fit: () => ClipFit,
  { body, seen: { outlines } }: { body: BodyMesh; seen: SeenClip },
): ClipView {
  if (!outlines) return view;
  return { ...view, outlines: { body, evidence: matchOutlines(outlines, { ...fit(), body }) } };
}

/** The clip in axes of the first frame's camera, turned to Y up and ahead −Z. */
function levelView(
  { frames, turns, width, height, fps, focal }: SeenClip,
  evidence: Evidence,
): ClipView {
  const views = new Float32Array(frames.length * 9);
  frames.forEach((_, f) => {
    const turn = turns?.[f] ?? [1, 0, 0, 0, 1, 0, 0, 0, 1];
    for (let i = 0; i < 9; i++) views[f * 9 + i] = (i % 3 === 0 ? 1 : -1) * turn[i];
  });
  return {
    evidence,
    fps,
    focal: focal ?? BELIEVED_LENS * Math.max(width, height),
    unit: height,
    views,
  };
}

function walk(
  objective: ClipObjective,
  stage: Stage,
  from: ClipParameters,
  onStep: (loss: number) => void,
): ClipParameters {
  const to: ClipParameters = { ...from };
  for (const name of stage.moves) Object.assign(to, { [name]: from[name].slice() });
  const adam = new Adam(stage.moves.map((name) => to[name]));
  for (let step = 1; step <= stage.steps; step++) {
    const { loss, gradients } = objective.gradients(to, stage, stage.moves);
    const rate = stage.rate * 0.1 ** (step / stage.steps);
    adam.step(gradients, stage.moves.map((name) => rate * rates[name]));
    onStep(loss);
  }
  return to;
}

/** Ways of feet and trunk, from spots in the cameras' axes. */
function footPaths(
  spots: Float32Array,
  { view: { evidence, views, fps }, body, shape }: {
    view: ClipView;
    body: BodyMesh;
    shape: Float32Array;
  },
): FootPaths {
  const { frames, sure, spots: { length: L } } = evidence;
  const at = (f: number, spot: number) => {
    const from = (f * L + spot) * 3;
    return [0, 1, 2].map((c) =>
      [0, 1, 2].reduce((sum, r) => sum + views[f * 9 + r * 3 + c] * spots[from + r], 0)
    );
  };
  const middle = (f: number, a: number, b: number) => {
    const [p, q] = [at(f, a), at(f, b)];
    return p.map((value, c) => (value + q[c]) / 2);
  };
  const each = <T>(make: (f: number) => T[]) =>
    Array.from({ length: frames }, (_, f) => make(f)).flat();
  const joints = body.poseJoints({ pose: new Float32Array(72), shape });
  const level = (name: typeof JOINT_NAMES[number]) => joints[JOINT_NAMES.indexOf(name) * 3 + 1];
  return {
    fps,
    feet: each((f) => footSpots.flatMap((spot) => at(f, spot))),
    sure: each((f) => footSpots.map((spot) => sure[f * L + spot])),
    trunk: each((f) => {
      const [low, high] = [middle(f, 27, 28), middle(f, 11, 12)];
      return high.map((value, c) => value - low[c]);
    }),
    upright: level("left_shoulder") - level("left_ankle"),
  };
}

/** The same clip in axes in which Y is up, with what is known of the feet. */
function upright(
  view: ClipView,
  parameters: ClipParameters,
  floor: Floor,
): { view: ClipView; parameters: ClipParameters } {
  const turn = uprightTurn(floor);
  const views = view.views.map((_, i) => {
    const [row, column] = [i - i % 3, i % 3 * 3];
    return view.views[row] * turn[column] + view.views[row + 1] * turn[column + 1] +
      view.views[row + 2] * turn[column + 2];
  });
  const quaternion = multiply(
    fromAxisAngle([0, 0, floor.roll]),
    fromAxisAngle([floor.pitch, 0, 0]),
  );
  const pose = parameters.pose.slice();
  for (let at = 0; at < pose.length; at += 72) {
    pose.set(toAxisAngle(multiply(quaternion, fromAxisAngle(pose, at))), at);
  }
  return { view: { ...view, views, floor }, parameters: { ...parameters, pose } };
}

function result(
  { pose, place, logScale, shape, logFocal }: ClipParameters,
  { view, body, seen, spots }: {
    view: ClipView;
    body: BodyMesh;
    seen: SeenClip;
    spots: Float32Array;
  },
): ClipFit {
  const { views, unit, fps, evidence, floor } = view;
  const frames = logScale.length;
  const focal = view.focal * Math.exp(logFocal[0]);
  const rest = body.poseJoints({ pose: new Float32Array(72), shape });
  const translations = new Float32Array(frames * 3);
  const height = floor?.height ?? 0;
  for (let f = 0; f < frames; f++) {
    const scale = Math.exp(logScale[f]);
    const pelvis = [place[f * 2] * unit * scale, place[f * 2 + 1] * unit * scale, focal * scale];
    for (let c = 0; c < 3; c++) {
      const at = [0, 1, 2].reduce((sum, r) => sum + views[f * 9 + r * 3 + c] * pelvis[r], 0);
      translations[f * 3 + c] = at - rest[c] - (c === 1 ? height : 0);
    }
  }
  const { width } = seen;
  const cameras = Array.from({ length: frames }, (_, f): Camera => {
    const rotation = Float64Array.from(views.subarray(f * 9, f * 9 + 9));
    return {
      ...{ width, height: seen.height, fx: focal, fy: focal, cx: width / 2, cy: seen.height / 2 },
      rotation,
      translation: Float64Array.of(
        rotation[1] * height,
        rotation[4] * height,
        rotation[7] * height,
      ),
    };
  });
  return {
    motion: { fps, frames, poses: pose, translations },
    shape,
    cameras,
    errors: errorsOf(spots, evidence, { focal, logScale }),
    stands: floor?.stands ?? new Float32Array(frames * 4),
  };
}

/** Metres; what errors are shares of. */
const HEIGHT = 1.7;

function errorsOf(
  spots: Float32Array,
  { frames, known, image, sure, spots: { length: L } }: Evidence,
  { focal, logScale }: { readonly focal: number; readonly logScale: Float32Array },
): Float32Array {
  return Float32Array.from({ length: frames }, (_, f) => {
    if (!known[f]) return NaN;
    let [sum, weight] = [0, 0];
    for (let i = f * L; i < f * L + L; i++) {
      const depth = Math.max(0.05, spots[i * 3 + 2]);
      const x = focal * spots[i * 3] / depth - image[i * 2];
      const y = focal * spots[i * 3 + 1] / depth - image[i * 2 + 1];
      sum += sure[i] * Math.hypot(x, y);
      weight += sure[i];
    }
    return sum / Math.max(weight, 1e-9) * Math.exp(logScale[f]) / HEIGHT;
  });
}
