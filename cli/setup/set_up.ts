/**
 * The set-up from start to end.
 * @module
 */
import { join } from "node:path";
import { EnvironmentError, IoError } from "../../lib/errors.ts";
import { buildLibraryWatched, ensureNative, findCompiler } from "../../lib/native/mod.ts";
import { lockedPackages, requirementOf } from "./locked.ts";
import { fillPackages, packagesPlace } from "./packages.ts";
import { missingParts, type Part } from "./parts.ts";
import { installPackages, isForCuda } from "./pip.ts";
import type { Sign, Signs } from "./signs.ts";

/** Where the set-up puts things and whom it tells. */
export interface SetUpOptions {
  /** Folder for everything that is brought, `.deps` of the checkout. */
  readonly deps: string;
  /** The checkout. */
  readonly root: string;
  /** What each long step says; nothing where there is nothing to do. */
  readonly signs: Signs;
}

/**
 * Brings what is missing, npm packages too, and builds the native library. Set-ups that run at once wait for each other.
 * Throws {@linkcode EnvironmentError} with how to get what is missing, {@linkcode IoError} where
 * `deps` cannot be written.
 */
export async function setUp({ deps, root, signs }: SetUpOptions): Promise<void> {
  if ((await missingParts(deps)).length > 0) {
    using _lock = await lock(deps, signs);
    // Whoever held the lock may have brought everything.
    const missing = await missingParts(deps);
    if (missing.length > 0) await bring(deps, missing, signs);
  }
  await bringPackages(deps, root, signs);
  await build(signs); // where it is there, the sources may be newer
  if (isReady(deps)) return;
  ensureNative();
  Deno.writeTextFileSync(readyPath(deps), "");
}

async function bringPackages(deps: string, root: string, signs: Signs): Promise<void> {
  if (packagesPlace(deps, root).complete) return;
  using _lock = await lock(deps, signs);
  const place = packagesPlace(deps, root);
  if (place.complete) return;
  try {
    await signs.during(
      `downloading the npm packages into ${shown(place.folder, root)} (once)`,
      () => fillPackages(place, root),
    );
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    // Where Deno has them already, in a cache of the user's, everything works all the same.
    signs.say(`${error.message}; isa4d needs a network until set-up has downloaded them`);
  }
}

/** A path in the checkout, from there on. */
function shown(path: string, root: string): string {
  return path.startsWith(root) ? path.slice(root.length) : path;
}

async function build(signs: Signs): Promise<void> {
  let sign: Sign | undefined;
  try {
    await buildLibraryWatched({
      onProgress: (line) => sign = signs.begin(line),
      onCompiled: (done, of) => sign?.tell(`${done} of ${of} compiled`),
    });
  } finally {
    sign?.end();
  }
}

async function bring(deps: string, missing: readonly Part[], signs: Signs): Promise<void> {
  findCompiler(); // before a download of gigabytes, not after it
  const packages = missing.map(({ locked }) => locked);
  await signs.during(
    `installing ${packages.map(requirementOf).join(", ")} with pip into .deps (once)`,
    (tell) => installPackages(deps, packages, { tell }),
  );
  if (!missing.some(({ name }) => name === "torch") || !isForCuda(deps)) return;
  await signs.during(
    "installing the CUDA libraries that this torch needs (once, some gigabytes)",
    (tell) => installPackages(deps, lockedPackages("cuda"), { tell }),
  );
}

/** The tasks look for this file; its number changes when set-up brings something new. */
function readyPath(deps: string): string {
  return join(deps, "ready-1");
}

function isReady(deps: string): boolean {
  try {
    return Deno.statSync(readyPath(deps)).isFile;
  } catch {
    return false;
  }
}

async function lock(deps: string, { during }: Signs): Promise<Disposable> {
  try {
    await Deno.mkdir(deps, { recursive: true });
    const file = await Deno.open(join(deps, "lock"), { create: true, write: true });
    if (!file.tryLockSync(true)) {
      await during("waiting for another set-up", () => file.lock(true));
    }
    return file; // closing it gives the lock back, and so does the end of the process
  } catch (cause) {
    throw new IoError(`cannot write to "${deps}": ${(cause as Error).message}`, { cause });
  }
}
