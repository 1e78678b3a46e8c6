// Writes weights/manifest.json: hashes, sizes and configurations of what lies in weights/.
//
//     deno run -A weights/manifest.ts
import { writeJson } from "../lib/io/mod.ts";
import { makeManifest, manifestPath } from "../lib/pipelines/checkpoints/mod.ts";

await writeJson(manifestPath, await makeManifest());
console.error(manifestPath);
