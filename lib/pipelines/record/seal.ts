/**
 * Content Credentials of a result: what went into it, and who signs that.
 * @module
 */
import { basename } from "node:path";
import config from "../../../deno.json" with { type: "json" };
import { sidecarsOf, type SignedIngredient, type Signer, signPart } from "../../credentials/mod.ts";
import { digitalSourceType, type Finish, type Origin, removeQuietly } from "../../io/mod.ts";
import { isFile, type Job } from "../job/mod.ts";

/** Who signs results, and with which library. */
export interface Seal {
  /** Of `readSigner`. */
  readonly signer: Signer;
  /** Path of c2pa-rs, of `bringCredentialsLibrary`. */
  readonly library: string;
}

/** What of a job goes into its result. */
export type SealedJob = Pick<Job, "weights" | "background" | "reference" | "persons">;

/** Signs each file of a job before it gets its name. */
export function sealing(job: SealedJob, origin: Origin, { signer, library }: Seal): Finish {
  const signing = {
    ...{ signer, library },
    generator: { name: "isa4d", version: config.version },
    digitalSourceType: digitalSourceType(origin.sourceType),
    ingredients: ingredientsOf(job),
  };
  return (part, path) => signPart(part, path, signing);
}

/**
 * The files with credentials beside a result: those of a signed one; of any other, what an older result
 * left is removed.
 */
export async function settleSidecars(
  path: string,
  { signed }: { readonly signed: boolean },
): Promise<string[]> {
  const sidecars = sidecarsOf(path);
  if (signed) return sidecars;
  for (const older of sidecars) await removeQuietly(older);
  return [];
}

/** References and the background. A model looks at a reference; without one its pixels are in the result. */
function ingredientsOf({ weights, background, reference, persons }: SealedJob): SignedIngredient[] {
  const images = new Set([reference, ...persons.map(({ reference: own }) => own)]
    .flatMap((one) => one === undefined ? [] : [one.image]));
  const shown = weights === "none" || background === "photo";
  const relationship = shown ? "componentOf" : "inputTo";
  const ingredient = (path: string) => ({ path, title: basename(path) });
  return [
    ...[...images].map((path) => ({ ...ingredient(path), relationship } as const)),
    ...isFile.background(background)
      ? [{ ...ingredient(background), relationship: "componentOf" } as const]
      : [],
  ];
}
