/**
 * What makes two jobs the same: their records as they are written, whatever the order of their fields.
 * @module
 */
import { createHash } from "node:crypto";

/** JSON with sorted keys and without what is undefined. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const parts = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .sort(([a], [b]) => a < b ? -1 : 1)
    .map(([name, part]) => `${JSON.stringify(name)}:${canonicalJson(part)}`);
  return `{${parts.join(",")}}`;
}

/** SHA-256 of a value's {@linkcode canonicalJson}, in hex. */
export function hashOf(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

/** Digits of an id that is made from a hash: 48 bits, one clash in 10⁸ among 2400 jobs. */
const ID_DIGITS = 12;

/** The id of a job that brings none. */
export function idFromHash(hash: string): string {
  return hash.slice(0, ID_DIGITS);
}
