/**
 * The set-up from start to end.
 * @module
 */
import { join } from "node:path";
import { IoError } from "../../lib/errors.ts";
import { buildLibrary, ensureNative, findCompiler } from "../../lib/native/mod.ts";
import { missingParts, type Part } from "./parts.ts";
import { installPackages, runtimeRequirements } from "./pip.ts";

/** Where the set-up puts things and whom it tells. */
export interface SetUpOptions {
  /** Folder for everything that is brought, `.deps` of the checkout. */
  readonly deps: string;
  /** Gets one line before each long step; nothing where there is nothing to do. */
  readonly say: (line: string) => void;
}

/**
 * Brings what is missing and builds the native library. Set-ups that run at once wait for each other.
 * Throws {@linkcode EnvironmentError} with how to get what is missing, {@linkcode IoError} where
 * `deps` cannot be written.
 */
export async function setUp({ deps, say }: SetUpOptions): Promise<void> {
  if ((await missingParts(deps)).length > 0) {
    using _lock = await lock(deps, say);
    // Whoever held the lock may have brought everything.
    const missing = await missingParts(deps);
    if (missing.length > 0) await bring(deps, missing, say);
  }
  if (isReady(deps)) {
    buildLibrary({ onProgress: say }); // the sources may be newer
  } else {
    ensureNative({ onProgress: say });
    Deno.writeTextFileSync(readyPath(deps), "");
  }
}

async function bring(deps: string, missing: readonly Part[], say: (line: string) => void) {
  findCompiler(); // before a download of gigabytes, not after it
  const requirements = missing.map(({ requirement }) => requirement);
  say(`installing ${requirements.join(", ")} with pip into .deps (once)`);
  await installPackages(deps, requirements);
  const nvidia = missing.some(({ name }) => name === "torch") ? runtimeRequirements(deps) : [];
  if (nvidia.length > 0) {
    say("installing the CUDA libraries that this torch needs (once, some gigabytes)");
    await installPackages(deps, nvidia, { dependencies: true });
  }
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

async function lock(deps: string, say: (line: string) => void): Promise<Disposable> {
  try {
    await Deno.mkdir(deps, { recursive: true });
    const file = await Deno.open(join(deps, "lock"), { create: true, write: true });
    if (!file.tryLockSync(true)) {
      say("waiting for another set-up");
      await file.lock(true);
    }
    return file; // closing it gives the lock back, and so does the end of the process
  } catch (cause) {
    throw new IoError(`cannot write to "${deps}": ${(cause as Error).message}`, { cause });
  }
}
