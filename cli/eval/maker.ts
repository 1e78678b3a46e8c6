/**
 * What a table measures: whole models, a VideoVAE that corrects the prior, or no model at all.
 * @module
 */
import type { BodyMesh } from "../../lib/geometry/mod.ts";
import type { Frames } from "../../lib/io/mod.ts";
import {
  type ClipToldOf,
  correctPrior,
  findJobWeights,
  generateClip,
  loadPriorDecoder,
  Models,
  type SampleLatentsOptions,
  throughVae,
} from "../../lib/pipelines/mod.ts";
import { priorClip, priorVideo, type RenderedClip } from "../../lib/prior/mod.ts";
import type { Device } from "../../lib/tensor/mod.ts";

/** How a clip is made. */
export interface MakeOptions {
  readonly backgroundGiven: boolean;
  readonly sampling: SampleLatentsOptions;
}

/** What is known of a clip that is to be made; of `frames` only the size and the rate are looked at. */
export type ToldClip = ClipToldOf & RenderedClip & { readonly frames: Frames };

/** Makes clips in place of true ones. */
export interface Maker extends Disposable {
  /** Whether guidance changes what it makes. */
  readonly guided: boolean;
  /** Absent: nothing is made, the baselines stand alone. */
  readonly make?: (clip: ToldClip, options: MakeOptions) => Frames | Promise<Frames>;
  /** A clip through the VideoVAE and back, where there is one. */
  readonly throughVae?: (clip: Frames) => Frames;
}

/** Reads the weights that were found. Errors as `Models.load` and `loadPriorDecoder`. */
export async function loadMaker(
  files: Awaited<ReturnType<typeof findJobWeights>>,
  { body, device }: { readonly body: BodyMesh; readonly device: Device },
): Promise<Maker> {
  if (files.isaDit !== undefined) {
    const models = await Models.load(files, { device });
    return {
      guided: true,
      make: (clip, { backgroundGiven, sampling }) =>
        generateClip(models, body, { ...clip, backgroundGiven }, sampling),
      throughVae: (clip) => throughVae(models, clip),
      [Symbol.dispose]: () => models.dispose(),
    };
  }
  if (files.videoVae === undefined) return { guided: false, [Symbol.dispose]: () => {} };
  const vae = await loadPriorDecoder(files.videoVae, device);
  return {
    guided: false,
    make: (clip, { backgroundGiven }) => ({
      ...clip.frames,
      data: priorVideo(
        body,
        priorClip(clip, { backgroundGiven }),
        (frame) => correctPrior(vae, frame),
      ),
    }),
    throughVae: (clip) => throughVae({ vae, device }, clip),
    [Symbol.dispose]: () => vae.vars.dispose(),
  };
}
