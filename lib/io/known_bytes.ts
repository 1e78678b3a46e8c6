/**
 * Files that were brought from elsewhere and must be what is known of them.
 * @module
 */
import { createHash } from "node:crypto";
import { InputError } from "../errors.ts";

/**
 * The bytes, where their SHA-256 is the known one; `what` is what messages call them.
 * @throws {InputError} where it is another
 */
export function knownBytes(
  bytes: Uint8Array<ArrayBuffer>,
  { path, sha256, what }: {
    readonly path: string;
    readonly sha256: string;
    readonly what: string;
  },
): Uint8Array<ArrayBuffer> {
  const hash = createHash("sha256").update(bytes).digest("hex");
  if (hash === sha256) return bytes;
  throw new InputError(
    `"${path}" is not ${what} that is known here (${hash.slice(0, 12)}…, expected ` +
      `${sha256.slice(0, 12)}…); delete it, and it is brought again`,
  );
}
