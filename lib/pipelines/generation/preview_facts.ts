/**
 * What a preview says of itself: that it is one, how far the generation was, and where the result will be.
 * @module
 */
import { dirname, relative } from "node:path";
import { z } from "zod";
import type { SamplingStep } from "../../diffusion/mod.ts";
import { IsaError } from "../../errors.ts";
import { mediaKind, type Origin, readVideoMetadata, readXmp } from "../../io/mod.ts";

/** Stands in a preview's mark behind the program's name. */
const MARK = ", preview";

const textSchema = z.object({
  format: z.literal("isa4d-preview"),
  step: z.int().positive(),
  of: z.int().positive(),
  stepMs: z.number().nonnegative(),
  output: z.string().optional(),
});

/** How far a generation was when its preview was written. */
export interface PreviewFacts {
  readonly step: number;
  readonly of: number;
  /** Milliseconds that a step takes. */
  readonly stepMs: number;
  /** The result's path, from the preview's folder. */
  readonly output?: string;
}

/** The origin of a preview of what has this origin. */
export function previewOrigin(origin: Origin): Origin {
  return { ...origin, creatorTool: origin.creatorTool + MARK };
}

/** Whether a file is the preview of an earlier generation, and nothing else. */
export async function isPreviewFile(path: string): Promise<boolean> {
  const facts = await readXmp(path).catch(() => undefined);
  return facts?.creatorTool?.endsWith(MARK) ?? false;
}

/** What stands in a preview; `first` is the first step that the preview saw. */
export function previewText(
  { path, output }: { readonly path: string; readonly output?: string },
  { step, of, elapsedMs }: SamplingStep,
  first: SamplingStep,
): string {
  const steps = step - first.step;
  const stepMs = steps > 0 ? (elapsedMs - first.elapsedMs) / steps : elapsedMs / step;
  return JSON.stringify({
    ...{ format: "isa4d-preview", step, of, stepMs: Math.round(stepMs) },
    output: output && relative(dirname(path), output),
  });
}

/** What a preview says of itself; undefined for any other file. */
export async function readPreviewFacts(path: string): Promise<PreviewFacts | undefined> {
  if (!await isPreviewFile(path)) return undefined;
  try {
    const kind = await mediaKind(path);
    const video = kind === "mp4" || kind === "matroska" || kind === "gif";
    const text = video ? await readVideoMetadata(path) : (await readXmp(path))?.description;
    const { format: _format, ...facts } = textSchema.parse(JSON.parse(text ?? ""));
    return facts;
  } catch (error) {
    if (error instanceof IsaError || error instanceof z.ZodError || error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
}
