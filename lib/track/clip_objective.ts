/**
 * What a fit over a clip makes small, as a negative logarithm of how likely body, place and lens are,
 * and its gradients.
 * @module
 */
import {
  add,
  cat,
  clamp,
  detach,
  div,
  exp,
  grad,
  indexSelect,
  matmul,
  mul,
  narrow,
  noGrad,
  relu,
  scope,
  sub,
  sum,
  type Tensor,
  tensor,
  toFloat32,
  toNumbers,
  unsqueeze,
} from "../tensor/mod.ts";
import { bodySpots } from "../perception/mod.ts";
import type { ClipBeliefs, ClipParameters, ClipView, ParameterName } from "./clip_parameters.ts";
import { aboutMiddles } from "./evidence.ts";
import { type Floor, FOOT_SPOTS } from "./floor.ts";
import { accelerationOf, bendSigns, meanPose, poseWeights } from "./pose_prior.ts";
import { MarkObjective } from "./mark_objective.ts";
import { OutlineObjective } from "./outline_objective.ts";
import { gemanMcClure } from "./robust.ts";
import type { TensorBody } from "./tensor_body.ts";

// F frames, L spots, B the 33 body landmarks

/** Spots of {@linkcode FOOT_SPOTS}. */
export const footSpots: readonly number[] = [
  "left_heel",
  "left_foot_index",
  "right_heel",
  "right_foot_index",
].map((name) => bodySpots.findIndex((spot) => spot === name));

/** Weights of bending the wrong way, of shape, of the focal length and the size. */
const [BEND, SHAPE, FOCAL, SIZE] = [20, 0.5, 1 / (2 * 0.2 ** 2), 1 / (2 * 0.05 ** 2)];
/**
 * Deviation, metres, of where a network marks a person from where the body has that spot: faces differ, and
 * clothes and habits of the network; over a clip it is the same.
 */
const SPOT = 0.015;
/** Of turns that change their speed, radians a second². */
const TURN_ACCELERATION = 100;
/** Deviations of a foot that stands: metres a second that it slides, metres off the floor. */
const [SLIDE, LIFT] = [0.1, 0.02];

/** Loss over the parameters of a clip. Free it after use. */
export class ClipObjective {
  readonly #model: TensorBody;
  readonly #view: ClipView;
  readonly #fixed: Record<string, Tensor>;
  readonly #marks?: MarkObjective;
  readonly #outlines?: OutlineObjective;

