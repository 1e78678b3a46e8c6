/**
 * How the person stands in the reference picture: the pose, and the camera that took it.
 * @module
 */
import { z } from "zod";
import { loadMotion, parseMotionSpec, readCameras } from "../../data/mod.ts";
import { InputError } from "../../errors.ts";
import {
  type BodyMesh,
  type BodyPart,
  type BodyPose,
  boundsOf,
  type Camera,
  coverCamera,
  motionFrame,
  parseCameraPath,
  parseCameras,
  partVertices,
  pickVertices,
  projectPoints,
  regionAround,
  scaleCamera,
} from "../../geometry/mod.ts";
import { type Frames, type ImageRegion, readImage, readJson } from "../../io/mod.ts";
import type { PersonMask } from "../../prior/mod.ts";
import { describeIssues, fittedPose, isFile, photoPose, type Reference } from "../job/mod.ts";
import { findPerson, type MissingPose, noPose, regionOfPerson } from "./photo.ts";

/**
 * A picture at the clip's size, and the body in it where that is known.
 * @internal
 */
export interface LoadedReference {
  readonly picture: Frames;
  readonly known?: { readonly body: BodyPose; readonly camera: Camera };
  /** Where the person is in `picture`, where that was given. */
  readonly mask?: PersonMask;
  /** Key points that the body was fitted to, pixels of `picture`. */
  readonly marks?: readonly Mark[];
  /** Key points of the picture's other people. */
  readonly others?: readonly Mark[];
  /** The same at the file's own size, uncut, where the body is known. */
  readonly whole?: WholeReference;
  /** Why the body is not known. */
  readonly missing?: MissingPose;
}

/** A picture as its file has it, and the body in it. */
export interface WholeReference {
  readonly picture: Frames;
  readonly body: BodyPose;
  readonly camera: Camera;
  /** Where networks saw the person, at any size. */
  readonly mask?: PersonMask;
  /** Where they saw the face. */
  readonly face?: PersonMask;
  readonly marks?: readonly Mark[];
  readonly others?: readonly Mark[];
}

/** A point in a picture, pixels. */
export interface Mark {
  readonly x: number;
  readonly y: number;
}

/** What {@linkcode loadReference} needs besides the record. */
export interface ReferenceContext {
  readonly body: BodyMesh;
  readonly width: number;
  readonly height: number;
  /** The part of the body that the picture is cut to, where the pose is known. Default "full": no cut. */
  readonly frameOn?: BodyPart;
  /** Told what the user should know, such as a framing that had to be guessed. */
  readonly onNotice?: (text: string) => void;
}

const poseSchema = z.object({
  format: z.literal("isa4d-pose"),
  pose: z.array(z.number()).length(72),
  translation: z.tuple([z.number(), z.number(), z.number()]),
  shape: z.array(z.number()).max(10).optional(),
  camera: z.unknown().optional(),
});

/**
 * Reads the picture, cut to cover the clip's size, and the pose with its camera moved alike. Throws
 * {@linkcode InputError} for files that are not what they should be.
 */
export async function loadReference(
  reference: Reference,
  context: ReferenceContext,
): Promise<LoadedReference> {
  const original = await readImage(reference.image, { minSide: 16 });
  const { width, height, onNotice } = context;
  const read = (region?: ImageRegion) =>
    readImage(reference.image, { width, height, minSide: 16, region });
  const found = reference.pose === "none"
    ? noPose(reference.image)
    : await loadPose(reference, { ...context, picture: original });
  if ("reason" in found) {
    onNotice?.(
      `${found.reason}: the person in the video will not be recognisable as the one in the picture, since the model finds no point of the body there; ${found.advice}`,
    );
    return { picture: await read(), missing: found };
  }
  const { body, camera: own, mask, face, marks, others } = found;
  const { image, camera: given } = reference;
  const camera = await referenceCamera({ image, camera: mask ? undefined : given }, {
    own,
    body,
    original,
    context,
  });
  const whole = scaleCamera(camera, original);
  const region = partRegion(whole, body, context) ??
    (mask && regionOfPerson(mask, original, { width, height }));
  const { x, y, ...size } = region ?? { x: 0, y: 0, width: whole.width, height: whole.height };
  const cut = { ...whole, ...size, cx: whole.cx - x, cy: whole.cy - y };
  const placed = (points: readonly Mark[]) =>
    covered(points.map((mark) => ({ x: mark.x - x, y: mark.y - y })), size, { width, height });
  return {
    picture: await read(region),
    known: { body, camera: coverCamera(cut, { width, height }) },
    ...(marks ? { marks: placed(marks) } : {}),
    ...(others ? { others: placed(others) } : {}),
    whole: { picture: original, body, camera: whole, mask, face, marks, others },
  };
}

