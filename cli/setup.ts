/**
 * Task `setup`: brings libtorch, CMake and ffmpeg, builds the native library and bundles the page of
 * `isa4d view`. The tasks run it first; `isa4d`, which has to answer at once, only where
 * `.deps/ready-1` is missing. A second run finds everything and says nothing.
 * @module
 */
import { fileURLToPath } from "node:url";
import { EnvironmentError, IsaError } from "../lib/errors.ts";
import { setUp } from "./setup/mod.ts";

/** Makes the page's script while there is a network; `isa4d view` could only do the same later. */
async function bundlePage(deps: string, say: (line: string) => void): Promise<void> {
  if (await Deno.stat(`${deps}/viewer`).then(() => true, () => false)) return;
  const { pageScript } = await import("../lib/viewer/mod.ts");
  try {
    await pageScript({ onProgress: say });
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    say(error.message);
  }
}

if (import.meta.main) {
  const say = (line: string) => console.error(`setup: ${line}`);
  try {
    const deps = fileURLToPath(new URL("../.deps", import.meta.url));
    await setUp({ deps, say });
    await bundlePage(deps, say);
  } catch (error) {
    if (!(error instanceof IsaError) || Deno.args.includes("--verbose")) throw error;
    say(error.message);
    Deno.exit(1);
  }
}
