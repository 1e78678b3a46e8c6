/**
 * Who signs the results of a command.
 * @module
 */
import type { Seal } from "../../lib/pipelines/record/mod.ts";
import type { Context } from "./context.ts";

/** What --sign names, with the library that signs; undefined where nothing is to be signed. */
export async function requestedSeal(
  { sign }: { readonly sign?: string },
  context: Context,
): Promise<Seal | undefined> {
  if (sign === undefined) return undefined;
  const { bringCredentialsLibrary, readSigner } = await import("../../lib/credentials/mod.ts");
  const signer = await readSigner(sign, context.path);
  const library = await bringCredentialsLibrary({ onProgress: context.notice });
  return { signer, library };
}
