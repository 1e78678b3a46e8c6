/**
 * Whether a reference picture and its pose belong together, and whether the picture suffices.
 * @module
 */
import { bodyLayer, type BodyMesh, surfaceSamples } from "../geometry/mod.ts";
import { imageSize, readAlpha } from "../io/mod.ts";
import { type Job, photoPose, type Reference } from "../pipelines/job/mod.ts";
import { loadReference, personMask, withoutOthers } from "../pipelines/scene/mod.ts";
import { type FrameFacts, seen } from "./facts.ts";
import { percent, personName, type PreviewWarning } from "./warnings.ts";

/** Longer side, in pixels, at which pose and picture are compared. */
const COMPARED = 192;

/** Clothes and hair reach this share of the body's height beyond the skin. */
const CLOTHES = 0.06;

/**
 * Share of the person that lies off the body, or of the body off the person, from which on they do not
 * belong together. On 60 rendered people with their right poses it is at most 0.39 and 0.41: where
 * clothes have the wall's colour, part of the person is not found.
 */
const PERSON_OFF = 0.5;
const BODY_OFF = 0.6;

/** Pixels of photographs are square; a camera that says otherwise belongs to a picture of another shape. */
const STRETCHED = 0.05;

/** With so much of the body beyond the picture the model finds nothing to look up. */
const POSE_OUTSIDE = 0.9;

/** Enlarging a picture more than so makes its blur the person's skin and cloth. */
const ENLARGED = 1.5;

/** Beyond this the model must invent what a distant picture lacks, or squeeze in what a near one has. */
const SCALE = 2.5;

/** Metres between which people stand upright, from toddlers on; beyond lie other units. */
const HEIGHT_RANGE = [0.75, 2.35] as const;

/** How a pose meets its picture. */
export interface ReferenceFit {
  /** Share of the person that the body covers, 0 to 1; absent where the person was not found. */
  readonly covered?: number;
  /** Share of the body that lies on the person. */
  readonly hit?: number;
  /** Share of the skin that lies outside the picture. */
  readonly outside: number;
  /** Height of the body as a share of the picture's. */
  readonly height: number;
  /** How much wider than high the camera's pixels are: 1 for square ones. */
  readonly stretch: number;
}

/** Compares a reference's pose with its picture; undefined where it has no pose. */
export async function fitReference(
  reference: Reference,
  { job, body }: {
    readonly job: Pick<Job, "width" | "height" | "frameOn">;
    readonly body: BodyMesh;
  },
): Promise<ReferenceFit | undefined> {
  const scale = COMPARED / Math.max(job.width, job.height);
  const size = {
    width: Math.max(1, Math.round(job.width * scale)),
    height: Math.max(1, Math.round(job.height * scale)),
  };
  const { picture, known, marks, others } = await loadReference(reference, { body, ...size });
  if (!known) return undefined;
  const { vertices } = body.pose(known.body);
  const samples = surfaceSamples(body, 256);
  const { outside } = seen(body, vertices, { samples, camera: known.camera });
  // Pose and picture are compared as a whole, the person's size as the model gets it.
  const framed = job.frameOn === "full"
    ? known.camera
    : (await loadReference(reference, { body, ...size, frameOn: job.frameOn })).known!.camera;
  const { height } = seen(body, vertices, { samples, camera: framed });
  const stretch = known.camera.fx / known.camera.fy;
  // How well a fit meets its photo is said where it is made.
  if (photoPose(reference.pose)) return { outside, height, stretch };
  const everybody = personMask(picture, await readAlpha(reference.image, size));
  if (!everybody) return { outside, height, stretch };
  const mask = withoutOthers(everybody, size.width, { marks, others });
  const skin = bodyLayer(body, [vertices], known.camera).person.map((person) => person + 1);
  const reach = Math.max(1, CLOTHES * height * size.height);
  return {
    outside,
    height,
    stretch,
    covered: share(mask, near(skin, size.width, reach)),
    hit: share(skin, near(mask, size.width, reach)),
  };
}

/** What the checks of one person's reference are told. */
export interface ReferenceCheck {
  readonly job: Job;
  readonly index: number;
  readonly reference: Reference;
  readonly body: BodyMesh;
  readonly fit?: ReferenceFit;
  /** Facts of the person, one a frame. */
  readonly track: readonly FrameFacts[];
}

/** Findings about one person's reference and size. */
export async function checkReference(check: ReferenceCheck): Promise<PreviewWarning[]> {
  return [
    ...poseFit(check),
    ...pictureScale(check),
    ...await pictureSize(check),
  ];
}

