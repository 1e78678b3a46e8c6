/**
 * Signing a result.
 * @module
 */
import { basename } from "node:path";
import { C2paError, InputError } from "../errors.ts";
import { partPath, removeQuietly, sha256File, writeBytes } from "../io/mod.ts";
import { type C2paManifest, type C2paSigner, signFile, signHash } from "../native/mod.ts";
import { holdingType, mediaType } from "./formats.ts";
import { sidecarPath } from "./presence.ts";
import { librarySettings } from "./settings.ts";

/** A file that went into a result. */
export interface SignedIngredient {
  readonly path: string;
  /** As people know it. */
  readonly title: string;
  /** Whether its pixels are in the result, or a model only looked at it. */
  readonly relationship: "componentOf" | "inputTo";
}

/** What is signed, and by whom. */
export interface Signing {
  readonly signer: C2paSigner;
  /** Path of c2pa-rs. */
  readonly library: string;
  /** The program that made the result, and its version. */
  readonly generator: { readonly name: string; readonly version: string };
  /** An address of IPTC's vocabulary "Digital Source Type". */
  readonly digitalSourceType: string;
  readonly ingredients: readonly SignedIngredient[];
}

/**
 * Signs a finished file before it gets its name: in place where the kind of file holds credentials, else
 * in `NAME.c2pa` beside `name`.
 *
 * Throws {@linkcode InputError} where the certificate will not do or an ingredient cannot be read.
 */
export async function signPart(part: string, name: string, signing: Signing): Promise<void> {
  const call = { library: signing.library, settings: librarySettings() };
  const format = holdingType(name);
  const manifest = manifestOf(name, signing);
  try {
    if (format === undefined) {
      const sha256 = Uint8Array.fromHex(await sha256File(part));
      await writeBytes(sidecarPath(name), signHash(sha256, { ...call, manifest }));
      return;
    }
    const target = partPath(name);
    try {
      signFile(part, { ...call, target, format, manifest });
      await Deno.rename(target, part);
    } finally {
      await removeQuietly(target);
    }
  } catch (cause) {
    if (!(cause instanceof C2paError)) throw cause;
    throw new InputError(`cannot sign "${name}": ${cause.message}`, { cause });
  }
}

/** c2pa-rs's manifest definition; actions name their ingredients by label. */
function manifestOf(
  name: string,
  { signer, generator, digitalSourceType, ingredients }: Signing,
): C2paManifest {
  const labelled = ingredients.map((ingredient, i) => ({ ...ingredient, label: `input-${i}` }));
  const labels = (wanted: SignedIngredient["relationship"]) =>
    labelled.filter(({ relationship }) => relationship === wanted).map(({ label }) => label);
  const [inputs, components] = [labels("inputTo"), labels("componentOf")];
  const created = {
    ...{ action: "c2pa.created", digitalSourceType, softwareAgent: generator },
    ...inputs.length === 0 ? {} : { parameters: { ingredientIds: inputs } },
  };
  const placed = { action: "c2pa.placed", parameters: { ingredientIds: components } };
  return {
    definition: {
      claim_generator_info: [generator],
      title: basename(name),
      format: mediaType(name),
      assertions: [{
        label: "c2pa.actions.v2",
        data: { actions: [created, ...components.length === 0 ? [] : [placed]] },
      }],
    },
    ingredients: labelled.map(({ path, title, relationship, label }) => ({
      ...{ path, format: mediaType(path), ingredient: { title, relationship, label } },
    })),
    signer,
  };
}
