/**
 * A hash of data in memory, so that two records tell whether they measured the same clips.
 * @module
 */
import { createHash } from "node:crypto";

/** SHA-256 over values in the order in which they are added. */
export class ContentHash {
  readonly #hash = createHash("sha256");

  /** Adds numbers, texts, typed arrays, and lists and records of such; keys count in sorted order. */
  add(value: unknown): void {
    if (ArrayBuffer.isView(value)) {
      this.#hash.update(`<${value.byteLength}>`);
      this.#hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    } else if (Array.isArray(value)) {
      this.#hash.update(`[${value.length}]`);
      for (const item of value) this.add(item);
    } else if (typeof value === "object" && value !== null) {
      const fields = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
      this.#hash.update(`{${fields.length}}`);
      for (const [key, field] of fields) {
        this.add(key);
        this.add(field);
      }
    } else this.#hash.update(`${typeof value} ${value};`);
  }

  /** The hash in hexadecimal digits; nothing can be added any more. */
  digest(): string {
    return this.#hash.digest("hex");
  }
}
