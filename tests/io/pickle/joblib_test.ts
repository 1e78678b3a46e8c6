import { deepEqual, ok, rejects, throws } from "node:assert/strict";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { InputError } from "../../../lib/errors.ts";
import { decodePickle, readPickle } from "../../../lib/io/pickle/mod.ts";
import { withFolder } from "../../support/folders.ts";
import fixture from "../../fixtures/pickle/joblib.json" with { type: "json" };
import { decode, simple } from "./simple.ts";

for (const [name, base64] of Object.entries(fixture.files)) {
  Deno.test(`joblib: ${name}`, () => {
    deepEqual(simple(decodePickle(decode(base64))), fixture.expected);
  });
}

for (const [name, base64] of Object.entries(fixture.refused)) {
  Deno.test(`joblib: a file packed with ${name} is refused and told how to write it anew`, () => {
    throws(
      () => decodePickle(decode(base64), { label: '"a.pkl"' }),
      (error) =>
        error instanceof InputError &&
        error.message.startsWith(`cannot read "a.pkl": it is compressed with ${name}; write it`),
    );
  });
}

Deno.test("joblib: lz4 is known by its first bytes", () => {
  throws(() => decodePickle(Uint8Array.of(4, 0x22, 0x4d, 0x18, 0)), /compressed with lz4/);
});

Deno.test("joblib: an object is refused by name inside a compressed file too", () => {
  const hostile = new TextEncoder().encode("cposix\nsystem\n(S'true'\ntR.");
  throws(() => decodePickle(deflateSync(hostile)), /"posix\.system"/);
});

Deno.test("joblib: arrays in files beside are refused by name", () => {
  const old = new TextEncoder().encode(
    "ccopy_reg\n_reconstructor\n(cjoblib.numpy_pickle\nNDArrayWrapper\nc__builtin__\nobject\nNtR.",
  );
  throws(() => decodePickle(old), /"joblib\.numpy_pickle\.NDArrayWrapper"/);
});

Deno.test("joblib: a file that is missing, empty or cut is an InputError", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.pkl");
    await rejects(readPickle(path), /no such file/);
    await Deno.writeFile(path, new Uint8Array());
    await rejects(readPickle(path), /empty/);
    await Deno.writeFile(path, decode(fixture.files.zlib).subarray(0, 90));
    await rejects(
      readPickle(path),
      (error) => error instanceof InputError && error.message.startsWith(`cannot unpack "${path}"`),
    );
  });
});

Deno.test("joblib: any cut or changed byte is a value or an InputError", () => {
  const files = Object.values(fixture.files).map(decode);
  const changes = fc.array(fc.tuple(fc.nat(3000), fc.nat(255)), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.nat(files.length - 1), fc.nat(3000), changes, (which, cut, list) => {
      const changed = files[which].slice(0, 1 + cut % files[which].length);
      for (const [at, value] of list) changed[at % changed.length] = value;
      try {
        decodePickle(changed);
      } catch (error) {
        ok(error instanceof InputError, String((error as Error)?.stack ?? error));
      }
    }),
    { numRuns: 150, seed: 3 },
  );
});