  constructor(model: TensorBody, view: ClipView) {
    this.#model = model;
    this.#view = view;
    const { evidence, views } = view;
    const { frames: F, spots } = evidence;
    const L = spots.length, B = evidence.world.length / F / 3;
    const { middles, world } = aboutMiddles(evidence);
    if (view.marks?.frame.length) this.#marks = new MarkObjective(view.marks, views);
    if (view.outlines?.evidence.frame.length) {
      const { body, evidence } = view.outlines;
      this.#outlines = new OutlineObjective(evidence, { body, shapes: model.shapes, views });
    }
    this.#fixed = {
      image: tensor(evidence.image, { shape: [F, L, 2] }),
      sure: tensor(evidence.sure, { shape: [F, L] }),
      world: tensor(world, { shape: [F, B, 3] }),
      middles: tensor(middles, { shape: [F, 1, B] }),
      worldSure: tensor(evidence.worldSure, { shape: [F, B] }),
      toWorld: tensor(views, { shape: [F, 3, 3] }),
      toCamera: tensor(transposed(views), { shape: [F, 3, 3] }),
      mean: tensor(Float32Array.from(meanPose)),
      weights: tensor(Float32Array.from(poseWeights)),
      signs: tensor(Float32Array.from(bendSigns)),
      bends: tensor(Float32Array.from(bendSigns, Math.abs)),
      ...view.floor ? contactTensors(view.floor.stands, F) : {},
      still: tensor(new Float32Array(3), { shape: [1, 1, 3] }),
      calm: tensor(Float32Array.from(spots, ({ joints: [j] }) => 1 / accelerationOf(j)), {
        shape: [1, L, 1],
      }),
    };
  }

  /** Loss and the gradients of some groups. */
  gradients(
    parameters: ClipParameters,
    beliefs: ClipBeliefs,
    moved: readonly ParameterName[],
  ): { loss: number; gradients: Float32Array[] } {
    return scope(() => {
      const tensors = this.#tensors(parameters);
      for (const name of moved) tensors[name].setRequiresGrad(true);
      const loss = this.#loss(tensors, beliefs);
      const found = grad([loss], moved.map((name) => tensors[name]), { allowUnused: true });
      return {
        loss: toNumbers(loss)[0],
        gradients: found.map((one, i) =>
          one ? toFloat32(one) : new Float32Array(parameters[moved[i]].length)
        ),
      };
    });
  }

  /** All spots in each frame's camera axes, metres, [F·L·3]. */
  seen(parameters: ClipParameters): Float32Array {
    return noGrad(() => scope(() => toFloat32(this.#place(this.#tensors(parameters)).camera)));
  }

  #tensors(parameters: ClipParameters): Record<ParameterName, Tensor> {
    const F = this.#view.evidence.frames;
    const { pose, place, logScale, shape, logFocal, logSize, spots, marks } = parameters;
    return {
      spots: tensor(spots, { shape: [1, spots.length / 3, 3] }),
      marks: tensor(marks, { shape: [marks.length / 3, 3] }),
      pose: tensor(pose, { shape: [F, 72] }),
      place: tensor(place, { shape: [F, 2] }),
      logScale: tensor(logScale, { shape: [F, 1] }),
      shape: tensor(shape, { shape: [1, shape.length] }),
      logFocal: tensor(logFocal, { shape: [1, 1] }),
      logSize: tensor(logSize, { shape: [1, 1] }),
    };
  }

  /** Spots about the pelvis, in world axes, and in the camera, [F, L, 3]; the focal length [1, 1]. */
  #place({ pose, place, logScale, shape, logFocal, spots: off }: Record<ParameterName, Tensor>) {
    const { toCamera, still } = this.#fixed;
    const L = this.#view.evidence.spots.length;
    // The pelvis, which comes last, is what all others are off from.
    const moved = cat([mul(off, SPOT), still], 1);
    const stand = this.#model.stand(pose, shape);
    const spots = this.#model.spotsOf(stand, shape, moved);
    const middle = narrow(spots, 1, L, 1);
    const about = sub(narrow(spots, 1, 0, L), middle);
    const turned = matmul(about, toCamera);
    const focal = mul(exp(logFocal), this.#view.focal);
    const scale = exp(logScale);
    // Metres a pixel and pixels: what is seen hardly changes as the focal length does.
    const pelvis = cat([mul(mul(place, this.#view.unit), scale), mul(focal, scale)], 1);
    // A short lens makes all ways along the view short: smoothness is not to choose it.
    const steady = cat([mul(mul(place, this.#view.unit), scale), mul(detach(focal), scale)], 1);
    return {
      ...{ stand, middle, pelvis },
      turned,
      camera: add(turned, unsqueeze(pelvis, 1)),
      steady: add(turned, unsqueeze(steady, 1)),
      focal,
    };
  }

  #loss(tensors: Record<ParameterName, Tensor>, beliefs: ClipBeliefs): Tensor {
    const placed = this.#place(tensors);
    const { turned, camera, steady, focal } = placed;
    const parts = [
      this.#points(camera, focal, tensors, beliefs),
      ...this.#marks ? [this.#marks.loss(placed, tensors, beliefs)] : [],
      ...this.#outlines ? [this.#outlines.loss(placed, tensors, beliefs)] : [],
      this.#worlds(turned, tensors, beliefs),
      mul(this.#jerks(steady, tensors), beliefs.smooth),
      ...this.#view.floor ? [this.#contacts(steady, this.#view.floor, beliefs)] : [],
      this.#beliefs(tensors, beliefs),
    ];
    return parts.reduce((all, part) => add(all, part));
  }

  /** 2D points: pixels as shares of the person's height there, robust (Geman and McClure). */
  #points(
    camera: Tensor,
    focal: Tensor,
    { logScale }: Record<ParameterName, Tensor>,
    { point, robust }: ClipBeliefs,
  ): Tensor {
    const { image, sure } = this.#fixed;
    const depth = clamp(narrow(camera, 2, 2, 1), { min: 0.05 });
    const seen = mul(div(narrow(camera, 2, 0, 2), depth), unsqueeze(focal, 0));
    // Metres at the pelvis; not to be made small by making the person large.
    const width = mul(unsqueeze(exp(detach(logScale)), 2), 1 / (point * HEIGHT));
    const off = mul(sub(seen, image), width);
    return sum(mul(gemanMcClure(sum(mul(off, off), { dim: 2 }), robust), sure));
  }

  /** 3D points about the middle of those that are seen: of a close-up the hips' own is a guess. */
  #worlds(
    turned: Tensor,
    { logSize }: Record<ParameterName, Tensor>,
    { world: [across, along], robust }: ClipBeliefs,
  ): Tensor {
    const { world, worldSure, middles } = this.#fixed;
    const spots = narrow(turned, 1, 0, world.shape[1]);
    const off = sub(
      sub(spots, matmul(middles, spots)),
      mul(world, unsqueeze(exp(logSize), 0)),
    );
    const square = mul(off, off);
    const flat = mul(sum(narrow(square, 2, 0, 2), { dim: 2 }), across ** -2);
    const deep = mul(sum(narrow(square, 2, 2, 1), { dim: 2 }), along ** -2);
    return sum(mul(gemanMcClure(add(flat, deep), robust), worldSure));
  }

  /** Accelerations in the world, and of the turns. */
  #jerks(camera: Tensor, { pose }: Record<ParameterName, Tensor>): Tensor {
    const { toWorld, calm } = this.#fixed;
    const { fps, evidence: { frames: F } } = this.#view;
    if (F < 3) return sum(mul(camera, 0));
    const second = (x: Tensor) =>
      add(sub(narrow(x, 0, 0, F - 2), mul(narrow(x, 0, 1, F - 2), 2)), narrow(x, 0, 2, F - 2));
    const far = mul(second(matmul(camera, toWorld)), mul(calm, fps * fps));
    const turns = mul(second(narrow(pose, 1, 3, 69)), fps * fps / TURN_ACCELERATION);
    return add(
      sum(gemanMcClure(sum(mul(far, far), { dim: 2 }), 8)),
      sum(mul(turns, turns)),
    );
  }

  /** Feet that stand stay where they are, on the floor. */
  #contacts(
    steady: Tensor,
    { height }: Pick<Floor, "height">,
    { contact }: ClipBeliefs,
  ): Tensor {
    const { toWorld, feet, stands, stay } = this.#fixed;
    const { fps, evidence: { frames: F } } = this.#view;
    const world = indexSelect(matmul(steady, toWorld), 1, feet);
    const off = mul(sub(narrow(world, 2, 1, 1), height), 1 / LIFT);
    const lifted = sum(mul(gemanMcClure(mul(off, off), contact), stands));
    if (F < 2) return lifted;
    const moved = mul(sub(narrow(world, 0, 1, F - 1), narrow(world, 0, 0, F - 1)), fps / SLIDE);
    return add(lifted, sum(mul(gemanMcClure(sum(mul(moved, moved), { dim: 2 }), contact), stay)));
  }

  /** What is believed of poses, shape and lens before anything is seen. */
  #beliefs(
    { pose, shape, logFocal, logSize, spots, marks }: Record<ParameterName, Tensor>,
    { pose: weight }: ClipBeliefs,
  ): Tensor {
    const { mean, weights, signs, bends } = this.#fixed;
    const F = this.#view.evidence.frames;
    const off = sub(pose, mean);
    const wrong = relu(mul(mul(mul(pose, signs), -1), bends));
    const clip = [
      mul(sum(mul(shape, shape)), SHAPE),
      mul(sum(mul(logFocal, logFocal)), FOCAL),
      mul(sum(mul(logSize, logSize)), SIZE),
      mul(sum(mul(spots, spots)), 0.5),
      // Each is one of its own, and is not seen for long.
      ...marks.shape[0] > 0 ? [mul(sum(mul(marks, marks)), 0.5 / Math.sqrt(F))] : [],
    ].reduce((all, part) => add(all, part));
    return add(
      add(
        mul(sum(mul(mul(off, off), weights)), weight),
        mul(sum(mul(wrong, wrong)), BEND),
      ),
      // Errors of neighbouring frames are alike: a clip weighs as some of its frames.
      mul(clip, Math.sqrt(F)),
    );
  }

  /** Frees the constants; the body's model stays. */
  [Symbol.dispose](): void {
    for (const constant of Object.values(this.#fixed)) constant.dispose();
    this.#marks?.[Symbol.dispose]();
    this.#outlines?.[Symbol.dispose]();
  }
}

/** What {@linkcode ClipObjective} needs of feet: which spots, [F, 4, 1] and, between frames, [F−1, 4]. */
function contactTensors(stands: Float32Array, F: number): Record<string, Tensor> {
  const stay = stands.slice(0, Math.max(0, F - 1) * FOOT_SPOTS).map((value, i) =>
    Math.min(value, stands[i + FOOT_SPOTS])
  );
  return {
    feet: tensor([...footSpots], { dtype: "int64" }),
    stands: tensor(stands, { shape: [F, FOOT_SPOTS, 1] }),
    stay: tensor(stay, { shape: [Math.max(0, F - 1), FOOT_SPOTS] }),
  };
}

/** [N·9] matrices, each transposed. */
function transposed(matrices: Float32Array): Float32Array {
  return matrices.map((_, i) => matrices[i - i % 9 + i % 3 * 3 + Math.floor(i % 9 / 3)]);
}

/** Metres; what a person's height in the picture stands for. */
const HEIGHT = 1.7;
