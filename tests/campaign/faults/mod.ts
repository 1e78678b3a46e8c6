/**
 * A disk that fails, an ffmpeg that misbehaves and too little memory: one clear line, nothing half
 * written, and the same result afterwards.
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ffmpegPath } from "../../../lib/io/mod.ts";
import { isa4dCommand } from "../../support/cli.ts";
import { reading, rows } from "../kills/rows.ts";
import { filesIn, type Row } from "../kills/row.ts";
import type { Find, Part } from "../part.ts";
import { type Ended, pause, startProgram } from "../processes.ts";
import { Random, seedOf } from "../random.ts";
import { fakes, hanging, lies } from "./fakes.ts";
import { SmallDisk } from "./small_disk.ts";

/** Calls that fail, and the numbers of Linux' errors that they fail with. */
const kinds = {
  write: { ENOSPC: 28, EIO: 5, EDQUOT: 122 },
  fsync: { EIO: 5, ENOSPC: 28 },
  rename: { EIO: 5, EACCES: 13 },
  read: { EIO: 5 },
  create: { EACCES: 13, ENOSPC: 28, EMFILE: 24 },
} as const;
type Kind = keyof typeof kinds;

/** Of the rows that are killed, those of one process that take seconds. */
const names = [
  "generate --resume",
  "generate --weights none",
  "synth",
  "install",
  "train, one rank",
];

/** Gigabytes of address space: Deno and libtorch want some of it before they use it. */
const rooms = [1, 2, 4, 8, 12, 16, 20, 24, 32, 48];

