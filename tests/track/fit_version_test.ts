import { deepEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { FIT_VERSION } from "../../lib/track/fit_clip.ts";

/**
 * The code that fits as of that version. Its results are no measure: from a few frames other processors'
 * last digits lead to other fits that are as good.
 */
const KNOWN = { version: 7, code: "0090402c393ccfda" };

/** Of the files in lib/track itself, without comments and spaces. */
async function codeOfFits(): Promise<string> {
  const folder = join(import.meta.dirname!, "../../lib/track");
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(folder)) if (isFile) names.push(name);
  const hash = createHash("sha256");
  for (const name of names.sort()) {
    const lines = (await Deno.readTextFile(join(folder, name))).split("\n");
    const code = lines.filter((line) => !/^\s*(\/\/|\/?\*)/.test(line)).join("");
    hash.update(code.replace(/\s+/g, ""));
  }
  return hash.digest("hex").slice(0, 16);
}

Deno.test("fits: their code is known by its version, so that caches begin anew when it changes", async () => {
  const code = await codeOfFits();
  deepEqual(
    { version: FIT_VERSION, code },
    KNOWN,
    `where fits come out otherwise, raise FIT_VERSION in lib/track/fit_clip.ts; then note ${code} here`,
  );
});
