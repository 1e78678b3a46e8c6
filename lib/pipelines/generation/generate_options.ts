/**
 * What a generation can be asked for besides its job.
 * @module
 */
import type { Sampler } from "../../diffusion/mod.ts";
import type { PreviewFile } from "./live_preview.ts";
import type { GenerateProgress } from "./progress.ts";
import type { GenerationRecord } from "../record/mod.ts";
import type { Scene } from "../scene/mod.ts";
import type { ModelSource } from "../weights/mod.ts";

/** What a generation writes besides its frames. */
export interface GenerationFiles {
  /** Stored with what is written. */
  readonly record: GenerationRecord;
  /** Where the state of sampling is kept until the frames are out, and the latents at its end. */
  readonly state?: string;
  /** Steps from one saved state to the next. Default: after each step, but at most one a second. */
  readonly every?: number;
  /** Goes on with what an earlier run left at `state`; begins anew where there is nothing. */
  readonly resume?: boolean;
  /** Where the latents stay. */
  readonly latents?: string;
}

/** Who listens to a generation, and what it keeps. */
export interface GenerateOptions {
  /** What is written besides frames. */
  readonly files?: GenerationFiles;
  /** Told how far each stage is. */
  readonly onProgress?: (progress: GenerateProgress) => void;
  /** Told what the user should know and that is no error. */
  readonly onNotice?: (text: string) => void;
  /** Looks at the geometry before a model is loaded; what it throws ends the generation. */
  readonly onScene?: (scene: Scene) => Promise<void>;
  /** Where the clip is shown while it is sampled: every few steps, for at most 3 % of the time. */
  readonly preview?: PreviewFile;
  /** Ends the generation between two steps or frames. */
  readonly signal?: AbortSignal;
  /** Instead of the job's: a program's own, which a record can only name. */
  readonly sampler?: Sampler;
  /** Keeps models from one generation to the next. Default: they are loaded and freed. */
  readonly models?: ModelSource;
}
