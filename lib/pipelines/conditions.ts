/**
 * From pictures and geometry to what ISA-DiT is told about a clip. The job's files and the renderer's
 * clips come through here alike.
 * @module
 */
import {
  bodyConditions,
  type BodyMesh,
  type CameraPath,
  pluckerImages,
  surfaceSamples,
} from "../geometry/mod.ts";
import type { Frames } from "../io/mod.ts";
import { clipConditions, type IsaDitConditions, towerImage } from "../models/isa_dit/mod.ts";
import { EncoderStream, type VideoVae } from "../models/video_vae/mod.ts";
import { cat, noGrad, scope, select, type Tensor } from "../tensor/mod.ts";
import { framesToVideo } from "./pixels.ts";
import type { ScenePerson } from "./scene.ts";
import type { Models } from "./weights.ts";

/** A clip before any model has seen it. */
export interface ClipInputs {
  readonly body: BodyMesh;
  readonly persons: readonly ScenePerson[];
  /** One a frame. */
  readonly cameras: CameraPath;
  readonly width: number;
  readonly height: number;
  /** Pictures of the clip's size, one a frame; absent: no background is given. */
  readonly background?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Frames that are encoded at once. */
const CHUNK = 16;

/** Encodes pictures and geometry; the caller owns the tensors. */
export async function encodeConditions(
  { vae, dit, device }: Models,
  clip: ClipInputs,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<IsaDitConditions> {
  const { body, persons, cameras, width, height } = clip;
  const f = dit.config.temporalFactor;
  const [w, h] = [width / vae.spatialFactor, height / vae.spatialFactor];
  const samples = surfaceSamples(body, dit.config.pointsPerPerson);
  const geometry = bodyConditions(
    body,
    samples,
    persons.map(({ poses, reference }) => ({ poses, reference: reference.known })),
    { cameras, temporalFactor: f },
  );
  using background = clip.background
    ? await encodeFrames(vae, clip.background, { width, height, signal })
    : undefined;
  return scope(() =>
    noGrad(() => {
      const references = persons.map(({ reference }) =>
        select(vae.encode(framesToVideo(reference.picture, { device })), 2, 0)
      );
      return clipConditions(dit.config, {
        body: geometry,
        plucker: pluckerImages(cameras, { w, h, temporalFactor: f }),
        references,
        background,
        image: towerImage(persons[0].reference.picture.data, { width, height }, {
          imageSize: dit.config.imageEncoder.imageSize,
        }),
        T: geometry.K / f,
        h,
        w,
      }, { device });
    })
  );
}

/**
 * Encodes pictures as they come, so that memory does not grow with their number; the event loop runs
 * between chunks. Returns latents [1, C, T, h, w].
 */
export async function encodeFrames(
  vae: VideoVae,
  pictures: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { width, height, signal }: {
    readonly width: number;
    readonly height: number;
    readonly signal?: AbortSignal;
  },
): Promise<Tensor> {
  using stream = new EncoderStream(vae);
  const parts: Tensor[] = [];
  const push = (chunk: readonly Uint8Array[]) => {
    if (chunk.length === 0) return;
    const data = new Uint8Array(chunk.length * width * height * 3);
    chunk.forEach((picture, i) => data.set(picture, i * picture.length));
    using video = framesToVideo({ width, height, count: chunk.length, fps: 1, data }, {
      device: vae.vars.device,
    });
    const latents = stream.push(video);
    if (latents) parts.push(latents);
  };
  try {
    let chunk: Uint8Array[] = [];
    for await (const picture of pictures) {
      signal?.throwIfAborted();
      chunk.push(picture);
      if (chunk.length === CHUNK) {
        push(chunk);
        chunk = [];
      }
    }
    push(chunk);
    const rest = stream.finish();
    if (rest) parts.push(rest);
    return cat(parts, 2);
  } finally {
    for (const part of parts) part.dispose();
  }
}
