/**
 * Hashes of files that many jobs share: each is read once, and again only when it has changed.
 * @module
 */
import { sha256File } from "../io/mod.ts";
import type { Ledger } from "./ledger.ts";

/** A file changed so shortly ago may change again without its time showing it. */
const FRESH_MS = 2000;

/** SHA-256 by path, remembered in a ledger with size, time and inode. */
export class FileHashes {
  readonly #ledger: Ledger;

  /** `ledger` keeps them. */
  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** The hash of a file as it is now; errors as of `sha256File`. */
  async hash(path: string): Promise<string> {
    const facts = await factsOf(path);
    const known = facts && this.#ledger.knownHash(path, facts.text);
    if (known !== undefined) return known;
    const sha256 = await sha256File(path);
    const after = await factsOf(path);
    if (facts && after?.text === facts.text && Date.now() - facts.changed > FRESH_MS) {
      this.#ledger.rememberHash(path, facts.text, sha256);
    }
    return sha256;
  }
}

async function factsOf(path: string): Promise<{ text: string; changed: number } | undefined> {
  const found = await Deno.stat(path).catch(() => undefined);
  if (!found?.mtime) return undefined;
  const { size, mtime, ctime, ino } = found;
  const times = [mtime, ctime ?? mtime].map((time) => time.getTime());
  return { text: [size, ...times, ino].join(" "), changed: Math.max(...times) };
}
