/**
 * The list of what this project ships in `weights/`: files with their hashes, models with their sizes.
 * @module
 */
import { join, relative } from "node:path";
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { readJson, sha256File, shippedFolder } from "../../io/mod.ts";
import { openState } from "../../models/state/mod.ts";
import { checkOwnModel } from "./own_models.ts";

/** A file of `weights/`. */
const shippedFile = z.strictObject({
  /** From `weights/`, with forward slashes. */
  path: z.string().regex(/^[\w-][\w./-]*$/),
  bytes: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** A model in one of the files. */
const shippedModel = z.strictObject({
  kind: z.enum(["video_vae", "isa_dit", "synth_image_net", "synth_video_net"]),
  /** Its file, or the index of its shards. */
  path: z.string(),
  /** Trainable values. */
  parameters: z.int().min(0),
  config: z.record(z.string(), z.unknown()),
});

/** What goes by one name: a set of weights, or the body asset. */
const shippedSet = z.strictObject({
  name: z.string().regex(/^[\w-]+$/),
  /** Where it comes from, its licence, how good it is; a file of `weights/`. */
  card: z.string(),
  files: z.array(shippedFile).min(1),
  models: z.array(shippedModel),
});

/** `weights/manifest.json`. */
const weightsManifest = z.strictObject({
  version: z.literal(1),
  weights: z.array(shippedSet),
});

/** A checked manifest. */
export type WeightsManifest = z.infer<typeof weightsManifest>;

/** One name of the manifest. */
export type ShippedSet = z.infer<typeof shippedSet>;

/** The manifest of this checkout. */
export const manifestPath: string = join(shippedFolder, "manifest.json");

/** Reads and checks a manifest. Throws {@linkcode InputError}. */
export async function readManifest(path: string = manifestPath): Promise<WeightsManifest> {
  const parsed = weightsManifest.safeParse(await readJson(path));
  if (parsed.success) return parsed.data;
  const [{ path: at, message }] = parsed.error.issues;
  throw new InputError(
    `cannot read "${path}" as a manifest of weights: ${at.join(".")}: ${message}`,
  );
}

/** Describes what lies in `folder`: each subfolder is a set, each safetensors beside them an asset. */
export async function makeManifest(folder: string = shippedFolder): Promise<WeightsManifest> {
  const entries = [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1);
  const weights: ShippedSet[] = [];
  for (const { name, isDirectory } of entries) {
    if (isDirectory) {
      weights.push(await describeSet(folder, name));
    } else if (name.endsWith(".safetensors")) {
      const stem = name.replace(/\.safetensors$/, "");
      const files = [await describeFile(folder, name)];
      weights.push({ name: stem, card: `${stem}.LICENSE.md`, files, models: [] });
    }
  }
  return weightsManifest.parse({ version: 1, weights });
}

async function describeSet(folder: string, name: string): Promise<ShippedSet> {
  const names = [...Deno.readDirSync(join(folder, name))].map((entry) => `${name}/${entry.name}`)
    .filter((path) => /\.safetensors(\.index\.json)?$/.test(path)).sort();
  const files = [];
  for (const path of names) files.push(await describeFile(folder, path));
  const models = [];
  for (const path of names.filter((path) => !/-\d{5}-of-\d{5}\.safetensors$/.test(path))) {
    models.push({
      ...checkOwnModel(await openState(join(folder, path), { asShipped: false })),
      path,
    });
  }
  return { name, card: `${name}/README.md`, files, models };
}

async function describeFile(folder: string, path: string): Promise<ShippedSet["files"][number]> {
  const file = join(folder, path);
  const { size: bytes } = await Deno.stat(file);
  return { path: relative(folder, file), bytes, sha256: await sha256File(file) };
}
