/**
 * Reading Content Credentials, and whether they hold.
 * @module
 */
import { z } from "zod";
import { C2paError, InputError } from "../errors.ts";
import { readBytes } from "../io/mod.ts";
import { readManifest } from "../native/mod.ts";
import { mediaType } from "./formats.ts";
import { findCredentials, sidecarPath } from "./presence.ts";
import { librarySettings } from "./settings.ts";

/** A file that went into the one that is checked. */
export interface CredentialIngredient {
  /** Its name. */
  readonly title: string;
  /** `componentOf`, `inputTo` or `parentOf`. */
  readonly relationship: string;
  /** Its own digital source type, where it carried credentials that say it. */
  readonly digitalSourceType?: string;
}

/** What a file's Content Credentials say. */
export interface Credentials {
  /**
   * `trusted`: signed by whom you trust, and unchanged. `untrusted`: unchanged, but you have named nobody
   * who vouches for the signer, or the signature breaks another rule. `altered`: the file or the
   * statement was changed after it was signed.
   */
  readonly state: "trusted" | "untrusted" | "altered";
  /** The certificate's name and organisation. */
  readonly signer?: string;
  /** When, as an authority stamped it. */
  readonly time?: string;
  /** The program that wrote the statement. */
  readonly generator?: string;
  /** An address of IPTC's vocabulary "Digital Source Type", where the statement says one. */
  readonly digitalSourceType?: string;
  /** What went into the file. */
  readonly ingredients: readonly CredentialIngredient[];
  /** What does not hold, in the library's words. */
  readonly problems: readonly string[];
}

const action = z.looseObject({ digitalSourceType: z.string().optional() });
const manifest = z.looseObject({
  claim_generator_info: z.array(z.looseObject({
    name: z.string(),
    version: z.string().optional(),
  })).optional(),
  signature_info: z.looseObject({
    issuer: z.string().nullish(),
    common_name: z.string().nullish(),
    time: z.string().nullish(),
  }).optional(),
  ingredients: z.array(z.looseObject({
    title: z.string().nullish(),
    relationship: z.string().nullish(),
    active_manifest: z.string().nullish(),
  })).default([]),
  assertions: z.array(z.looseObject({ label: z.string(), data: z.unknown() })).default([]),
});
const store = z.looseObject({
  active_manifest: z.string().optional(),
  manifests: z.record(z.string(), manifest).default({}),
  validation_state: z.string().optional(),
  validation_status: z.array(z.looseObject({
    code: z.string(),
    explanation: z.string().nullish(),
  })).default([]),
});

type Manifest = z.infer<typeof manifest>;
type Store = z.infer<typeof store>;

/**
 * Checks a file's Content Credentials, in it or beside it, with the library at `library`; `anchors` are
 * certificates (PEM) of authorities that you trust to vouch for signers.
 *
 * Throws {@linkcode InputError} where they cannot be read.
 */
export async function checkCredentials(
  path: string,
  { library, anchors }: { readonly library: string; readonly anchors?: string },
): Promise<Credentials> {
  const beside = await findCredentials(path) === "beside";
  const sidecar = beside ? await readBytes(sidecarPath(path)) : undefined;
  try {
    const settings = librarySettings({ anchors });
    const json = readManifest(path, { library, settings, format: mediaType(path), sidecar });
    return credentialsOf(store.parse(JSON.parse(json)));
  } catch (cause) {
    if (!(cause instanceof C2paError) && !(cause instanceof z.ZodError)) throw cause;
    const reason = cause instanceof C2paError ? cause.message : "unknown JSON";
    throw new InputError(`cannot read the Content Credentials of "${path}": ${reason}`, { cause });
  }
}

function credentialsOf(store: Store): Credentials {
  const active = store.manifests[store.active_manifest ?? ""];
  const { issuer, common_name, time } = active?.signature_info ?? {};
  const names = [common_name, issuer].filter((name) => name != null);
  const [generator] = active?.claim_generator_info ?? [];
  return {
    state: stateOf(store),
    signer: names.length === 0 ? undefined : names.join(", "),
    time: time ?? undefined,
    generator: generator && [generator.name, generator.version].filter(Boolean).join(" "),
    digitalSourceType: active && sourceTypeOf(active),
    ingredients: (active?.ingredients ?? []).map(({ title, relationship, active_manifest }) => {
      const own = store.manifests[active_manifest ?? ""];
      return {
        title: title ?? "a file",
        relationship: relationship ?? "unknown",
        digitalSourceType: own && sourceTypeOf(own),
      };
    }),
    problems: store.validation_status.map(({ code, explanation }) =>
      explanation ? `${explanation} (${code})` : code
    ),
  };
}

function stateOf({ validation_state, validation_status }: Store): Credentials["state"] {
  if (validation_state === "Trusted") return "trusted";
  const changed = validation_status.some(({ code }) => /mismatch|missing|malformed/.test(code));
  return validation_state === "Invalid" && changed ? "altered" : "untrusted";
}

/** The digital source type of the first action that says one. */
function sourceTypeOf({ assertions }: Manifest): string | undefined {
  const lists = assertions.filter(({ label }) => /^c2pa\.actions(\.|$)/.test(label));
  const actions = lists.flatMap(({ data }) => {
    const parsed = z.looseObject({ actions: z.array(action) }).safeParse(data);
    return parsed.success ? parsed.data.actions : [];
  });
  return actions.find(({ digitalSourceType }) => digitalSourceType !== undefined)
    ?.digitalSourceType;
}
