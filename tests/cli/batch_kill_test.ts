/**
 * What a batch is for: whatever happens to its processes, each job is made, and made once.
 * @module
 */
import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { readVideo } from "../../lib/io/mod.ts";
import { Ledger } from "../../lib/batch/mod.ts";
import { isa4dCommand, isa4dProcess } from "../support/cli.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { writeJobFiles } from "../support/job_files.ts";
import { attemptsOf, jobLines } from "../support/batch_files.ts";

const KILLS = 20;

/** Processes that are there at once. */
const SLOTS = 2;

/** What a process says of a job, in this order, but for a job that goes on at its decoder. */
const marks = [": begun", " sampling ", " decoding "];

/** Milliseconds from a job's begin to its first step, as last seen: how quick this machine is now. */
let pace = 100;

/**
 * Starts the batch and kills it when it has said a random one of `marks`, or a random while later;
 * false where it has ended before. No lease runs out: that a process is gone is seen, not timed.
 */
async function runAndKill(folder: string): Promise<boolean> {
  const child = new Deno.Command(isa4dCommand[0], {
    args: [
      ...isa4dCommand.slice(1),
      ...["batch", "jobs.jsonl", "--output", "out", "--lease", "3600"],
    ],
    ...{ cwd: folder, stdin: "null", stdout: "null", stderr: "piped" },
  }).spawn();
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const awaited = marks[Math.floor(Math.random() * marks.length)];
  let begunAt: number | undefined;
  let text = "";
  while (!text.includes(awaited)) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
    if (text.includes(marks[0])) begunAt ??= performance.now();
    if (text.includes(marks[1])) pace = performance.now() - begunAt!;
  }
  await new Promise((resolve) => setTimeout(resolve, pace * Math.random()));
  try {
    child.kill("SIGKILL");
  } catch { // it has ended
  }
  while (!(await reader.read()).done) { /* until it ends */ }
  return (await child.status).signal === "SIGKILL";
}

Deno.test("isa4d batch: kill -9 at twenty random moments loses no job and doubles none", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    // All make the same frames, so that each can be compared with one that nobody killed.
    const ids = Array.from({ length: 8 }, (_, i) => `job${i}`);
    // By rename: the other process may be reading it.
    const save = async () => {
      const [file, part] = ["jobs.jsonl", `jobs.${ids.length}.part`].map((n) => join(folder, n));
      await Deno.writeTextFile(part, jobLines(ids, { steps: 12 }));
      await Deno.rename(part, file);
    };
    await save();
    let left = KILLS;
    const slot = async () => {
      while (left-- > 0) {
        if (await runAndKill(folder)) continue;
        left++;
        ids.push(`job${ids.length}`);
        await save();
      }
    };
    await Promise.all(Array.from({ length: SLOTS }, slot));
    const end = await isa4dProcess(["batch", "jobs.jsonl", "--output", "out", "--json"], {
      cwd: folder,
    });
    equal(end.code, 0, end.stderr);
    const rows = end.stdout.trim().split("\n").map((line) => JSON.parse(line));
    deepEqual(rows.map(({ id, state }) => [id, state]), ids.map((id) => [id, "done"]));
    using ledger = Ledger.open(join(folder, "out/batch.sqlite"), { create: false });
    const attempts = attemptsOf(ledger.path);
    for (const id of ids) {
      equal(attempts.filter((a) => a.id === id && a.result === "done").length, 1, id);
    }
    deepEqual(attempts.filter(({ result }) => result !== "done" && result !== "cut"), []);
    const files = ids.flatMap((id) => [`${id}.mp4`, `${id}.mp4.json`]);
    // But for what tells whether a folder may be written, killed between its two system calls.
    const names = namesIn(join(folder, "out")).filter((name) => !name.startsWith(".isa4d-"));
    deepEqual(names, ["batch.sqlite", ...files].sort());
    const frames = async (id: string) => (await readVideo(join(folder, `out/${id}.mp4`))).data;
    const whole = await frames(rows.find(({ cuts }) => cuts === 0)?.id ?? ids[0]);
    for (const { id } of rows.filter(({ cuts }) => cuts > 0).slice(0, 4)) {
      deepEqual(await frames(id), whole, id);
    }
  }));
