/**
 * How a result came to be, for the mark that it carries.
 * @module
 */
import { basename } from "node:path";
import config from "../../../deno.json" with { type: "json" };
import {
  bringCredentialsLibrary,
  checkCredentials,
  credentialsLibrary,
  findCredentials,
} from "../../credentials/mod.ts";
import {
  type Ingredient,
  mediaKind,
  type Origin,
  readXmp,
  type SourceType,
  termOf,
} from "../../io/mod.ts";
import { isFile, type Job, photoPose } from "../job/mod.ts";
import type { GenerationRecord } from "./provenance.ts";

/** What of a job and its files the origin follows from. */
export type OriginFacts = Pick<GenerationRecord, "inputs" | "weights"> & {
  readonly job: Pick<Job, "weights" | "background"> & {
    readonly reference: Pick<Job["reference"], "pose">;
  };
};

/** The origin of what a record made; inputs that carry marks are named with them. */
export async function originOf(record: OriginFacts): Promise<Origin> {
  const ingredients = await markedInputs(record);
  return {
    sourceType: sourceTypeOf(record, ingredients),
    creatorTool: `isa4d ${config.version}`,
    ingredients,
  };
}

/**
 * A trained model's media, whole or over a background that stays as it was given; without a model the
 * body wears the picture's own pixels, which is a composite of something real and something rendered.
 */
function sourceTypeOf(
  { job, weights }: OriginFacts,
  ingredients: readonly Ingredient[],
): SourceType {
  const trained = ingredients.some(({ digitalSourceType }) =>
    /trainedAlgorithmicMedia$/i.test(termOf(digitalSourceType))
  );
  if (job.weights === "none" && !trained) return "compositeSynthetic";
  const sampled = weights.some(({ path }) => basename(path).startsWith("isa_dit"));
  return sampled && !keepsGiven(job)
    ? "trainedAlgorithmicMedia"
    : "compositeWithTrainedAlgorithmicMedia";
}

/** Whether pixels that were given stay behind the persons; `auto` may be the photo's own scene. */
function keepsGiven({ background, reference }: OriginFacts["job"]): boolean {
  if (background === "auto") return photoPose(reference.pose) !== undefined;
  return background === "photo" || isFile.background(background);
}

async function markedInputs({ inputs }: Pick<OriginFacts, "inputs">): Promise<Ingredient[]> {
  const marked: Ingredient[] = [];
  for (const { path } of inputs) {
    const digitalSourceType = await ownSourceType(path);
    if (digitalSourceType !== undefined) marked.push({ file: basename(path), digitalSourceType });
  }
  return marked;
}

/** Whether a file is a picture or video with Content Credentials, in it or beside it. */
export async function carriesCredentials(path: string): Promise<boolean> {
  if (await mediaKind(path).catch(() => undefined) === undefined) return false;
  return await findCredentials(path) !== undefined;
}

/** By its XMP, else by its Content Credentials where the library that reads them is there. */
async function ownSourceType(path: string): Promise<string | undefined> {
  // What is wrong with an input is said by who reads it as what it should be.
  const facts = await readXmp(path).catch(() => undefined);
  if (facts?.digitalSourceType !== undefined) return facts.digitalSourceType;
  if (credentialsLibrary() === undefined || !await carriesCredentials(path)) return undefined;
  const library = await bringCredentialsLibrary();
  const credentials = await checkCredentials(path, { library }).catch(() => undefined);
  return credentials?.digitalSourceType;
}
