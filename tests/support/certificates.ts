/**
 * Certificates for tests, made by openssl as a studio would make its own.
 * @module
 */
import { join } from "node:path";
import { equal } from "node:assert/strict";
import { run } from "./commands.ts";

/** Whether tests that need openssl are left out. */
export const opensslMissing: boolean = !await run("openssl", ["version"]).then(
  ({ code }) => code === 0,
  () => false,
);

const extensions = `basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=critical,emailProtection
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid,issuer
`;

/** Fills `folder` with `ca.pem`, who vouches for `cert.pem` with `key.pem`; `curve` is the key's. */
export async function writeCertificates(
  folder: string,
  { curve = "prime256v1" }: { readonly curve?: string } = {},
): Promise<void> {
  const openssl = async (line: string) => {
    const { code, stderr } = await run("openssl", line.split(" "), { cwd: folder });
    equal(code, 0, stderr);
  };
  await Deno.writeTextFile(join(folder, "leaf.cnf"), extensions);
  await openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out ca-key.pem");
  await openssl(
    "req -x509 -new -key ca-key.pem -days 9 -subj /C=DE/O=Test/CN=Root -out ca.pem " +
      "-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign",
  );
  // As SEC1: what openssl's older commands write.
  await openssl(`ecparam -name ${curve} -genkey -noout -out key.pem`);
  await openssl("req -new -key key.pem -subj /C=DE/O=Studio/CN=Signer -out leaf.csr");
  await openssl(
    "x509 -req -in leaf.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 9 " +
      "-extfile leaf.cnf -out leaf.pem",
  );
  const texts = ["leaf.pem", "ca.pem"].map((name) => Deno.readTextFileSync(join(folder, name)));
  await Deno.writeTextFile(join(folder, "cert.pem"), texts.join(""));
}
