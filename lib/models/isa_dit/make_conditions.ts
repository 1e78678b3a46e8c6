/**
 * One clip's conditions as tensors, batch size 1: those that are one for the clip, and those of its
 * frames, for the whole of it or for one window.
 * @module
 */
import type { BodyPoints, ReferencePositions } from "../../geometry/mod.ts";
import {
  type Device,
  ones,
  scope,
  stack,
  type Tensor,
  tensor,
  to,
  zeros,
} from "../../tensor/mod.ts";
import type { ClipConditions, FrameConditions, MapTensors } from "./condition_table.ts";
import type { IsaDitConfig } from "./config.ts";
import { pointFeatures } from "./reference_features.ts";

// C latent channels, T latent frames, h×w latent size, K poses, P points of all persons

/** What is one for a clip, before it becomes tensors. */
export interface ClipParts {
  readonly positions: ReferencePositions;
  /** Normalised reference latent of each person, [1, C, h', w']; the first one's has the clip's size. */
  readonly references: readonly Tensor[];
  /** The first person's reference image for the image encoder, [1, 3, S, S]. */
  readonly image: Tensor;
  readonly backgroundGiven: boolean;
}

/** Conditions that are one for a clip. */
export function clipConditions(
  config: IsaDitConfig,
  { positions, references, image, backgroundGiven }: ClipParts,
  { device = "cpu" }: { device?: Device } = {},
): ClipConditions {
  const { referenceUv, referenceVisible, person } = positions;
  const P = person.length;
  const perPerson = P / references.length;
  const others = config.identity === "scd" ? references.slice(1) : [];
  const indices = (values: Iterable<number>) =>
    tensor([...values], { shape: [1, P], dtype: "int64", device });
  return scope(() => ({
    reference: to(references[0], { device }),
    ...others.length > 0 && { otherReferences: to(stack(others, 1), { device }) },
    pointFeatures: to(pointFeatures(references, referenceUv), { device }),
    pointVisible: tensor(Float32Array.from(referenceVisible), { shape: [1, P], device }),
    pointPerson: indices(person),
    pointIndex: indices(Array.from({ length: P }, (_, i) => i % perPerson)),
    image: to(image, { device }),
    backgroundGiven: backgroundGiven ? ones([1], { device }) : zeros([1], { device }),
    subjectGiven: ones([1], { device }),
  }));
}

/** What a clip or a window has for each of its frames, before it becomes tensors. */
export interface FrameParts {
  readonly body: Pick<BodyPoints, "K" | "P" | "points" | "pointsNdc" | "inFront">;
  /** Plücker images, [6·f_t, T, h, w]. */
  readonly plucker: Float32Array;
  /** Normalised background latent, [1, C, T, h, w]; absent: none is given. */
  readonly background?: Tensor;
  /** Latents of the maps that the model reads, [1, channels, T, h, w]. */
  readonly maps: MapTensors;
  readonly h: number;
  readonly w: number;
}

/** Conditions of a clip's frames. */
export function frameConditions(
  { temporalFactor: f, latentChannels: C }: IsaDitConfig,
  { body: { K, P, points, pointsNdc, inFront }, plucker, background, maps, h, w }: FrameParts,
  { device = "cpu" }: { device?: Device } = {},
): FrameConditions {
  const T = K / f;
  const behind = inFront.some((flag) => flag !== 1);
  return scope(() => ({
    points: tensor(points, { shape: [1, K, P, 3], device }),
    pointsNdc: tensor(pointsNdc, { shape: [1, K, P, 3], device }),
    ...behind && { pointInFront: tensor(Float32Array.from(inFront), { shape: [1, K, P], device }) },
    background: background ? to(background, { device }) : zeros([1, C, T, h, w], { device }),
    plucker: tensor(plucker, { shape: [1, 6 * f, T, h, w], device }),
    ...Object.fromEntries(
      Object.entries(maps).map(([name, map]) => [name, map && to(map, { device })]),
    ),
  }));
}
