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
import type { FrameStream } from "../io/mod.ts";
import { clipConditions, type IsaDitConditions, towerImage } from "../models/isa_dit/mod.ts";
import { noGrad, scope, select, type Tensor } from "../tensor/mod.ts";
import { encodeClip, type ReconstructOptions } from "./reconstruct.ts";
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
  readonly background?: FrameStream["frames"];
}

/** Encodes pictures and geometry; the caller owns the tensors. */
export async function encodeConditions(
  { vae, dit, device }: Models,
  clip: ClipInputs,
  { signal, tiling }: Pick<ReconstructOptions, "signal" | "tiling"> = {},
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
  const encode = async (frames: FrameStream["frames"]) =>
    (await encodeClip(vae, { width, height, fps: 1, frames }, { device, signal, tiling })).latents;
  using background = clip.background && await encode(clip.background);
  using pictures = new DisposableStack();
  const stills: Tensor[] = [];
  for (const { reference } of persons) {
    stills.push(pictures.use(await encode([reference.picture.data])));
  }
  return scope(() =>
    noGrad(() => {
      const references = stills.map((still) => select(still, 2, 0));
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
