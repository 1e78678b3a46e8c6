/**
 * What files of weights say of themselves to other programs, by the keys of the Stability AI Model
 * Metadata Standard (`modelspec.*` of a safetensors' metadata).
 * @module
 */
import { z } from "zod";
import config from "../../../deno.json" with { type: "json" };

/** {@linkcode ModelAbout} as a configuration has it. */
export const modelAbout = z.strictObject({
  title: z.string().min(1).optional(),
  author: z.string().min(1).optional(),
  license: z.string().min(1).optional(),
  description: z.string().min(1).optional(),
});

/** What only the person who trains can say of a model. */
export interface ModelAbout {
  /** A name for people; default the program's. */
  readonly title?: string;
  /** Whoever trained it. */
  readonly author?: string;
  /** As its holders write it, `CC BY 4.0`. */
  readonly license?: string;
  /** A sentence; default the program's. */
  readonly description?: string;
}

/** What the program knows of a model. */
export interface ModelFacts {
  /** `isa4d-isa-dit`; of what is merged into one `isa4d-isa-dit/lora`, as the standard asks. */
  readonly architecture: string;
  /** Where nobody has said another. */
  readonly title: string;
  /** Where nobody has said another. */
  readonly description: string;
  /** Pixels of the clips that it was trained on. */
  readonly resolution?: { readonly width: number; readonly height: number };
}

/** Version of the standard. */
const STANDARD = "1.0.0";

/** The keys, for a file's metadata; the date is a day, so that a run of one day gives the same bytes. */
export function modelSpec(
  { architecture, title, description, resolution }: ModelFacts,
  about: ModelAbout = {},
): Record<string, string> {
  const facts = {
    sai_model_spec: STANDARD,
    architecture,
    implementation: `isa4d ${config.version}`,
    title: about.title ?? title,
    description: about.description ?? description,
    author: about.author,
    license: about.license,
    date: new Date().toISOString().slice(0, 10),
    resolution: resolution && `${resolution.width}x${resolution.height}`,
  };
  return Object.fromEntries(
    Object.entries(facts).flatMap(([key, value]) =>
      value === undefined ? [] : [[`modelspec.${key}`, value]]
    ),
  );
}

/** What a file's metadata say of its makers, for files that are made from it. */
export function aboutIn(metadata: Readonly<Record<string, string>>): ModelAbout {
  const of = (key: string) => metadata[`modelspec.${key}`] || undefined;
  return { author: of("author"), license: of("license") };
}
