/**
 * A scene's persons painted with their references, and drawn over the background.
 * @module
 */
import { bodyLayer, type BodyMesh, scaleCamera } from "../../geometry/mod.ts";
import { type Frames, readAlpha, readImage } from "../../io/mod.ts";
import {
  drawPrior,
  paintBody,
  type PaintedBody,
  type PersonMask,
  plainBody,
  type PriorFrame,
  type PriorPlanes,
  priorTarget,
} from "../../prior/mod.ts";
import { InputError } from "../../errors.ts";
import type { Job } from "../job/mod.ts";
import { personMask, withoutOthers } from "./person_mask.ts";
import type { LoadedReference } from "./reference.ts";
import type { OnNotice, Scene } from "./scene.ts";

/** Longer side, in pixels, at which a person is looked for in a picture. */
const MASK_SIDE = 512;

/** With less of the person's visible side on the picture the pose does not belong to it. */
const LEAST_SEEN = 0.4;

/** The persons of a job as bodies that wear their references. */
export async function paintScene(
  job: Job,
  { body, persons }: Pick<Scene, "body" | "persons">,
  onNotice?: OnNotice,
): Promise<PaintedBody[]> {
  const painted = new Map<LoadedReference, PaintedBody>();
  const all: PaintedBody[] = [];
  for (const [index, { reference }] of persons.entries()) {
    const { image } = job.persons[index].reference ?? job.reference;
    const before = painted.get(reference);
    const known = before ?? await paintReference(body, { image, reference }, onNotice);
    if (!before && known.seenShare < LEAST_SEEN) {
      onNotice?.(
        `only ${
          Math.round(100 * known.seenShare)
        } % of the body's visible side lies on the person of "${image}": the pose does not fit the picture, or most of the person is outside of it`,
      );
    }
    painted.set(reference, known);
    all.push(known);
  }
  return all;
}

/** Below this share of its visible side in the picture on the person a body is not the person's. */
const LEAST_FIT = 0.4;

/** A scene as a model that reads the prior is told of it. */
export interface KnownScene<Own extends Pick<Scene, "body" | "persons">> {
  /** Of a reference that its pose does not fit the pose is not told. */
  readonly scene: Own;
  /** Absent where a reference's pose is not known, or does not fit. */
  readonly painted?: readonly PaintedBody[];
}

/**
 * Paints the persons where their references' poses are known and fit; else nothing is painted, with a
 * notice, and what the persons look like is left to the model.
 */
export async function paintKnown<Own extends Pick<Scene, "body" | "persons">>(
  job: Job,
  scene: Own,
  onNotice?: OnNotice,
): Promise<KnownScene<Own>> {
  if (!scene.persons.every(({ reference }) => reference.whole)) {
    onNotice?.(
      "no body is painted with its picture, since a reference's pose is not known: what the persons look like is left to the model",
    );
    return { scene };
  }
  const painted = await paintScene(job, scene, onNotice);
  if (painted.every(({ fitShare }) => fitShare >= LEAST_FIT)) return { scene, painted };
  onNotice?.(
    "no body is painted with its picture, since a pose does not fit it: what the persons look like is left to the model",
  );
  const persons = scene.persons.map((person, i) =>
    painted[i].fitShare >= LEAST_FIT
      ? person
      : { ...person, reference: { picture: person.reference.picture } }
  );
  return { scene: { ...scene, persons } };
}

/** Bodies of a scene as their references dress them; plain ones where a reference's pose is unknown. */
export async function dressedBodies(job: Job, scene: Scene): Promise<PaintedBody[]> {
  return scene.persons.every(({ reference }) => reference.whole)
    ? await paintScene(job, scene)
    : scene.persons.map(() => plainBody(scene.body));
}

