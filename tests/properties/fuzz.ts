/**
 * How often properties run, what becomes of the bytes of a file, and a watch over readers that hang.
 * @module
 */
import fc from "fast-check";
import { ok } from "node:assert/strict";
import { basename, dirname } from "node:path";
import { IsaError } from "../../lib/errors.ts";

/** Runs of a property that asks for no number of its own. */
export const RUNS = 20;
/** What ISA4D_FUZZ_RUNS asks for in place of {@linkcode RUNS}; other numbers grow alike. */
const asked = Number(Deno.env.get("ISA4D_FUZZ_RUNS") ?? NaN);
/** A seed that a failure has printed. */
const seed = Deno.env.get("ISA4D_FUZZ_SEED");

/** Options of fast-check, which prints the seed of a failure. */
export function settings<T>(runs = RUNS): fc.Parameters<T> {
  const many = asked > 0;
  return {
    numRuns: many ? Math.ceil(runs * asked / RUNS) : runs,
    // A smaller counterexample is worth a few runs, not minutes.
    interruptAfterTimeLimit: many ? undefined : 20_000,
    ...(seed === undefined ? {} : { seed: Number(seed) }),
  };
}

/** A change of a file's bytes. */
export type Mutation =
  | { readonly kind: "flip"; readonly bits: readonly number[] }
  | { readonly kind: "cut"; readonly at: number }
  | { readonly kind: "set"; readonly at: number; readonly bytes: readonly number[] }
  | { readonly kind: "move"; readonly from: number; readonly to: number; readonly length: number };

/** Places as fractions of a file; half of them within its first bytes, where headers are. */
const place = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  fc.double({ min: 0, max: 0.05, noNaN: true }),
);

/** Numbers that formats count with, at their limits, little-endian and big-endian. */
const extremes = fc.constantFrom(
  [0xff],
  [0xff, 0xff],
  [0xff, 0xff, 0xff, 0x7f],
  [0x7f, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0xff],
  [0, 0, 0, 0],
  [0, 0, 0, 0, 0, 1, 0, 0], // 2^40: a terabyte
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
);

/** Flipped bits, some or many, anywhere. */
export const flips: fc.Arbitrary<Mutation> = fc.array(place, { minLength: 1, maxLength: 8 })
  .map((bits) => ({ kind: "flip", bits }));

/** A file that ends early. */
export const cuts: fc.Arbitrary<Mutation> = place.map((at) => ({ kind: "cut", at }));

/** Bytes put elsewhere, and numbers at their limits. */
export const edits: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant("set"), at: place, bytes: extremes }),
  fc.record({
    kind: fc.constant("move"),
    from: place,
    to: place,
    length: fc.integer({ min: 1, max: 64 }),
  }),
) as fc.Arbitrary<Mutation>;

/** What a mutation makes of a file. */
export function mutated(bytes: Uint8Array, mutation: Mutation): Uint8Array {
  const at = (fraction: number) => Math.floor(fraction * bytes.length);
  if (mutation.kind === "cut") return bytes.slice(0, at(mutation.at));
  const out = bytes.slice();
  if (mutation.kind === "flip") {
    for (const fraction of mutation.bits) {
      const bit = Math.floor(fraction * bytes.length * 8);
      out[bit >> 3] ^= 1 << (bit & 7);
    }
  } else if (mutation.kind === "set") {
    out.set(mutation.bytes.slice(0, out.length - at(mutation.at)), at(mutation.at));
  } else {
    const piece = bytes.subarray(at(mutation.from), at(mutation.from) + mutation.length);
    out.set(piece.subarray(0, out.length - at(mutation.to)), at(mutation.to));
  }
  return out;
}

/** Milliseconds that a read of a small file may take, on a machine that does much else too. */
const SLOW = 20_000;

/** Odd while a read is under way; it counts on with each. */
const reads = new Int32Array(new SharedArrayBuffer(4));

/**
 * Reads, and asserts that a failure is one of ours, in one line that names the file. Returns whether
 * it was read.
 */
export async function readsOrRefuses(
  path: string,
  read: (path: string) => Promise<unknown>,
): Promise<boolean> {
  Atomics.add(reads, 0, 1);
  const start = performance.now();
  try {
    await read(path);
    return true;
  } catch (error) {
    ok(error instanceof IsaError, `raised ${error instanceof Error ? error.stack : error}`);
    const { message } = error;
    // A file that names others, such as an index of shards, may fail by one of those.
    const names = message.includes(basename(path)) || message.includes(dirname(path));
    ok(names, `"${message}" does not name ${basename(path)}`);
    ok(!message.includes("\n") && !message.endsWith("."), `"${message}" is not one line`);
    return false;
  } finally {
    Atomics.add(reads, 0, 1);
    ok(performance.now() - start < SLOW, `took ${performance.now() - start} ms`);
  }
}

/**
 * Runs `body`, which reads files in `folder`. A read that never returns would hold up this thread, so
 * another one ends the program then, and says where the file lies.
 */
export async function watched(folder: string, body: () => Promise<void>): Promise<void> {
  // Counted in ticks, not in time: a machine that stands still makes none.
  const code = `onmessage = ({ data: { reads, limit, folder } }) => {
    let before = -1, ticks = 0;
    setInterval(() => {
      const now = Atomics.load(reads, 0);
      ticks = now === before && now % 2 === 1 ? ticks + 1 : 0;
      before = now;
      if (ticks < limit) return;
      Deno.stderr.writeSync(new TextEncoder().encode("a reader hangs on what lies in " + folder));
      Deno.kill(Deno.pid, "SIGKILL");
    }, 1000);
  };`;
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module" });
  worker.postMessage({ reads, limit: 3 * SLOW / 1000, folder });
  try {
    await body();
  } finally {
    worker.terminate();
    URL.revokeObjectURL(url);
  }
}
