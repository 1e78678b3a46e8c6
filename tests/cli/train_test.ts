/**
 * `isa4d train dit` as processes of their own: several ranks, killed at any moment, a full disk.
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { writeDataset } from "../../lib/data/mod.ts";
import { Random } from "../../lib/geometry/mod.ts";
import { isa4dCommand, isa4dProcess } from "../support/cli.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { writeTinyWeights } from "../support/tiny_weights.ts";

/** Four small clips and a VideoVAE in `folder`; the flags that train on them. */
async function prepare(folder: string): Promise<void> {
  await writeDataset({
    out: join(folder, "data"),
    clips: 4,
    seed: 7,
    shardSize: 4,
    workers: 1,
    width: 32,
    height: 32,
    frames: 9,
  });
  await writeTinyWeights(folder);
}

/** `train dit` into `out`; `changes` are those of `--set`, after which flags may follow. */
function train(out: string, changes: readonly string[]): string[] {
  return [
    ...["train", "dit", "--config", "tiny", "--data", "data", "--vae", "video_vae.safetensors"],
    ...["--output", out, "--resume", "auto", "--set"],
    ...["settings.compute=float32", ...changes],
  ];
}

/** The losses that a run logged, by step; a step that is there twice is an error. */
function lossesOf(folder: string, out: string): number[] {
  const lines = Deno.readTextFileSync(join(folder, out, "log.jsonl")).trimEnd().split("\n");
  const records = lines.map((line) => JSON.parse(line)).filter(({ loss, of }) => loss && of);
  records.forEach(({ step }, i) => assert.equal(step, i + 1));
  return records.map(({ loss }) => loss);
}

function assertNear(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  const gap = Math.max(...actual.map((value, i) => Math.abs(value - expected[i])));
  assert.ok(gap < 1e-5, `losses are ${gap} apart`);
}

Deno.test("train dit: ranks, kills and a full disk", (t) =>
  withFolder(async (cwd) => {
    await prepare(cwd);
    const changes = ["settings.steps=20", "settings.checkpointEvery=10"];

    await t.step("two ranks with half the batch follow one with all of it", async () => {
      await succeed(train("one", changes), cwd);
      const stderr = await succeed(train("two", [...changes, "--nproc", "2"]), cwd);
      assert.match(stderr, /^\[rank 0\] step 20\/20 /m);
      assertNear(lossesOf(cwd, "two"), lossesOf(cwd, "one"));
      assert.deepEqual(namesIn(join(cwd, "two")), [
        "config.json",
        "isa_dit.safetensors",
        "log.jsonl",
        "step-0000010.rank-1-of-2.safetensors",
        "step-0000010.safetensors",
        "step-0000020.rank-1-of-2.safetensors",
        "step-0000020.safetensors",
      ]);
    });

    await t.step("one process goes on where two ranks stopped", async () => {
      // A checkpoint that lacks a file is none.
      await Deno.remove(join(cwd, "two", "step-0000020.rank-1-of-2.safetensors"));
      const stderr = await succeed(train("two", changes), cwd);
      assert.match(stderr, /going on from step 10 of ".*step-0000010.safetensors"\n/);
      assertNear(lossesOf(cwd, "two"), lossesOf(cwd, "one"));
    });

    await t.step("killed at any moments, it gives the same losses to the last bit", async () => {
      const often = ["settings.steps=20", "settings.checkpointEvery=3"];
      const random = new Random(Date.now());
      for (const least of [1, 6, 12]) {
        const child = start(train("parts", often), cwd);
        await steps(join(cwd, "parts"), least);
        await new Promise((resolve) => setTimeout(resolve, random.range(0, 200)));
        child.kill("SIGKILL");
        await child.output();
      }
      await succeed(train("parts", often), cwd);
      assert.deepEqual(lossesOf(cwd, "parts"), lossesOf(cwd, "one"));
      assert.deepEqual(namesIn(join(cwd, "parts")).filter((name) => name.startsWith(".")), []);
    });

    await t.step("a rank that is killed ends the run, by its name", async () => {
      const args = train("killed", ["settings.steps=100000", "--nproc", "2"]);
      const child = start(args, cwd);
      await steps(join(cwd, "killed"), 2);
      Deno.kill(childrenOf(child.pid)[1], "SIGKILL");
      const { code, stderr } = await child.output();
      assert.equal(code, 1);
      const text = new TextDecoder().decode(stderr);
      assert.match(
        text,
        /isa4d train dit: rank 1 (was ended by SIGKILL|has ended or hangs: .*)\n$/,
      );
    });

    await t.step(
      "a full disk leaves the older checkpoint whole, and the error names it",
      async () => {
        const newest = join(cwd, "one", "step-0000020.safetensors");
        const before = await Deno.readFile(newest);
        // A file may grow to 64 kB: the log fits, a checkpoint does not.
        const through = ["bash", "-c", `trap '' XFSZ; ulimit -f 64; exec "$@"`, "bash"];
        const more = ["settings.steps=22", "settings.warmup=1"];
        const { code, stderr } = await isa4dProcess(train("one", more), { cwd, through });
        assert.equal(code, 1);
        assert.match(stderr, /changed since: settings\.steps 20 → 22, settings\.warmup 2 → 1/);
        assert.match(stderr, /cannot write ".*step-0000022.safetensors": the file would be larger/);
        assert.match(stderr, /; "step-0000020.safetensors" is whole; make room and resume from it/);
        assert.deepEqual(await Deno.readFile(newest), before);
      },
    );

    await t.step("a folder that holds a run is not begun anew", async () => {
      const fresh = train("one", changes).filter((arg) => arg !== "--resume" && arg !== "auto");
      const { code, stderr } = await isa4dProcess(fresh, { cwd });
      assert.equal(code, 2);
      assert.match(
        stderr,
        /holds an earlier run, ".*" among its files: --resume auto .* -y starts over/,
      );
    });

    await t.step("-y begins it anew, with nothing left of the earlier one", async () => {
      const short = ["settings.steps=2", "settings.warmup=0", "-y"];
      const fresh = train("one", short).filter((arg) => arg !== "--resume" && arg !== "auto");
      await succeed(fresh, cwd);
      assert.equal(lossesOf(cwd, "one").length, 2);
      const names = ["config.json", "isa_dit.safetensors", "log.jsonl", "step-0000002.safetensors"];
      assert.deepEqual(namesIn(join(cwd, "one")), names);
    });
  }));

/** Runs to a good end and returns what was said. */
async function succeed(args: readonly string[], cwd: string): Promise<string> {
  const { code, stderr } = await isa4dProcess(args, { cwd });
  assert.equal(code, 0, stderr);
  return stderr;
}

function start(args: readonly string[], cwd: string): Deno.ChildProcess {
  const [program, ...rest] = isa4dCommand;
  const options = { cwd, stdin: "null", stdout: "null", stderr: "piped" } as const;
  return new Deno.Command(program, { args: [...rest, ...args], ...options }).spawn();
}

/** Waits until a run has logged step `least`, or a later one. */
async function steps(out: string, least: number): Promise<void> {
  for (let round = 0; round < 3000; round++) {
    const text = await Deno.readTextFile(join(out, "log.jsonl")).catch(() => "");
    const found = text.matchAll(/^\{"step":(\d+),"of"/gm);
    if ([...found].some(([, step]) => Number(step) >= least)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`no step ${least} in "${out}"`);
}

/** Processes that `pid` started, oldest first. */
function childrenOf(pid: number): number[] {
  const text = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`);
  return text.trim().split(" ").filter(Boolean).map(Number);
}
