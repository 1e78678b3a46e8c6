import { ok } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inflateSync } from "node:zlib";
import fc from "fast-check";
import { readSmplBody } from "../../lib/data/body_smpl_file.ts";
import { loadMotion } from "../../lib/data/mod.ts";
import { InputError } from "../../lib/errors.ts";
import { withFolder } from "../support/folders.ts";

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const body = await readSmplBody(fixture("body/smpl.npz"));

const plain = (bytes: Uint8Array) => bytes[0] === 0x78 ? new Uint8Array(inflateSync(bytes)) : bytes;

const readers: [string, string, (path: string) => Promise<unknown>][] = [
  ["a track", "motion/phalp.pkl", (path) => loadMotion(path, { body })],
  ["a champ group", "motion/champ.npz", (path) => loadMotion(path, { body })],
  ["an SMPL pickle", "body/smpl.pkl", (path) => readSmplBody(path)],
  ["an SMPL npz", "body/smpl.npz", (path) => readSmplBody(path)],
  ["a FLAME pickle", "body/flame.pkl", (path) => readSmplBody(path)],
];

for (const [what, name, read] of readers) {
  Deno.test(`hostile files: ${what} with any bytes cut or changed is read or an InputError`, () =>
    withFolder(async (folder) => {
      const original = plain(await Deno.readFile(fixture(name)));
      const path = join(folder, `file${name.slice(-4)}`);
      const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(fc.option(fc.nat()), changes, async (cut, list) => {
          const length = cut === null ? original.length : 1 + cut % original.length;
          const changed = original.slice(0, length);
          for (const [at, value] of list) changed[at % length] = value;
          await Deno.writeFile(path, changed);
          await read(path).catch((error) => {
            ok(error instanceof InputError, String(error?.stack ?? error));
            ok(!error.message.includes("\n"), error.message);
          });
        }),
        { numRuns: 40, seed: 5 },
      );
    }));
}
