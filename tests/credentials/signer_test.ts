import { equal, match, rejects } from "node:assert/strict";
import { join } from "node:path";
import { readSigner } from "../../lib/credentials/mod.ts";
import { opensslMissing, writeCertificates } from "../support/certificates.ts";
import { withFolder } from "../support/folders.ts";

Deno.test({
  name: "signer: a certificate and its key say how they sign; others are refused in one line",
  ignore: opensslMissing,
  fn: () =>
    withFolder(async (folder) => {
      const at = (name: string) => join(folder, name);
      for (const [curve, algorithm] of [["secp384r1", "es384"], ["prime256v1", "es256"]]) {
        await writeCertificates(folder, { curve });
        const signer = await readSigner("cert.pem,key.pem", at);
        equal(signer.algorithm, algorithm);
        match(signer.privateKey, /^-----BEGIN PRIVATE KEY-----/);
      }
      for (
        const [pair, name, says] of [
          [
            "cert.pem",
            "ConfigError",
            /"cert\.pem" is no pair of files, expected cert\.pem,key\.pem/,
          ],
          ["cert.pem,key.pem,", "ConfigError", /is no pair of files/],
          ["none.pem,key.pem", "InputError", /none\.pem": there is no such file/],
          ["key.pem,key.pem", "InputError", /key\.pem" holds no certificate, as PEM text/],
          ["cert.pem,cert.pem", "InputError", /cert\.pem" holds no private key, unencrypted, as/],
          ["cert.pem,ca-key.pem", "InputError", /ca-key\.pem" does not belong to the certificate/],
        ] as const
      ) {
        await rejects(readSigner(pair, at), { name, message: says });
      }
    }),
});
