/**
 * Whether weights are what they should be: hashes of shipped files, names, sizes and values of models.
 * @module
 */
import { basename, join } from "node:path";
import { ConfigError, InputError, IsaError } from "../../errors.ts";
import { sha256File, shippedFolder } from "../../io/mod.ts";
import { openState } from "../../models/state/mod.ts";
import { isFile } from "../job/mod.ts";
import { readManifest, type ShippedSet } from "./manifest.ts";
import { checkFinite, checkOwnModel, type OwnModel } from "./own_models.ts";

/** What became of one file. */
export interface Verdict {
  /** The file. */
  readonly file: string;
  /** What was looked at. */
  readonly check: "as shipped" | "model";
  /** What is wrong; absent where all is well. */
  readonly problem?: string;
}

/**
 * Verifies a shipped set by name, every shipped set without one, or the models of a folder; one
 * verdict a file, as they are reached. Throws {@linkcode ConfigError} for an unknown name, and
 * {@linkcode InputError} for a folder that is not there.
 */
export async function* verifyWeights(weights?: string): AsyncGenerator<Verdict> {
  if (weights !== undefined && isFile.weights(weights)) return yield* verifyFolder(weights);
  const { weights: sets } = await readManifest();
  const wanted = sets.filter(({ name }) => weights === undefined || name === weights);
  if (wanted.length === 0) {
    const known = sets.map(({ name }) => name).join(", ");
    throw new ConfigError(`there are no shipped weights "${weights}", expected ${known}`);
  }
  for (const set of wanted) {
    for (const file of set.files) yield await verifyShipped(file);
    for (const { path } of set.models) yield (await verifyModel(join(shippedFolder, path))).verdict;
  }
}

async function verifyShipped(
  { path, bytes, sha256 }: ShippedSet["files"][number],
): Promise<Verdict> {
  const file = join(shippedFolder, path);
  return await verdictOf(file, "as shipped", async () => {
    const facts = await Deno.stat(file).catch(() => undefined);
    if (!facts?.isFile) throw new InputError("it is missing");
    if (facts.size !== bytes) throw new InputError(`${facts.size} bytes, expected ${bytes}`);
    const found = await sha256File(file);
    if (found !== sha256) throw new InputError(`SHA-256 ${found}, expected ${sha256}`);
  });
}

async function* verifyFolder(folder: string): AsyncGenerator<Verdict> {
  const found = await Deno.stat(folder).catch(() => undefined);
  if (!found?.isDirectory) throw new InputError(`there is no folder of weights "${folder}"`);
  const models: OwnModel[] = [];
  const paths = ["video_vae.safetensors", "isa_dit.safetensors"].map((name) => join(folder, name));
  for (const path of paths) {
    const { verdict, model } = await verifyModel(path);
    if (model) models.push(model);
    yield verdict;
  }
  const channels = models.map(({ config }) => config.latentChannels);
  if (models.length === 2 && channels[0] !== channels[1]) {
    const problem = `latents of ${channels[0]} channels from the VideoVAE, the ISA-DiT takes ${
      channels[1]
    }`;
    yield { file: paths[1], check: "model", problem };
  }
}

async function verifyModel(file: string): Promise<{ verdict: Verdict; model?: OwnModel }> {
  let model: OwnModel | undefined;
  const verdict = await verdictOf(file, "model", async () => {
    const state = await openState(file, { asShipped: false });
    const found = checkOwnModel(state);
    const expected = basename(file).replace(/\.safetensors(\.index\.json)?$/, "");
    if (found.kind !== expected) throw new InputError(`its kind is "${found.kind}"`);
    checkFinite(state);
    model = found;
  });
  return { verdict, model };
}

async function verdictOf(
  file: string,
  check: Verdict["check"],
  body: () => Promise<void>,
): Promise<Verdict> {
  try {
    await body();
    return { file, check };
  } catch (error) {
    if (!(error instanceof IsaError)) throw error;
    return { file, check, problem: error.message };
  }
}
