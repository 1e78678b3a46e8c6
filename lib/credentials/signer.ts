/**
 * The certificate and key that sign.
 * @module
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { ConfigError, InputError } from "../errors.ts";
import { readText } from "../io/mod.ts";
import type { C2paSigner } from "../native/mod.ts";

/**
 * Reads `cert.pem,key.pem`: the signer's certificate with those that vouch for it behind it, and its
 * private key, unencrypted: EC on P-256, P-384 or P-521, RSA, or Ed25519.
 *
 * Throws {@linkcode ConfigError} for text that is no pair of files, {@linkcode InputError} for files
 * that are no such certificate and key, do not belong together, or whose time is over.
 */
export async function readSigner(
  pair: string,
  resolve: (path: string) => string = (path) => path,
): Promise<C2paSigner> {
  const paths = pair.split(",");
  if (paths.length !== 2 || paths.includes("")) {
    throw new ConfigError(`"${pair}" is no pair of files, expected cert.pem,key.pem`);
  }
  const [certPath, keyPath] = paths.map(resolve);
  const certificates = await readText(certPath);
  const certificate = read(certPath, "certificate", () => new X509Certificate(certificates));
  const text = await readText(keyPath);
  const key = read(keyPath, "private key, unencrypted", () => createPrivateKey(text));
  if (!certificate.checkPrivateKey(key)) {
    throw new InputError(`the key "${keyPath}" does not belong to the certificate "${certPath}"`);
  }
  if (Date.parse(certificate.validTo) < Date.now()) {
    throw new InputError(`the certificate "${certPath}" was valid until ${certificate.validTo}`);
  }
  return {
    algorithm: algorithmOf(keyPath, key),
    certificates,
    privateKey: key.export({ type: "pkcs8", format: "pem" }) as string,
  };
}

function read<T>(path: string, what: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new InputError(`"${path}" holds no ${what}, as PEM text`, { cause });
  }
}

const curves: Readonly<Record<string, string>> = {
  ...{ prime256v1: "es256", "p-256": "es256", secp384r1: "es384", "p-384": "es384" },
  ...{ secp521r1: "es512", "p-521": "es512" },
};

/** The signature that a key makes (C2PA specification, 13.2). */
function algorithmOf(path: string, key: KeyObject): string {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  const curve = details?.namedCurve?.toLowerCase() ?? "";
  if (type === "ec" && curves[curve]) return curves[curve];
  if (type === "rsa" || type === "rsa-pss") return "ps256";
  if (type === "ed25519") return "ed25519";
  throw new InputError(
    `the key "${path}" is of ${type} ${curve}, expected EC on P-256, P-384 or P-521, RSA or Ed25519`,
  );
}