/** Runs what fails by turns until the time is over. */
export const faults: Part = async (options) => {
  const folder = await Deno.makeTempDir({ prefix: "isa4d-campaign-" });
  const finds = new Map<string, Find>();
  const counts: Record<string, number> = {};
  const count = (what: string) => counts[what] = (counts[what] ?? 0) + 1;
  const chosen = [...rows.filter(({ name }) => names.includes(name)), reading].filter(({ name }) =>
    options.only.length === 0 || options.only.includes(name)
  );
  const find = (what: string, problems: readonly string[]) => {
    for (const problem of problems) {
      const title = `${what}: ${problem}`;
      const key = title.replace(/[\d.]+|\/tmp\S*/g, "#").slice(0, 160);
      if (!finds.has(key)) options.say(`find: ${title}`);
      finds.set(key, { key, title });
    }
  };
  try {
    const shim = await buildShim(folder);
    const trials: Trial[] = [];
    for (const row of chosen) trials.push(await Trial.begin(row, folder, shim));
    for (let turn = 0; performance.now() < options.until; turn++) {
      for (const trial of trials) {
        if (performance.now() > options.until) break;
        const random = new Random(seedOf(options.seed, turn, trial.row.name));
        const kind = random.pick(Object.keys(kinds) as Kind[]);
        const [error, number] = random.pick(Object.entries(kinds[kind]));
        const nth = 1 + random.below(await trial.calls(kind));
        const fault = { kind, number, nth, always: random.chance(0.3) };
        find(
          `${trial.row.name}, ${kind} ${nth}${
            fault.always ? " and all after it" : ""
          } fails with ${error}`,
          await trial.disk(fault),
        );
        count(`${kind} that fails`);
        const disk = await trial.fullDisk(random);
        if (disk) {
          find(`${trial.row.name}, a disk with ${disk.pages} pages left`, disk.problems);
          count("disk of so many pages");
        }
        if (!trial.row.args.includes("generate")) continue;
        const wrong = { ...fakes, ...trial.row === reading && lies };
        const [name, script] = random.pick(Object.entries(wrong));
        find(`${trial.row.name}, an ffmpeg that ${name}`, await trial.ffmpeg(script));
        count("ffmpeg that misbehaves");
        if (turn % 5 === 0) {
          find(`${trial.row.name}, an ffmpeg that hangs`, await trial.hangs());
          count("ffmpeg that hangs");
        }
        const room = rooms[turn % rooms.length];
        find(`${trial.row.name}, ${room} GB of addresses`, await trial.memory(room));
        count("little memory");
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return { counts, finds: [...finds.values()] };
};

/** A library that is loaded before all others. */
async function buildShim(folder: string): Promise<string> {
  const out = join(folder, "shim.so");
  const source = fileURLToPath(new URL("shim.c", import.meta.url));
  const { success, stderr } = await new Deno.Command("cc", {
    args: ["-O2", "-shared", "-fPIC", "-o", out, source, "-ldl"],
  }).output();
  if (!success) throw new Error(`cc: ${new TextDecoder().decode(stderr)}`);
  return out;
}

interface DiskFault {
  readonly kind: Kind;
  readonly number: number;
  /** Which call, from 1; 0: none. */
  readonly nth: number;
  readonly always: boolean;
}

/** Milliseconds in which a command that is asked to end does so. */
const GRACE_MS = 60_000;
/** Milliseconds that its ffmpeg may outlive it. */
const ORPHAN_MS = 15_000;

class Trial {
  readonly #calls = new Map<Kind, number>();
  /** Pages that a run takes at most. */
  #pages?: number;

  private constructor(
    readonly row: Row,
    readonly folder: string,
    readonly shim: string,
    readonly results: string,
    /** How long it takes where nothing is wrong. */
    readonly ms: number,
  ) {}

  static async begin(row: Row, parent: string, shim: string): Promise<Trial> {
    const folder = await Deno.makeTempDir({ dir: parent });
    const sample = join(folder, "whole");
    await Deno.mkdir(sample);
    await row.prepare(sample);
    const { code, stderr, ms } = await run(row, sample);
    if (code !== 0) throw new Error(`${row.name} fails by itself: ${stderr}`);
    return new Trial(row, folder, shim, await row.results(sample), ms);
  }

  /** How often a run makes a kind of call in its folder; 1 where it makes none. */
  async calls(kind: Kind): Promise<number> {
    const known = this.#calls.get(kind);
    if (known !== undefined) return known;
    const counts = join(this.folder, `${kind}.count`);
    await this.#within(async (folder) => {
      const fault = { kind, number: 0, nth: 0, always: false };
      await run(this.row, folder, { ...this.#env(fault, folder), FAULT_COUNTS: counts });
      return [];
    });
    const found = Math.max(1, (await Deno.stat(counts).catch(() => ({ size: 1 }))).size);
    this.#calls.set(kind, found);
    return found;
  }

  disk(fault: DiskFault): Promise<string[]> {
    return this.#within(async (folder) =>
      this.#judge(folder, await run(this.row, folder, this.#env(fault, folder)))
    );
  }

  /** A disk that is full after a number of pages; undefined where nothing can be mounted. */
  async fullDisk(
    random: Random,
  ): Promise<{ readonly pages: number; readonly problems: string[] } | undefined> {
    await using disk = await SmallDisk.mount(await Deno.makeTempDir({ dir: this.folder }));
    if (!disk) return undefined;
    await this.row.prepare(disk.folder);
    if (this.#pages === undefined) {
      const before = await disk.used();
      await run(this.row, disk.folder);
      // Files that are being written lie beside those that they replace.
      this.#pages = 2 * (await disk.used() - before);
      return undefined;
    }
    const pages = random.below(this.#pages);
    await disk.leave(pages);
    const end = await run(this.row, disk.folder);
    await disk.grow();
    return { pages, problems: await this.#judge(disk.folder, end) };
  }

  ffmpeg(script: string): Promise<string[]> {
    return this.#within(async (folder) => {
      const env = { ISA4D_FFMPEG: await this.#program(script) };
      return await this.#judge(folder, await run(this.row, folder, env));
    });
  }

  /** Somebody ends the command when its ffmpeg does nothing for a while. */
  hangs(): Promise<string[]> {
    return this.#within(async (folder) => {
      const running = start(this.row, folder, { ISA4D_FFMPEG: await this.#program(hanging) });
      await Promise.race([running.end, pause(2 * this.ms)]);
      running.kill("SIGTERM");
      const end = await Promise.race([running.end, pause(GRACE_MS).then(() => undefined)]);
      // What has been killed is not gone at once on a busy machine.
      const patience = performance.now() + ORPHAN_MS;
      while (running.left().length > 0 && performance.now() < patience) await pause(100);
      const left = running.left();
      for (const pid of left) Deno.kill(pid, "SIGKILL");
      if (!end) return [`SIGTERM does not end it within ${GRACE_MS / 1000} s`];
      const problems = left.length > 0 ? [`leaves ${left.length} processes`] : [];
      if (end.code !== 130 && end.signal === null) problems.push(...wrongWords(end));
      return [...problems, ...await this.#judge(folder, end, { ownWords: false })];
    });
  }

  async #program(script: string): Promise<string> {
    const program = join(this.folder, "ffmpeg");
    const text = `#!/bin/sh\nreal='${ffmpegPath()}'\n${script}\n`;
    await Deno.writeTextFile(program, text, { mode: 0o755 });
    return program;
  }

  memory(gigabytes: number): Promise<string[]> {
    return this.#within(async (folder) => {
      const limited = ["bash", "-c", `ulimit -v ${gigabytes * 2 ** 20}; exec "$@"`, "bash"];
      const end = await run(this.row, folder, {}, limited);
      // V8 and libtorch may end the process themselves: what counts then is what is left behind.
      return await this.#judge(folder, end, { ownWords: end.signal === null && end.code === 1 });
    });
  }

  #env({ kind, number, nth, always }: DiskFault, folder: string): Record<string, string> {
    return {
      ...{ LD_PRELOAD: this.shim, FAULT_BELOW: folder, FAULT_KIND: kind },
      ...{
        FAULT_NTH: String(nth),
        FAULT_ERRNO: String(number),
        ...always && { FAULT_ALWAYS: "1" },
      },
    };
  }

  async #within(body: (folder: string) => Promise<string[]>): Promise<string[]> {
    const folder = await Deno.makeTempDir({ dir: this.folder });
    try {
      await this.row.prepare(folder);
      return await body(folder);
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }

  /** What is wrong with how a run ended, with what it left, and with the one after it. */
  async #judge(folder: string, end: Ended, { ownWords = true } = {}): Promise<string[]> {
    const problems: string[] = [];
    if (end.code !== 0 && ownWords) problems.push(...wrongWords(end));
    await this.row.whole?.(folder).catch((error) =>
      problems.push(`is not whole: ${error.message}`)
    );
    if (ownWords) {
      const parts = filesIn(folder).filter((name) => /(^|\/)\.[^/]*\.part$/.test(name));
      if (parts.length > 0) problems.push(`leaves ${parts.join(", ")}`);
    }
    const again = await run(this.row, folder);
    if (again.code !== 0) {
      return [...problems, `the next run ends with ${again.code}: ${again.stderr.slice(-400)}`];
    }
    if (await this.row.results(folder) !== this.results) {
      problems.push("the next run has other results");
    }
    return problems;
  }
}

/** The last line is the error, says what is wrong, and is the only one of its kind. */
function wrongWords({ code, signal, stderr }: Ended): string[] {
  if (signal !== null) return [`is ended by ${signal}: ${stderr.slice(-300)}`];
  const lines = stderr.trimEnd().split("\n");
  const last = lines.at(-1) ?? "";
  if (code !== 1 && code !== 2) return [`ends with ${code}: ${last}`];
  if (!/^(isa4d|install|\[rank)/.test(last)) {
    return [`does not end in its own words: ${stderr.slice(-400)}`];
  }
  if (/unexpected; --verbose|\n\s+at /.test(stderr)) {
    return [`does not know what happened: ${last}`];
  }
  return [];
}

const start = (
  row: Row,
  folder: string,
  env: Record<string, string> = {},
  through: readonly string[] = [],
) =>
  startProgram([...through, ...row.program ?? isa4dCommand, ...row.args], {
    cwd: folder,
    env: { XDG_CACHE_HOME: join(folder, "caches"), ...env },
  });

const run = (...args: Parameters<typeof start>): Promise<Ended> => start(...args).end;
