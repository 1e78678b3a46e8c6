/**
 * Task `sbom`: writes `sbom.cdx.json`, the list of everything that isa4d ships or brings, again from the
 * files that pin it.
 * @module
 */
import { join } from "node:path";
import { IsaError } from "../lib/errors.ts";
import { readJson, writeText } from "../lib/io/mod.ts";
import { makeSbom, type Sbom } from "./release/sbom.ts";
import { sourceRoot } from "./support/version.ts";

if (import.meta.main) {
  const path = join(sourceRoot, "sbom.cdx.json");
  try {
    const before = await readJson(path).catch(() => undefined);
    const sbom = await makeSbom(sourceRoot, before as Sbom | undefined);
    await writeText(path, JSON.stringify(sbom));
    // As all files of the checkout are.
    await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", path] }).output();
    console.log(`${path}: ${sbom.components.length} parts`);
  } catch (error) {
    if (!(error instanceof IsaError)) throw error;
    console.error(`sbom: ${error.message}`);
    Deno.exit(1);
  }
}
