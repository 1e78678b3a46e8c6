/**
 * Task `setup`: brings libtorch, CMake, ffmpeg and npm packages, builds the native library and bundles the pages
 * of `isa4d view`. The tasks run it first; `isa4d`, which has to answer at once, only where
 * `.deps/ready-1` is missing. A second run finds everything and says nothing. With `--all` it brings
 * what else comes only when it is first needed: the networks that see persons, and the library of Content
 * Credentials.
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EnvironmentError, IsaError } from "../lib/errors.ts";
import { setUp, type Signs, stderrSigns } from "./setup/mod.ts";

/** Makes the pages' scripts while there is a network; `isa4d view` could only do the same later. */
async function bundlePages({ say }: Signs): Promise<void> {
  const { pageNames, pageScript } = await import("../lib/viewer/mod.ts");
  try {
    for (const page of pageNames) await pageScript({ page, onProgress: say });
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    say(error.message);
  }
}

if (import.meta.main) {
  const signs = stderrSigns();
  try {
    const root = fileURLToPath(new URL("../", import.meta.url));
    await setUp({ deps: join(root, ".deps"), root, signs });
    await bundlePages(signs);
    if (Deno.args.includes("--all")) {
      const { bringNetworks } = await import("../lib/perception/mod.ts");
      await bringNetworks({ onProgress: signs.say });
      const { bringCredentialsLibrary } = await import("../lib/credentials/mod.ts");
      await bringCredentialsLibrary({ onProgress: signs.say });
    }
  } catch (error) {
    if (!(error instanceof IsaError) || Deno.args.includes("--verbose")) throw error;
    signs.say(error.message);
    Deno.exit(1);
  }
}
