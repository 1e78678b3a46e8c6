/**
 * A body fitted to a person of a photograph that is given as a file.
 * @module
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { InputError } from "../../errors.ts";
import type { BodyMesh } from "../../geometry/mod.ts";
import { cachePath, kept, readJson, writeJson } from "../../io/mod.ts";
import type { PersonMask } from "../../perception/mod.ts";
import { FIT_VERSION } from "../fit_clip.ts";
import { faceMask } from "./face.ts";
import { fitPhoto, type PhotoFit } from "./fit.ts";
import { lookAtPhoto, type SeenPhotograph } from "./look.ts";

/** A fitted photograph, and what a user should know of it. */
export interface FittedPhoto extends PhotoFit {
  /** Where the person is, at the size that was looked at, as `camera`. */
  readonly mask: PersonMask;
  /** Where the face is, likewise; absent where none is seen. */
  readonly face?: PersonMask;
  /** What the user should know, one line each. */
  readonly notices: readonly string[];
}

/** How a photograph is fitted. */
export interface PhotoFileOptions {
  /** The body that is fitted. */
  readonly body: BodyMesh;
  /** By size, the largest is 1; default that one. */
  readonly person?: number;
  /** Gets a line where the networks have to be brought. */
  readonly onProgress?: (line: string) => void;
}

/** Changes with what {@linkcode fitPhoto} makes of the same fits. */
const VERSION = 3;
/** Mean distance of landmarks, as a share of the body's height, from which on a fit is doubted. */
const DOUBTFUL = 0.02;

/**
 * Fits a body to a photograph's person; undefined where it shows nobody. Throws
 * {@linkcode EnvironmentError} where the networks cannot be had, {@linkcode InputError} for a file that
 * is no picture and for a person whom it does not show.
 */
export async function fitPhotoFile(
  path: string,
  { body, person = 1, onProgress }: PhotoFileOptions,
): Promise<FittedPhoto | undefined> {
  const photo = await lookAtPhoto(path, onProgress);
  const { picture: { width, height }, persons: { length: count } } = photo;
  if (count === 0) return undefined;
  const { mask, ...seen } = personOf(photo, { path, person });
  const file = `${photo.key}.${person}.${VERSION}-${FIT_VERSION}.${bodyKey(body)}.json`;
  const fit = await kept(cachePath("photo", file), {
    read: async (path) => fitOf(await readJson(path)),
    make: () => Promise.resolve(fitPhoto({ person: seen, width, height }, { body })),
    write: (path, fit) => writeJson(path, plain(fit)),
  });
  const share = `${(fit.error * 100).toFixed(1)} % of its height off`;
  const several = person === 1 && count > 1
    ? [`"${path}" shows ${count} people: the largest is used; choose with #person=1 to ${count}`]
    : [];
  return {
    ...fit,
    face: faceMask(seen, { width, height }),
    mask: mask ?? { width, height, data: new Uint8Array(width * height) },
    notices: [
      ...several,
      fit.error > DOUBTFUL
        ? `the body fits the person of "${path}" badly: the landmarks are ${share}; look at it with isa4d preview`
        : `fitted the body to the person of "${path}": the landmarks are ${share}`,
    ],
  };
}

function personOf(
  { persons }: SeenPhotograph,
  { path, person }: { readonly path: string; readonly person: number },
): SeenPhotograph["persons"][number] {
  const found = persons[person - 1];
  if (found) return found;
  throw new InputError(
    `"${path}" has no person ${person}: it shows ${
      persons.length === 1 ? "one, #person=1" : `${persons.length}, #person=1 to ${persons.length}`
    }`,
  );
}

const bodyKeys = new WeakMap<BodyMesh, string>();

/** Names a body by its shape. */
function bodyKey(body: BodyMesh): string {
  const known = bodyKeys.get(body);
  if (known) return known;
  const { buffer, byteOffset, byteLength } = body.template;
  const key = createHash("sha256").update(new Uint8Array(buffer, byteOffset, byteLength))
    .update(body.shapeNames.join()).digest("hex").slice(0, 16);
  bodyKeys.set(body, key);
  return key;
}

const numbers = z.array(z.number());
const fitSchema = z.object({
  body: z.object({
    pose: numbers.length(72),
    shape: numbers,
    translation: z.tuple([z.number(), z.number(), z.number()]),
  }),
  camera: z.object({
    ...{ width: z.number(), height: z.number(), fx: z.number(), fy: z.number() },
    ...{
      cx: z.number(),
      cy: z.number(),
      rotation: numbers.length(9),
      translation: numbers.length(3),
    },
  }),
  error: z.number(),
});

/** A fit as JSON values. */
function plain({ body, camera, error }: PhotoFit): z.infer<typeof fitSchema> {
  const { pose, shape, translation: [x, y, z] } = body;
  return {
    body: { pose: [...pose], shape: [...shape], translation: [x, y, z] },
    camera: {
      ...camera,
      rotation: [...camera.rotation],
      translation: [...camera.translation],
    },
    error,
  };
}

function fitOf(value: unknown): PhotoFit {
  const { body, camera, error } = fitSchema.parse(value);
  return {
    body: {
      ...body,
      pose: Float32Array.from(body.pose),
      shape: Float32Array.from(body.shape),
    },
    camera: {
      ...camera,
      rotation: Float64Array.from(camera.rotation),
      translation: Float64Array.from(camera.translation),
    },
    error,
  };
}