function poseFit({ index, fit, reference }: ReferenceCheck): PreviewWarning[] {
  if (!fit) return [];
  const about = { kind: "reference_pose", person: index + 1 } as const;
  const file = `the pose "${short(reference.pose)}"`;
  const mend = "check that pose, camera and picture belong together";
  if (Math.abs(fit.stretch - 1) > STRETCHED) {
    const message =
      `the camera of ${file} is for pictures of another shape than the reference, the body is drawn ${
        fit.stretch.toFixed(2)
      } times as wide: ${mend}`;
    return [{ ...about, value: fit.stretch, limit: 1 + STRETCHED, message }];
  }
  if (fit.outside > POSE_OUTSIDE) {
    const message = `${file} puts the body outside the reference picture: ${mend}`;
    return [{ ...about, value: fit.outside, limit: POSE_OUTSIDE, message }];
  }
  if (fit.covered !== undefined && fit.covered < 1 - PERSON_OFF) {
    const message = `${file} covers only ${
      percent(fit.covered)
    } of the person in the reference picture: ${mend}`;
    return [{ ...about, value: fit.covered, limit: 1 - PERSON_OFF, message }];
  }
  if (fit.hit !== undefined && fit.hit < 1 - BODY_OFF) {
    const message = `only ${percent(fit.hit)} of the body of ${file} lies on the person: ${mend}`;
    return [{ ...about, value: fit.hit, limit: 1 - BODY_OFF, message }];
  }
  return [];
}

function pictureScale({ index, fit, track, job }: ReferenceCheck): PreviewWarning[] {
  const heights = track.filter(({ behind }) => behind === 0).map(({ height }) => height)
    .sort((a, b) => a - b);
  if (!fit || fit.height === 0 || heights.length === 0) return [];
  const typical = heights[heights.length >> 1];
  const value = typical / fit.height;
  if (value <= SCALE && value >= 1 / SCALE) return [];
  const name = personName(index, job.persons.length);
  const how = value > 1 ? "larger" : "smaller";
  return [{
    kind: "scale_mismatch",
    person: index + 1,
    value,
    limit: SCALE,
    message: `${name} is ${percent(typical)} of the picture's height in the video and ${
      percent(fit.height)
    } in the reference, ${
      (value > 1 ? value : 1 / value).toFixed(1)
    } times ${how}: take a nearer or wider picture, or another camera distance`,
  }];
}

async function pictureSize({ reference, index, job }: ReferenceCheck): Promise<PreviewWarning[]> {
  const { width, height } = await imageSize(reference.image);
  const value = Math.max(job.width / width, job.height / height);
  if (value <= ENLARGED) return [];
  return [{
    kind: "reference_small",
    person: index + 1,
    value,
    limit: ENLARGED,
    message: `the reference "${short(reference.image)}" is ${width}×${height} and is enlarged ${
      value.toFixed(1)
    } times for a video of ${job.width}×${job.height}: take a larger picture`,
  }];
}

/** A body whose metres cannot be metres. */
export function checkBodyHeight(
  body: BodyMesh,
  { shape, index, persons }: {
    readonly shape?: Float32Array;
    readonly index: number;
    readonly persons: number;
  },
): PreviewWarning[] {
  const { vertices } = body.pose({ pose: new Float32Array(72), shape });
  let [low, high] = [Infinity, -Infinity];
  for (const v of body.bodyFaces) {
    low = Math.min(low, vertices[v * 3 + 1]);
    high = Math.max(high, vertices[v * 3 + 1]);
  }
  const value = high - low;
  if (value >= HEIGHT_RANGE[0] && value <= HEIGHT_RANGE[1]) return [];
  const name = personName(index, persons);
  return [{
    kind: "body_height",
    person: index + 1,
    value,
    limit: value < HEIGHT_RANGE[0] ? HEIGHT_RANGE[0] : HEIGHT_RANGE[1],
    message: `the body of ${name} is ${value.toFixed(2)} m tall, expected ${HEIGHT_RANGE[0]} to ${
      HEIGHT_RANGE[1]
    } m: check the shape coefficients`,
  }];
}

function short(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Share of the first mask that lies within the second. */
function share(mask: Uint8Array | Int8Array, within: Uint8Array): number {
  let [all, hit] = [0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i]) continue;
    all++;
    hit += within[i];
  }
  return all === 0 ? 0 : hit / all;
}

/** 1 within `reach` pixels of a mask (chamfer distance, at most 8 % too long). */
function near(mask: Uint8Array | Int8Array, width: number, reach: number): Uint8Array {
  const distance = Float32Array.from(mask, (value) => value ? 0 : Infinity);
  const relax = (at: number, steps: readonly (readonly [number, number])[]) => {
    const x = at % width;
    for (const [dx, dy] of steps) {
      const from = at + dy * width + dx;
      if (x + dx < 0 || x + dx >= width || from < 0 || from >= mask.length) continue;
      distance[at] = Math.min(distance[at], distance[from] + Math.hypot(dx, dy));
    }
  };
  const before = [[-1, 0], [-1, -1], [0, -1], [1, -1]] as const;
  const after = before.map(([dx, dy]) => [-dx, -dy] as const);
  for (let at = 0; at < mask.length; at++) relax(at, before);
  for (let at = mask.length - 1; at >= 0; at--) relax(at, after);
  return Uint8Array.from(distance, (value) => value <= reach ? 1 : 0);
}
