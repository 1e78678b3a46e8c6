/**
 * A process that reads changed files over and over, in turn for each reader, and says on stdout what it
 * found. It runs with few rights: a read or write outside its folder and the checkout is a find too.
 * @module
 */
import process from "node:process";
import { basename, dirname, join } from "node:path";
import { IsaError } from "../../../lib/errors.ts";
import type { ReaderCase } from "../../properties/reader_case.ts";
import { readers } from "../../properties/readers.ts";
import { Random, seedOf } from "../random.ts";
import { grammarOf } from "./binary.ts";
import { changeBytes } from "./bytes.ts";
import type { Kind, Orders, Said } from "./messages.ts";
import { MEMORY, SLOW_MS } from "./messages.ts";

/** Milliseconds that one reader has before the next has its turn. */
const TURN_MS = 1500;
/** Files of a reader that made it say something new, to go on from. */
const MOST_KEPT = 300;

const say = (message: Said) =>
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(message) + "\n"));

/** Milliseconds of processor time so far, of all threads. */
function worked(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The most memory that was in use at once, bytes. */
const peak = () => process.resourceUsage().maxRSS * 1024;

/** One reader with the files that it was tried on. */
class Trial {
  readonly #files: Uint8Array[] = [];
  readonly #said = new Set<string>();
  readonly #path: string;
  readonly #random: Random;
  #count = 0;
  /** Bytes of the largest file. */
  #most = 0;

  private constructor(readonly reader: ReaderCase, folder: string, seed: number) {
    this.#path = join(folder, reader.file);
    this.#random = new Random(seed);
  }

  static async begin(reader: ReaderCase, { seed, folder }: Orders): Promise<Trial> {
    const own = join(folder, reader.name.replace(/\W+/g, "_"));
    await Deno.mkdir(own, { recursive: true });
    await reader.beside?.(own);
    const trial = new Trial(reader, own, seedOf(seed, reader.name));
    trial.#files.push(await reader.sample());
    trial.#most = Math.max(1 << 17, 8 * trial.#files[0].length);
    return trial;
  }

  /** Reads changed files until the time is over. */
  async run(until: number): Promise<void> {
    const before = this.#count;
    while (performance.now() < until) await this.#one();
    say({ kind: "done", reader: this.reader.name, count: this.#count - before });
  }

  async #one(): Promise<void> {
    const random = this.#random;
    let bytes = random.chance(0.3) ? this.#files[0] : random.pick(this.#files);
    for (let k = random.pick([1, 1, 1, 2, 4]); k > 0 && bytes.length <= this.#most; k--) {
      const change = random.chance(0.65) ? grammarOf(bytes) : undefined;
      bytes = (change ?? changeBytes)(random, bytes, random.pick(this.#files));
    }
    if (bytes.length > this.#most) return;
    Deno.writeFileSync(this.#path, bytes);
    this.#count++;
    const [started, most] = [worked(), peak()];
    const failure = await this.#read();
    const [spent, grown] = [worked() - started, peak() - most];
    if (spent > SLOW_MS) this.#found("slow", `${Math.round(spent)} ms`, bytes);
    if (grown > MEMORY.times * bytes.length + MEMORY.besides) {
      this.#found("memory", `${Math.round(grown / 2 ** 20)} MB for ${bytes.length} bytes`, bytes);
      // The peak of a process never falls: the next find wants a new one.
      Deno.exit(0);
    }
    this.#keep(
      failure ? failure.replace(/"[^"]*"/g, "").replace(/[\d.e+-]+/g, "#") : "read",
      bytes,
    );
  }

  /** What the reader said; undefined where the file was read. */
  async #read(): Promise<string | undefined> {
    try {
      await this.reader.read(this.#path);
      return undefined;
    } catch (error) {
      const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      const found = this.#fault(error);
      if (found) this.#found(found.kind, found.what, Deno.readFileSync(this.#path));
      return text;
    }
  }

  #fault(error: unknown): { kind: Kind; what: string } | undefined {
    const chain = [error, (error as Error)?.cause];
    const denied = chain.find((each) => each instanceof Deno.errors.NotCapable);
    if (denied) return { kind: "escape", what: String(denied) };
    if (!(error instanceof IsaError)) {
      return {
        kind: "crash",
        what: error instanceof Error ? error.stack ?? String(error) : String(error),
      };
    }
    const { message } = error;
    // A file that names others, such as an index of shards, may fail by one of those.
    if (!message.includes(basename(this.#path)) && !message.includes(dirname(this.#path))) {
      return { kind: "message", what: `names no file: ${error.stack}` };
    }
    if (message.includes("\n") || message.endsWith(".") || message.length > 2500) {
      return {
        kind: "message",
        what: `is not one line of a sensible length: ${message.slice(0, 3000)}`,
      };
    }
    return undefined;
  }

  #found(kind: Kind, what: string, bytes: Uint8Array): void {
    say({ kind: "find", fault: kind, reader: this.reader.name, what, file: bytes.toBase64() });
  }

  /** A file that made a reader say something new leads further. */
  #keep(said: string, bytes: Uint8Array): void {
    // Small ones are quick to change and to read.
    if (this.#said.has(said) || bytes.length > this.#most / 8) return;
    if (this.#files.length >= MOST_KEPT) {
      this.#files.splice(1 + this.#random.below(MOST_KEPT - 1), 1);
    }
    this.#said.add(said);
    this.#files.push(bytes);
  }
}

const orders: Orders = JSON.parse(Deno.args[0]);
const chosen = readers.filter(({ name }) =>
  (orders.only.length === 0 || orders.only.includes(name)) && !orders.without.includes(name)
);
const trials: Trial[] = [];
for (const reader of chosen) {
  say({ kind: "begin", reader: reader.name });
  trials.push(await Trial.begin(reader, orders));
}
for (;;) {
  for (const trial of trials) {
    say({ kind: "begin", reader: trial.reader.name });
    await trial.run(performance.now() + TURN_MS);
  }
}
