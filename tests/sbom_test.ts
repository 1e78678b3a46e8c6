import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { makeSbom, type Sbom } from "../cli/release/sbom.ts";
import { root } from "./support/commands.ts";

const written: Sbom = JSON.parse(await Deno.readTextFile(join(root, "sbom.cdx.json")));

Deno.test("sbom.cdx.json: is what `./denow task sbom` writes", async () => {
  deepEqual(await makeSbom(root, written), written);
});

Deno.test("sbom.cdx.json: each part has a licence and the hashes of its files, once", () => {
  const refs = written.components.map((each) => each["bom-ref"]);
  equal(new Set(refs).size, refs.length);
  for (const { name, licenses, hashes, components } of written.components) {
    match(licenses?.[0].expression ?? "", /^\(?[A-Z0-9][\w.+-]*( (AND|OR) [\w.+-]+)*\)?$/i, name);
    const all = [hashes ?? [], ...(components ?? []).map((file) => file.hashes ?? [])].flat();
    ok(all.length > 0, name);
    for (const { alg, content } of all) {
      match(content, alg === "SHA-256" ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{128}$/, name);
    }
  }
});