/** Share of the part's size that stays free around it. */
const MARGIN = 0.15;

/** The region of the picture that shows the part and has the clip's shape, as far as there is one. */
function partRegion(
  camera: Camera,
  pose: BodyPose,
  { body, frameOn = "full", width, height }: ReferenceContext,
): ImageRegion | undefined {
  if (frameOn === "full") return undefined;
  const { uv } = projectPoints(
    camera,
    pickVertices(body.pose(pose).vertices, partVertices(body, frameOn)),
  );
  const around = regionAround(uv, { shape: width / height, margin: MARGIN });
  const size = {
    width: Math.round(Math.min(camera.width, Math.max(16, around.width))),
    height: Math.round(Math.min(camera.height, Math.max(16, around.height))),
  };
  const place = (middle: number, own: number, all: number) =>
    Math.max(0, Math.min(all - own, Math.round(middle - own / 2)));
  return {
    x: place(around.x + around.width / 2, size.width, camera.width),
    y: place(around.y + around.height / 2, size.height, camera.height),
    ...size,
  };
}

/** Points of a picture after it has been scaled and cut, centred, to cover another size. */
function covered(
  marks: readonly Mark[],
  from: { readonly width: number; readonly height: number },
  to: { readonly width: number; readonly height: number },
): Mark[] {
  const scale = Math.max(to.width / from.width, to.height / from.height);
  return marks.map(({ x, y }) => ({
    x: (x - from.width / 2) * scale + to.width / 2,
    y: (y - from.height / 2) * scale + to.height / 2,
  }));
}

/** A pose as `isa4d-pose` JSON text, which `--ref-pose` reads. `camera` is what took the picture. */
export function formatPose(body: BodyPose, camera: unknown): string {
  const { pose, translation, shape } = body;
  return JSON.stringify(
    {
      format: "isa4d-pose",
      pose: [...pose],
      translation: [...translation],
      ...(shape ? { shape: [...shape] } : {}),
      camera,
    },
    null,
    1,
  ) + "\n";
}

interface FoundPose {
  readonly body: BodyPose;
  /** What took the picture, where the file says so. */
  readonly camera?: Camera;
  readonly mask?: PersonMask;
  readonly face?: PersonMask;
  /** Key points that the body was fitted to, pixels of the picture. */
  readonly marks?: readonly Mark[];
  readonly others?: readonly Mark[];
}

async function loadPose(
  reference: Reference,
  context: ReferenceContext & { readonly picture: Frames },
): Promise<FoundPose | MissingPose> {
  const { pose: path } = reference;
  if (photoPose(path)) return await posePerson(reference, context);
  const keypoints = fittedPose(path);
  if (keypoints !== undefined) return await fitPose(keypoints, context);
  const { frame, ...rest } = parseMotionSpec(path);
  if (frame !== undefined) return await poseOfMotion(rest, frame, context);
  if (!path.endsWith(".json")) {
    throw new InputError(
      `cannot use "${path}" as a pose: expected an isa4d-pose .json, a motion file with #frame=N, or fit: and a file of key points`,
    );
  }
  const parsed = poseSchema.safeParse(await readJson(path));
  if (!parsed.success) {
    throw new InputError(
      `cannot read "${path}" as an isa4d-pose: ${describeIssues(parsed.error)}`,
    );
  }
  const { pose, translation: [x, y, z], shape, camera } = parsed.data;
  // Such a pose means the own body: on another one the pelvis goes where it says.
  const { restJoints: own } = context.body.spotSource ?? context.body;
  const [dx, dy, dz] = own.subarray(0, 3).map((value, i) => value - context.body.restJoints[i]);
  const body = {
    pose: Float32Array.from(pose),
    translation: [x + dx, y + dy, z + dz] as const,
    ...(shape ? { shape: Float32Array.from(shape) } : {}),
  };
  return {
    body,
    ...(camera === undefined
      ? {}
      : { camera: parseCameras(JSON.stringify(camera), `${path} (camera)`).cameras[0] }),
  };
}

