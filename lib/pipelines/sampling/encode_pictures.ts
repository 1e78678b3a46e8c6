/**
 * A clip's pictures through the VideoVAE: references, background and the maps that the model reads.
 * @module
 */
import type { BodyMesh, CameraPath } from "../../geometry/mod.ts";
import { type FrameStream, SpooledClip } from "../../io/mod.ts";
import { encodeMap, mapsOf, type MapTensors } from "../../models/isa_dit/mod.ts";
import type { PaintedBody } from "../../prior/mod.ts";
import { disposeAll, type Tensor } from "../../tensor/mod.ts";
import {
  encodeClip,
  fillCamera,
  filledSize,
  fillFrames,
  type ReconstructOptions,
} from "../codec/mod.ts";
import type { ScenePerson } from "../scene/mod.ts";
import type { Models } from "../weights/mod.ts";

/** A clip before any model has seen it. */
export interface SceneClip {
  readonly body: BodyMesh;
  readonly persons: readonly ScenePerson[];
  /** One a frame. */
  readonly cameras: CameraPath;
  readonly width: number;
  readonly height: number;
  /** Pictures of the clip's size, one a frame; absent: no background is given. */
  readonly background?: FrameStream["frames"];
  /** The bodies in their references' looks, one a person, where they are painted already. */
  readonly painted?: readonly PaintedBody[];
}

/** How a clip's pictures pass the VideoVAE. */
export interface EncodePicturesOptions extends Pick<ReconstructOptions, "signal" | "tiling"> {
  /** The references alone, or what goes over time alone. Default: both. */
  readonly only?: "references" | "film";
}

/** A clip's pictures as latents. */
export interface ClipPictures {
  /** Each person's, [1, C, 1, h, w]. */
  readonly stills: readonly Tensor[];
  /** [1, C, T, h, w] */
  readonly background?: Tensor;
  /** By name, [1, channels, T, h, w]. */
  readonly maps: MapTensors;
  readonly h: number;
  readonly w: number;
}

/** Encodes pictures; the caller frees them. */
export async function encodePictures(
  models: Models,
  clip: SceneClip,
  { only, signal, tiling }: EncodePicturesOptions = {},
): Promise<ClipPictures> {
  const { vae, dit, device } = models;
  const size = filledSize(models, clip);
  const [h, w] = [size.height / vae.spatialFactor, size.width / vae.spatialFactor];
  const fill = (frames: FrameStream["frames"]) => ({
    ...{ ...size, fps: 1 },
    frames: fillFrames(frames, { from: clip, to: size }),
  });
  const encode = async (pictures: FrameStream) =>
    (await encodeClip(vae, pictures, { device, signal, tiling })).latents;
  const stills: Tensor[] = [];
  const maps: Record<string, Tensor> = {};
  let background: Tensor | undefined;
  const read = only === "references" ? [] : mapsOf(dit.config);
  const behind = only === "references" || !clip.background ? undefined : fill(clip.background);
  using spooled = behind && read.some(({ overBackground }) => overBackground)
    ? await SpooledClip.fill(behind, signal)
    : undefined;
  try {
    if (behind) background = await encode(spooled?.stream() ?? behind);
    const drawn = {
      ...{ body: clip.body, persons: clip.persons, painted: clip.painted },
      cameras: clip.cameras.map((camera) => fillCamera(camera, size)),
      ...spooled && { background: (frame: number) => spooled.read(frame) },
    };
    for (const map of read) {
      maps[map.name] = await encodeMap(map, drawn, {
        ...{ h, w, ...dit.config },
        encode: (frames) => encode({ ...size, fps: 1, frames }),
      });
    }
    for (const { reference } of only === "film" ? [] : clip.persons) {
      stills.push(await encode(fill([reference.picture.data])));
    }
    return { stills, background, maps, h, w };
  } catch (error) {
    disposeAll({ ...background && { background }, maps, stills });
    throw error;
  }
}
