/**
 * Task `setup`: brings libtorch, CMake and ffmpeg, and builds the native library. The tasks run it first;
 * `isa4d`, which has to answer at once, only where `.deps/ready-1` is missing. A second run finds
 * everything and says nothing.
 * @module
 */
import { fileURLToPath } from "node:url";
import { IsaError } from "../lib/errors.ts";
import { setUp } from "./setup/mod.ts";

if (import.meta.main) {
  const say = (line: string) => console.error(`setup: ${line}`);
  try {
    await setUp({ deps: fileURLToPath(new URL("../.deps", import.meta.url)), say });
  } catch (error) {
    if (!(error instanceof IsaError) || Deno.args.includes("--verbose")) throw error;
    say(error.message);
    Deno.exit(1);
  }
}