/** The person whom the picture shows, where it shows one. */
async function posePerson(
  reference: Reference,
  { body, onNotice }: ReferenceContext,
): Promise<FoundPose | MissingPose> {
  const found = await findPerson(reference, { body, onNotice });
  if ("reason" in found) return found;
  for (const notice of found.notices) onNotice?.(notice);
  if (reference.camera !== undefined) {
    onNotice?.(
      `--ref-camera ${reference.camera} is not taken: with --ref-pose auto the picture's camera is found too`,
    );
  }
  const { body: own, camera, mask, face } = found;
  return { body: own, camera, mask, face };
}

/** A body fitted to the key points of a file; the camera is what the fit believes. */
async function fitPose(
  spec: string,
  { body, picture: { width, height }, onNotice }: ReferenceContext & { readonly picture: Frames },
): Promise<FoundPose> {
  // Only here geometry needs libtorch: whoever fits nothing does not open it.
  const { fitFile } = await import("../../track/mod.ts");
  const { marks, others, notices, ...fit } = await fitFile(spec, { body, width, height });
  for (const notice of notices) onNotice?.(notice);
  return { body: fit.body, camera: fit.camera, marks, others };
}

/** One frame of a motion file, with its camera where it has one. */
async function poseOfMotion(
  { path, tid, fps }: { path: string; tid?: number; fps?: number },
  frame: number,
  { body, picture, onNotice }: ReferenceContext & { readonly picture: Frames },
): Promise<FoundPose> {
  // A single pose has no rate; one is given so that none is missed.
  const parts = [...(tid === undefined ? [] : [`tid=${tid}`]), `fps=${fps ?? 30}`];
  const loaded = await loadMotion(`${path}#${parts.join("&")}`, { body, placement: "keep" });
  for (const notice of loaded.notices) onNotice?.(notice);
  if (frame >= loaded.motion.frames) {
    throw new InputError(`"${path}": the motion has frames 0 to ${loaded.motion.frames - 1}`);
  }
  const { shape, cameras } = loaded;
  const seenBy = cameras?.(picture);
  return {
    body: { ...motionFrame(loaded.motion, frame), ...(shape ? { shape } : {}) },
    camera: seenBy?.[Math.min(frame, seenBy.length - 1)],
  };
}

interface CameraSources {
  readonly own?: Camera;
  readonly body: BodyPose;
  readonly original: Frames;
  readonly context: ReferenceContext;
}

/** The record's camera, else the pose file's own, else a framing that holds the body, with a notice. */
async function referenceCamera(
  { image, camera }: Pick<Reference, "image" | "camera">,
  { own, body, original, context }: CameraSources,
): Promise<Camera> {
  if (camera !== undefined && isFile.camera(camera)) {
    const { cameras, relative } = await readCameras(camera, { size: original });
    if (!relative) return cameras[0];
    throw new InputError(
      `cannot use "${camera}" as the camera of "${image}": it does not say where its cameras stand`,
    );
  }
  if (camera === undefined && own !== undefined) return own;
  if (camera === undefined) {
    context.onNotice?.(
      `no camera for "${image}": taking one in front that holds the whole body (give --ref-camera FILE)`,
    );
  }
  const { width, height } = original;
  const subject = boundsOf([context.body.pose(body).vertices]);
  return parseCameraPath(camera ?? "static", { frames: 1, width, height, subject })[0];
}
