/**
 * What a clip's way through the VideoVAE can be asked for.
 * @module
 */
import type { TilingChoice } from "../../models/video_vae/mod.ts";
import type { Device } from "../../tensor/mod.ts";

/** How a clip passes the VideoVAE. */
export interface ReconstructOptions {
  /** Latent frames that are worked on at once. Default 4: sixteen video frames. */
  readonly chunk?: number;
  /** Where the VideoVAE is. Default "cpu". */
  readonly device?: Device;
  /** Whether large pictures are worked on in tiles. Default "auto". */
  readonly tiling?: TilingChoice;
  /** Ends the work between two chunks. */
  readonly signal?: AbortSignal;
  /** Called as frames are done. */
  readonly onFrames?: (done: number) => void;
}
