/**
 * What a batch is for: whatever happens to its processes, each job is made, and made once.
 * @module
 */
import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { readVideo } from "../../lib/io/mod.ts";
import { Ledger } from "../../lib/pipelines/batch/mod.ts";
import { isa4dCommand, isa4dProcess } from "../support/cli.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { writeJobFiles } from "../support/job_files.ts";
import { attemptsOf, jobLines } from "../support/batch_files.ts";

const KILLS = 20;

/** Processes that are there at once. */
const SLOTS = 2;

/** Longest time from a job's begin to the kill; a job takes about half of it. */
const WITHIN_MS = 400;

/** Starts the batch and kills it at a random moment after it has taken a job; false where none is left. */
async function runAndKill(folder: string): Promise<boolean> {
  const child = new Deno.Command(isa4dCommand[0], {
    args: [...isa4dCommand.slice(1), "batch", "jobs.jsonl", "--out", "out"],
    ...{ cwd: folder, stdin: "null", stdout: "null", stderr: "piped" },
  }).spawn();
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes(": begun")) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
  }
  await new Promise((resolve) => setTimeout(resolve, WITHIN_MS * Math.random()));
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
    const save = () => Deno.writeTextFile(join(folder, "jobs.jsonl"), jobLines(ids, { steps: 12 }));
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
    const end = await isa4dProcess(["batch", "jobs.jsonl", "--out", "out", "--json"], {
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
