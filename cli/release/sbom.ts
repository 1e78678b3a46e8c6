/**
 * The list of everything that isa4d ships or brings, with licences and hashes, as CycloneDX has it. It
 * is read from the files that pin these things, so it knows nothing that they do not know.
 * @module
 */
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../../lib/errors.ts";
import { readManifest } from "../../lib/pipelines/checkpoints/mod.ts";
import { type Locked, lockedFiles, lockedPackages, packagesPlace } from "../setup/mod.ts";
import { licenceOf, shippedLicences } from "./licences.ts";

/** One thing, by the names of CycloneDX 1.6. */
export interface Component {
  readonly type: "library" | "application" | "data" | "machine-learning-model" | "file";
  readonly "bom-ref"?: string;
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly scope?: "required" | "optional" | "excluded";
  readonly hashes?: readonly { readonly alg: "SHA-256" | "SHA-512"; readonly content: string }[];
  readonly licenses?: readonly { readonly expression: string }[];
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
  readonly components?: readonly Component[];
}

/** The whole list. */
export interface Sbom {
  readonly bomFormat: "CycloneDX";
  readonly specVersion: "1.6";
  readonly version: 1;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
}

/** What Python packages are for, and whether isa4d itself needs them. */
const purposes: Readonly<Record<Locked, [Component["scope"], string]>> = {
  deno: ["required", "runs isa4d"],
  setup: ["required", "brought by set-up where the machine lacks it"],
  cuda: ["optional", "brought by set-up with a torch for CUDA"],
  credentials: ["optional", "brought when something is first signed"],
  bench: ["excluded", "measured against, in benchmarks alone"],
  assets: ["excluded", "sources of what lies in weights/, for its scripts alone"],
};

/** Whose packages a lock file of Deno names, as far as is needed here. */
const lockFile = z.object({
  npm: z.record(
    z.string(),
    z.object({
      integrity: z.string().regex(/^sha512-/),
      os: z.array(z.string()).optional(),
      cpu: z.array(z.string()).optional(),
    }),
  ),
});

/**
 * Reads the list out of the checkout at `root`. Licences of npm packages are those that `before`, an
 * older list, has, or that the packages' own files name.
 *
 * Throws {@linkcode InputError} where a licence is not known.
 */
export async function makeSbom(root: string, before?: Sbom): Promise<Sbom> {
  const known = new Map(before?.components.map(({ purl, licenses }) => [purl, licenses]));
  const npmLicence = (name: string, version: string): string => {
    const found = known.get(npmPurl(name, version))?.[0]?.expression ?? licenceOf(name) ??
      licenceInCache(root, { name, version });
    if (found) return found;
    throw new InputError(`no licence is known of ${name} ${version}: add it to licences.ts`);
  };
  const { version } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  return {
    ...{ bomFormat: "CycloneDX", specVersion: "1.6", version: 1 },
    metadata: {
      component: {
        ...{ type: "application", "bom-ref": "isa4d", name: "isa4d", version },
        licenses: [{ expression: "Apache-2.0" }],
      },
    },
    components: [
      ...await shippedComponents(),
      ...lockedFiles.flatMap(pythonComponents),
      ...await npmComponents(join(root, "deno.lock"), {
        ...{ licence: npmLicence, scope: "required", purpose: "imported" },
      }),
      ...await npmComponents(join(root, "requirements", "networks.lock"), {
        ...{ licence: npmLicence, scope: "optional", purpose: "networks that see persons" },
      }),
    ],
  };
}

async function shippedComponents(): Promise<Component[]> {
  const { weights } = await readManifest();
  return weights.map(({ name, card, files, models }) => {
    const expression = shippedLicences[name];
    if (!expression) throw new InputError(`no licence is known of weights/${name}`);
    return {
      type: models.length > 0 ? "machine-learning-model" as const : "data" as const,
      ...{ "bom-ref": `weights/${name}`, name, scope: "required" as const },
      ...{ licenses: [{ expression }], properties: purpose(`shipped; weights/${card}`) },
      components: files.map(({ path, sha256 }) => ({
        ...{ type: "file" as const, name: `weights/${path}` },
        hashes: [{ alg: "SHA-256" as const, content: sha256 }],
      })),
    };
  });
}

function pythonComponents(file: Locked): Component[] {
  const [scope, text] = purposes[file];
  return lockedPackages(file).map(({ name, version, hashes }) => {
    const expression = licenceOf(name);
    if (!expression) throw new InputError(`no licence is known of ${name}: add it to licences.ts`);
    const purl = `pkg:pypi/${name}@${version}`;
    return {
      ...{ type: "library", "bom-ref": purl, name, version, purl, scope },
      // One for every file that the package may come as: one is installed.
      hashes: hashes.map((content) => ({ alg: "SHA-256", content })),
      ...{ licenses: [{ expression }], properties: purpose(text) },
    };
  });
}

interface NpmOptions {
  readonly licence: (name: string, version: string) => string;
  readonly scope: Component["scope"];
  readonly purpose: string;
}

async function npmComponents(path: string, options: NpmOptions): Promise<Component[]> {
  const { npm } = lockFile.parse(JSON.parse(await Deno.readTextFile(path)));
  const all = new Map<string, Component>();
  for (const [key, { integrity, os, cpu }] of Object.entries(npm)) {
    // A package stands there once for each set of peers: `name@1.0.0_peer@2.0.0`.
    const [, name, version] = /^(@?[^@]+)@([^_]+)/.exec(key)!;
    const fits = (os?.includes("linux") ?? true) &&
      (cpu?.some((c) => /^(x|arm)64$/.test(c)) ?? true);
    if (!fits) continue;
    const purl = npmPurl(name, version);
    const content = Buffer.from(integrity.slice("sha512-".length), "base64").toString("hex");
    all.set(purl, {
      ...{ type: "library", "bom-ref": purl, name, version, purl, scope: options.scope },
      hashes: [{ alg: "SHA-512", content }],
      licenses: [{ expression: options.licence(name, version) }],
      properties: purpose(options.purpose),
    });
  }
  return [...all.values()];
}

const purpose = (value: string) => [{ name: "isa4d:purpose", value }];

const npmPurl = (name: string, version: string) => `pkg:npm/${name.replace("@", "%40")}@${version}`;

/** What a package says of itself, where Deno has it. */
function licenceInCache(
  root: string,
  { name, version }: { readonly name: string; readonly version: string },
): string | undefined {
  const packages = join(packagesPlace(join(root, ".deps"), root).folder, "npm");
  for (const registry of Deno.readDirSync(packages)) {
    try {
      const path = join(packages, registry.name, name, version, "package.json");
      return JSON.parse(Deno.readTextFileSync(path)).license;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}