async function paintReference(
  body: BodyMesh,
  { image, reference }: { readonly image: string; readonly reference: LoadedReference },
  onNotice?: OnNotice,
): Promise<PaintedBody> {
  const { whole } = reference;
  if (!whole) {
    throw new InputError(
      `${reference.missing?.reason}: ${reference.missing?.advice}`,
    );
  }
  const mask = await findMask(body, { image, reference });
  if (!mask) {
    onNotice?.(
      `nothing shows which pixels of "${image}" are the person's: the body's outline is taken, without hair and wide clothes (give a PNG with opacity, or a plain backdrop)`,
    );
  }
  const { picture, body: pose, camera, face } = whole;
  const guessed = whole.mask !== undefined;
  return paintBody(body, { picture, pose, camera, mask, guessed, face });
}

/** So much of the body on the mask, as a share, and the rest of it is a gap in the mask. */
const FITS = 0.6;

/** Where the person is, by opacity or a plain backdrop; undefined where neither says it. */
async function findMask(
  body: BodyMesh,
  { image, reference }: { readonly image: string; readonly reference: LoadedReference },
): Promise<PersonMask | undefined> {
  const { picture, mask: seen, marks, others, camera, body: pose } = reference.whole!;
  const scale = Math.min(1, MASK_SIDE / Math.max(picture.width, picture.height));
  const size = {
    width: Math.max(1, Math.round(picture.width * scale)),
    height: Math.max(1, Math.round(picture.height * scale)),
  };
  const small: Frames = scale < 1 ? await readImage(image, { ...size, minSide: 1 }) : picture;
  const alpha = await readAlpha(image, size);
  if (seen && !alpha) return seen;
  const everybody = personMask(small, alpha);
  if (!everybody) return undefined;
  const at = (points: LoadedReference["marks"]) =>
    points?.map(({ x, y }) => ({ x: x * scale, y: y * scale }));
  const own = withoutOthers(everybody, size.width, { marks: at(marks), others: at(others) });
  const mask = { ...size, data: own.map((value) => value * 255) };
  if (alpha) return mask;
  // Clothes of the backdrop's colour are missing in the mask.
  const posed = body.pose(pose).vertices;
  const { person } = bodyLayer(body, [posed], scaleCamera(camera, size));
  const skin = person.reduce((sum, who) => sum + who + 1, 0);
  const hit = person.reduce((sum, who, i) => sum + (who + 1) * own[i], 0);
  if (hit < FITS * skin) return mask;
  return { ...size, data: mask.data.map((value, i) => person[i] >= 0 ? 255 : value) };
}

/** Painted persons of a scene, frame after frame; `background` gives a picture a frame. */
export async function* sceneFrames(
  { persons, cameras }: Pick<Scene, "persons" | "cameras">,
  painted: readonly PaintedBody[],
  background?: AsyncIterable<Uint8Array>,
): AsyncGenerator<PriorFrame> {
  const behind = background?.[Symbol.asyncIterator]();
  const target = priorTarget(cameras[0]);
  try {
    for (const [frame, camera] of cameras.entries()) {
      const figures = persons.map(({ poses }, i) => ({ painted: painted[i], pose: poses[frame] }));
      yield { figures, camera, background: (await behind?.next())?.value, target };
    }
  } finally {
    await behind?.return?.();
  }
}

/** Draws the painted persons of a scene. */
export function drawScene(
  scene: Pick<Scene, "persons" | "cameras">,
  painted: readonly PaintedBody[],
  background?: AsyncIterable<Uint8Array>,
): AsyncGenerator<PriorPlanes> {
  return mapped(sceneFrames(scene, painted, background), drawFrame);
}

/** Draws one frame of the prior. */
export function drawFrame({ figures, camera, ...options }: PriorFrame): PriorPlanes {
  return drawPrior(figures, camera, options);
}

/** Each frame, as `map` makes it. */
export async function* mapped<Result>(
  frames: AsyncIterable<PriorFrame>,
  map: (frame: PriorFrame) => Result,
): AsyncGenerator<Result> {
  for await (const frame of frames) yield map(frame);
}
