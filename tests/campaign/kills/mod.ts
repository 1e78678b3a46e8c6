/**
 * Commands that are ended at random moments and started again: files are whole or absent, results are
 * those of a run that nobody ended, no process stays, nothing is in the way of the next run.
 * @module
 */
import { join } from "node:path";
import type { Find, Part } from "../part.ts";
import { pause, type Running, startIsa4d, startProgram } from "../processes.ts";
import { Random, seedOf } from "../random.ts";
import { filesIn, type Row } from "./row.ts";
import { rows } from "./rows.ts";

/** How often a command is ended before it may run to its end. */
const KILLS = 5;
/** Milliseconds after which a process that was asked to end has to be gone; a rank waits for others. */
const GRACE_MS = 60_000;
/** Milliseconds that children may outlive the process that started them, on a busy machine. */
const ORPHAN_MS = 15_000;
const signals: readonly Deno.Signal[] = ["SIGKILL", "SIGKILL", "SIGKILL", "SIGINT", "SIGTERM"];
const PARTS = "hidden parts that SIGKILL left";

/** Files that are being written, the probe whether a folder can be written, and temporary files. */
const hidden = /(^|\/)\.(.*\.part|isa4d-.*)$|^temporary\/isa4d-/;

/** Sequences of kills, row by row, until the time is over. */
export const kills: Part = async (options) => {
  const chosen = rows.filter(({ name }) =>
    options.only.length === 0 || options.only.includes(name)
  );
  const folder = await Deno.makeTempDir({ prefix: "isa4d-campaign-" });
  const finds = new Map<string, Find>();
  const counts: Record<string, number> = { SIGKILL: 0, SIGINT: 0, SIGTERM: 0 };
  try {
    const trials: Trial[] = [];
    for (const row of chosen) {
      if (performance.now() > options.until) break;
      trials.push(await Trial.begin(row, join(folder, String(trials.length))));
      options.say(`${row.name}: ${Math.round(trials.at(-1)!.ms)} ms where nobody ends it`);
    }
    for (let turn = 0; performance.now() < options.until; turn++) {
      for (const trial of trials) {
        if (performance.now() > options.until) break;
        const random = new Random(seedOf(options.seed, turn, trial.row.name));
        const what = `  ${trial.row.name}`;
        for (const fault of await trial.sequence(random, counts)) {
          const key = `${trial.row.name} ${fault.replace(/[\d.]+/g, "#").slice(0, 60)}`;
          if (!finds.has(key)) options.say(`find: ${trial.row.name}, turn ${turn}: ${fault}`);
          finds.set(key, { key, title: `${trial.row.name}, turn ${turn}: ${fault}` });
        }
        counts[what] = (counts[what] ?? 0) + 1;
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return { counts, finds: [...finds.values()] };
};

class Trial {
  private constructor(
    readonly row: Row,
    readonly folder: string,
    /** How long it takes, what it makes and leaves, where nobody ends it. */
    readonly ms: number,
    readonly results: string,
    readonly names: ReadonlySet<string>,
  ) {}

  static async begin(row: Row, folder: string): Promise<Trial> {
    const sample = join(folder, "whole");
    await Deno.mkdir(sample, { recursive: true });
    await row.prepare(sample);
    const { code, stderr, ms } = await start(row, sample).end;
    if (code !== 0) throw new Error(`${row.name} fails where nobody ends it: ${stderr}`);
    return new Trial(row, folder, ms, await row.results(sample), new Set(filesIn(sample)));
  }

  /** Ends the command a few times, lets it finish, and says what is wrong. */
  async sequence(random: Random, counts: Record<string, number>): Promise<string[]> {
    const { row } = this;
    const folder = await Deno.makeTempDir({ dir: this.folder });
    const faults: string[] = [];
    try {
      await row.prepare(folder);
      let left = KILLS;
      const before = counts.SIGKILL;
      while (left > 0) {
        const ended = await Promise.all(
          Array.from({ length: row.at ?? 1 }, () => this.#kill(folder, random, { counts, faults })),
        );
        left -= ended.length;
        await row.whole?.(folder).catch((error) => faults.push(`after a kill: ${error.message}`));
        // Who came to the end is not ended again.
        if (ended.every((each) => !each)) break;
      }
      const { code, stderr } = await start(row, folder).end;
      if (code !== 0) {
        return [...faults, `the run after all kills ends with ${code}: ${stderr.slice(-500)}`];
      }
      const killed = counts.SIGKILL > before;
      const results = await row.results(folder);
      if (results !== this.results) {
        faults.push(
          `other results:\n${results.slice(0, 700)}\nexpected\n${this.results.slice(0, 700)}`,
        );
      }
      const names = filesIn(folder).filter((name) => !name.startsWith("caches/"));
      const parts = names.filter((name) => hidden.test(name));
      counts[PARTS] = (counts[PARTS] ?? 0) + parts.length;
      // What SIGKILL cuts short can remove nothing; a hidden part of a file is never taken for one.
      const stray = names.filter((name) =>
        !this.names.has(name) && !(killed && parts.includes(name))
      );
      if (stray.length > 0) faults.push(`left behind: ${stray.join(", ")}`);
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
    return faults;
  }

  /** Starts it and ends it; false where it came to its end before. */
  async #kill(
    folder: string,
    random: Random,
    { counts, faults }: { readonly counts: Record<string, number>; readonly faults: string[] },
  ): Promise<boolean> {
    const { row } = this;
    const running = start(row, folder);
    const signal = random.pick(signals);
    const first = await Promise.race([
      running.end,
      pause(random.next() * 1.1 * this.ms).then(() => undefined),
    ]);
    if (first) {
      if (first.code !== 0) {
        faults.push(`ends with ${first.code} by itself: ${first.stderr.slice(-400)}`);
      }
      return false;
    }
    const before = new Set(filesIn(folder).filter((name) => name.endsWith(".part")));
    running.kill(signal);
    counts[signal]++;
    const ended = await Promise.race([running.end, pause(GRACE_MS).then(() => undefined)]);
    if (!ended) {
      faults.push(`${signal} does not end it within ${GRACE_MS / 1000} s`);
      running.kill("SIGKILL");
    } else if (signal !== "SIGKILL" && ended.code !== 130 && ended.code !== 0) {
      // Deno listens to signals only when main.ts has run.
      const early = ended.signal === signal && (row.program || ended.stderr === "");
      if (!early) faults.push(`${signal} ends it with ${ended.code}: ${ended.stderr.slice(-400)}`);
    }
    await this.#orphans(running, { signal, faults });
    if (ended && signal !== "SIGKILL" && (this.row.at ?? 1) === 1) {
      const parts = filesIn(folder).filter((name) => name.endsWith(".part") && before.has(name));
      if (parts.length > 0) faults.push(`${signal} leaves ${parts.join(", ")}`);
    }
    return true;
  }

  async #orphans(
    running: Running,
    { signal, faults }: { readonly signal: string; readonly faults: string[] },
  ): Promise<void> {
    const until = performance.now() + ORPHAN_MS;
    while (running.left().length > 0) {
      if (performance.now() > until) {
        const pids = running.left();
        faults.push(`${signal} leaves processes: ${pids.map(commandOf).join("; ").slice(0, 500)}`);
        for (const pid of pids) quietly(() => Deno.kill(pid, "SIGKILL"));
        return;
      }
      await pause(50);
    }
    await running.end;
  }
}

function start(row: Row, folder: string): Running {
  const temporary = join(folder, "temporary");
  Deno.mkdirSync(temporary, { recursive: true });
  const env = { XDG_CACHE_HOME: join(folder, "caches"), TMPDIR: temporary };
  const { args } = row;
  return row.program
    ? startProgram([...row.program, ...args], { cwd: folder, env })
    : startIsa4d(args, { cwd: folder, env });
}

function commandOf(pid: number): string {
  return quietly(() => Deno.readTextFileSync(`/proc/${pid}/cmdline`).replaceAll("\0", " ")) ?? "";
}

function quietly<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch {
    return undefined;
  }
}
