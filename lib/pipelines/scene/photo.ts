/**
 * What a photograph gives a job besides its pixels: the person's pose and outline, the scene without
 * anybody, and the camera that took it. Networks find it; what they found is kept.
 * @module
 */
import { EnvironmentError } from "../../errors.ts";
import type { BodyMesh } from "../../geometry/mod.ts";
import { type ImageRegion, resizeFrames } from "../../io/mod.ts";
import type { PersonMask } from "../../prior/mod.ts";
import type { FittedPhoto } from "../../track/mod.ts";
import { type Job, photoPose, type Reference } from "../job/mod.ts";

/** Why nobody knows how the person stands in a picture, and what would do. */
export interface MissingPose {
  readonly reason: string;
  readonly advice: string;
}

const OTHERS = "or fit: and a file of key points";

/** Of a picture whose pose is `none`. */
export function noPose(image: string): MissingPose {
  return {
    reason: `no body pose for "${image}"`,
    advice: `give --ref-pose auto, a file, ${OTHERS}`,
  };
}

/**
 * Finds the person of a reference whose pose is `auto`. That networks cannot be had is a reason and no
 * error: a job may do without. Throws {@linkcode InputError} for a picture that cannot be read and a
 * person whom it does not show.
 */
export async function findPerson(
  { image, pose }: Reference,
  { body, onNotice }: { readonly body: BodyMesh; readonly onNotice?: (text: string) => void },
): Promise<FittedPhoto | MissingPose> {
  // Only here geometry needs libtorch: whoever gives a pose does not open it.
  const { fitPhotoFile } = await import("../../track/mod.ts");
  try {
    const found = await fitPhotoFile(image, { body, ...photoPose(pose), onProgress: onNotice });
    const advice = `give --ref-pose FILE, ${OTHERS}`;
    return found ?? { reason: `nobody is seen in "${image}"`, advice };
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return {
      reason: `nobody is looked for in "${image}"`,
      advice: `${error.message}; or give --ref-pose none or FILE`,
    };
  }
}

/** The largest part of a photograph that has the shape of `size`, around the person. */
export function regionOfPerson(
  mask: PersonMask | undefined,
  photo: { readonly width: number; readonly height: number },
  size: { readonly width: number; readonly height: number },
): ImageRegion {
  const scale = Math.min(photo.width / size.width, photo.height / size.height);
  const [width, height] = [
    Math.max(1, Math.round(size.width * scale)),
    Math.max(1, Math.round(size.height * scale)),
  ];
  const { x, y } = mask ? middleOf(mask) : { x: 0.5, y: 0.5 };
  const place = (middle: number, own: number, all: number) =>
    Math.max(0, Math.min(all - own, Math.round(middle * all - own / 2)));
  return {
    x: place(x, width, photo.width),
    y: place(y, height, photo.height),
    width,
    height,
  };
}

/** Middle of what is around the person, as shares of the mask's sides. */
function middleOf({ width, height, data }: PersonMask): { x: number; y: number } {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      if (data[at] < 128) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), y];
    }
  }
  if (right < 0) return { x: 0.5, y: 0.5 };
  return { x: (left + right + 1) / 2 / width, y: (top + bottom + 1) / 2 / height };
}

/**
 * The scene of the first reference's picture without anybody, rgb24 of the job's size. Throws
 * {@linkcode EnvironmentError} where the networks cannot be had.
 */
export async function photoScene(
  { reference: { image, pose }, width, height }: Pick<Job, "reference" | "width" | "height">,
): Promise<Uint8Array> {
  const { emptyPhoto, lookAtPhoto } = await import("../../track/mod.ts");
  const scene = await emptyPhoto(image);
  const { persons } = await lookAtPhoto(image);
  const { person = 1 } = photoPose(pose) ?? {};
  const { mask } = persons[person - 1] ?? {};
  const size = { width, height };
  const region = regionOfPerson(mask, scene, size);
  return (await resizeFrames(scene, size, { region })).data;
}
