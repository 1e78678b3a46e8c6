import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { join } from "node:path";
import { gpuEnvironment, parseGpus } from "../../cli/batch/gpus.ts";
import { readVideo } from "../../lib/io/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";
import { jobLines, lines, smallDefaults } from "../support/batch_files.ts";
import { isa4d, isa4dCommand, textOf } from "../support/cli.ts";
import { namesIn, withEnv, withFolder } from "../support/folders.ts";
import { writeJobFiles } from "../support/job_files.ts";

const withJobs = (text: string, body: (folder: string) => Promise<void>) =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    await save(folder, text);
    await body(folder);
  });

const save = (folder: string, text: string) => Deno.writeTextFile(join(folder, "jobs.jsonl"), text);

/** Runs `isa4d batch jobs.jsonl --output out --json …` and reads its records. */
async function batch(folder: string, ...flags: string[]) {
  const args = ["batch", "jobs.jsonl", "--output", "out", "--json", ...flags];
  const { code, stdout, stderr } = await isa4d(args, { cwd: folder });
  const rows = textOf(stdout).split("\n").filter((line) => line !== "")
    .map((line) => JSON.parse(line));
  return { code, stderr, rows };
}

const statesOf = (rows: { id: string; state: string; attempts: number }[]) =>
  rows.map(({ id, state, attempts }) => `${id} ${state} ${attempts}`);

const begun = (stderr: string) => [...stderr.matchAll(/(\S+): begun/g)].map(([, id]) => id);

Deno.test("isa4d batch: a bad job stops no other; what is done is skipped; a repaired input runs", () =>
  withJobs(
    lines([
      { defaults: smallDefaults },
      { id: "a" },
      { id: "bad", persons: [{ motion: "bad.npz" }] },
      { id: "b", seed: 7 },
    ]),
    async (folder) => {
      const live = liveTensors();
      await Deno.writeTextFile(join(folder, "bad.npz"), "no motion");
      const first = await batch(folder);
      equal(first.code, 1);
      deepEqual(statesOf(first.rows), ["a done 1", "bad failed 1", "b done 1"]);
      match(first.stderr, /\nbad +failed +1 +cannot read ".*bad\.npz"/);
      match(first.stderr, /\n3 jobs: 2 done, 1 failed\nisa4d batch: 1 of 3 jobs failed/);
      match(first.rows[0].outputs[0].sha256, /^[0-9a-f]{64}$/);
      const second = await batch(folder);
      deepEqual([second.code, begun(second.stderr)], [1, []]);
      deepEqual(begun((await batch(folder, "--retry-failed")).stderr), ["bad"]);
      await isa4d(["convert", "builtin:walk", "walk.json"], { cwd: folder });
      await save(
        folder,
        jobLines(["a"]) + lines([
          { ...smallDefaults, id: "bad", persons: [{ motion: "builtin:turn" }] },
          { ...smallDefaults, id: "b", seed: 8 },
        ]),
      );
      const third = await batch(folder);
      deepEqual([third.code, begun(third.stderr)], [0, ["bad", "b"]]);
      match(third.stderr, /b: made anew: its record has changed/);
      match(third.stderr, /3 jobs: 3 done \(1 of them before\)/);
      equal((await readVideo(join(folder, "out/bad.mp4"))).count, 3);
      equal(liveTensors(), live);
    },
  ));

Deno.test("isa4d batch: the whole file is checked before the first job begins", () =>
  withJobs(
    lines([
      { defaults: smallDefaults },
      { id: "a" },
      { id: "b", reference: { image: "nobody.png", pose: "none" } },
      { id: "c", persons: [{ motion: "builtin:fly" }], camera: "spiral" },
      { id: "d", stepz: 1 },
    ]),
    async (folder) => {
      for (const flags of [[], ["--check"]]) {
        const { code, stderr } = await batch(folder, ...flags);
        equal(code, 1);
        match(stderr, /^jobs\.jsonl:3: there is no file ".*nobody\.png"$/m);
        match(stderr, /^jobs\.jsonl:4: .*"builtin:fly", expected one of walk.*; unknown camera/m);
        match(stderr, /^jobs\.jsonl:5: .*stepz/m);
        match(stderr, /^isa4d batch: cannot use "jobs\.jsonl": 3 lines are wrong, the first is l/m);
      }
      ok(!namesIn(folder).includes("out"));
      await save(folder, jobLines(["a", "b"]));
      const { code, stderr } = await batch(folder, "--check");
      deepEqual([code, stderr], [0, "2 jobs, nothing wrong\n"]);
      ok(!namesIn(folder).includes("out"));
    },
  ));

Deno.test("isa4d batch: ctrl-C gives the job back, the next run goes on where it was", () =>
  withJobs(
    lines([{ defaults: smallDefaults }, { id: "cut", frames: 97 }, { id: "other" }]),
    async (folder) => {
      const stop = new AbortController();
      // Latents are kept as soon as they are sampled; decoding so many frames takes a while.
      const state = join(folder, "out/cut.mp4.resume.safetensors");
      const poll = setInterval(() => exists(state) && stop.abort(new Error("interrupted")), 1);
      const args = ["batch", "jobs.jsonl", "--output", "out"];
      const { code, stderr } = await isa4d(args, { cwd: folder, signal: stop.signal })
        .finally(() => clearInterval(poll));
      equal(code, 130, stderr);
      match(stderr, /cut: given back, what was sampled is kept/);
      match(stderr, /\n2 jobs: 0 done, 2 pending\n/);
      const { code: end, rows, stderr: said } = await batch(folder);
      equal(end, 0, said);
      match(said, /cut: continues where it was interrupted/);
      deepEqual(statesOf(rows), ["cut done 2", "other done 1"]);
      equal((await readVideo(join(folder, "out/cut.mp4"))).count, 97);
      deepEqual(namesIn(join(folder, "out")).filter((name) => /resume|part/.test(name)), []);
    },
  ));

Deno.test("isa4d batch --jobs: a worker that is killed is a failure of its job alone, and is replaced", () =>
  withJobs(
    lines([{ defaults: smallDefaults }, { id: "long", steps: 300 }, { id: "a" }, { id: "b" }]),
    async (folder) => {
      const { child, text, pid } = await untilBegun(folder, "long", ["--jobs", "2"]);
      Deno.kill(pid, "SIGKILL");
      const said = text() + await rest(child);
      equal((await child.status).code, 0, said);
      match(said, /long: failed, comes again: its process was ended by SIGKILL/);
      match(said, /long: begun, attempt 2/);
      match(said, /\nlong +done +2 /);
      match(said, /3 jobs: 3 done/);
    },
  ));

Deno.test("isa4d batch --gpus: each worker sees one device of those that are there", () =>
  withEnv({ CUDA_VISIBLE_DEVICES: "GPU-a, GPU-b,GPU-c" }, () =>
    withJobs(
      lines([{ defaults: { ...smallDefaults, steps: 1000 } }, { id: "a" }, { id: "b" }]),
      async (folder) => {
        const { child } = await untilBegun(folder, "a", ["--gpus", "2", "--device", "cpu"]);
        const { pid } = child;
        const workers = (await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`)).trim();
        const seen = workers.split(" ").map((worker) =>
          /(?:^|\0)CUDA_VISIBLE_DEVICES=([^\0]*)/
            .exec(Deno.readTextFileSync(`/proc/${worker}/environ`))?.[1]
        );
        deepEqual(seen.sort(), ["GPU-a", "GPU-b"]);
        child.kill("SIGTERM");
        await rest(child);
        await child.status;
      },
    )));

Deno.test("parseGpus: a number, or devices by name; more workers than devices take turns", () => {
  deepEqual(parseGpus("3", undefined), ["0", "1", "2"]);
  deepEqual(parseGpus("2", "4,5,6"), ["4", "5"]);
  deepEqual(parseGpus("0,2", "4,5,6"), ["0", "2"]);
  throws(() => parseGpus("4", "4,5"), /--gpus 4: CUDA_VISIBLE_DEVICES is "4,5", 2 in all/);
  throws(() => parseGpus("0,0", undefined), /names device "0" twice/);
  for (const text of ["0", "", "-1", "1.5", "0,,2", "all"]) {
    throws(() => parseGpus(text, undefined), /expected how many, such as 4/);
  }
  const slots = [0, 1, 2].map((slot) => gpuEnvironment(["4", "7"], slot).CUDA_VISIBLE_DEVICES);
  deepEqual(slots, ["4", "7", "4"]);
  deepEqual(gpuEnvironment(undefined, 0), {});
});

Deno.test("isa4d batch --jobs: workers end when the process that started them is killed", () =>
  withJobs(lines([{ ...smallDefaults, id: "long", steps: 1000 }]), async (folder) => {
    const { child, pid } = await untilBegun(folder, "long", ["--jobs", "1"]);
    child.kill("SIGKILL");
    await rest(child);
    while (exists(`/proc/${pid}/fd`)) await new Promise((resolve) => setTimeout(resolve, 20));
    const status = await isa4d(["batch", "--status", "--output", "out", "--json"], { cwd: folder });
    deepEqual(statesOf([JSON.parse(textOf(status.stdout))]), ["long pending 1"]);
  }));

Deno.test("isa4d batch: a failure that may pass is tried again, a wrong input is not", () =>
  withJobs(jobLines(["a"]), async (folder) => {
    const flags = ["--name", "{id}/video.gif", "--retries", "2"];
    await withEnv({ ISA4D_FFMPEG: "/nowhere/ffmpeg" }, async () => {
      const failed = await batch(folder, ...flags);
      deepEqual([failed.code, statesOf(failed.rows)], [1, ["a failed 3"]]);
      match(failed.stderr, /a: failed, comes again: cannot run ffmpeg/);
    });
    const again = await batch(folder, ...flags, "--retry-failed");
    deepEqual([again.code, statesOf(again.rows)], [0, ["a done 4"]]);
    deepEqual(namesIn(join(folder, "out/a")), ["video.gif", "video.gif.json"]);
  }));

Deno.test("isa4d batch --shard, --status: each shard its part, the ledger knows of both", () =>
  withJobs(jobLines(["a", "b", "c"]), async (folder) => {
    const one = await batch(folder, "--shard", "1/2");
    deepEqual(statesOf(one.rows), ["a done 1", "c done 1"]);
    await withEnv({ JOB_COMPLETION_INDEX: "1", JOB_COMPLETIONS: "2" }, async () => {
      deepEqual(statesOf((await batch(folder, "--shard", "auto")).rows), ["b done 1"]);
    });
    const { code, stdout, stderr } = await isa4d(["batch", "--status", "--output", "out"], {
      cwd: folder,
    });
    deepEqual([code, stderr], [0, ""]);
    const table = textOf(stdout).trimEnd().split("\n");
    match(table[0], /^job +state +attempts +time +output or error$/);
    match(table[1], /^a +done +1 +[\d.]+ s +a\.mp4$/);
    equal(table.at(-1), "3 jobs: 3 done");
    const none = await isa4d(["batch", "--status", "--output", "nowhere"], { cwd: folder });
    equal(none.code, 1);
    match(none.stderr, /there is no ledger ".*nowhere.batch\.sqlite": no batch has run here/);
  }));

Deno.test("isa4d batch -: jobs come from stdin, their paths start where the user stands; --log json", () =>
  withJobs("", async (folder) => {
    const child = new Deno.Command(isa4dCommand[0], {
      args: [...isa4dCommand.slice(1), "batch", "-", "--output", "out", "--log", "json"],
      ...{ cwd: folder, stdin: "piped", stdout: "piped", stderr: "piped" },
    }).spawn();
    const input = child.stdin.getWriter();
    await input.write(new TextEncoder().encode(jobLines(["a"])));
    await input.close();
    const { code, stderr } = await child.output();
    const records = textOf(stderr).trim().split("\n").map((line) => JSON.parse(line));
    equal(code, 0);
    const states = records.filter(({ event }) => event === "job").map(({ state }) => state);
    deepEqual(states, ["begun", "done"]);
    const end = records.filter(({ event }) => event === "batch");
    deepEqual(end.map(({ jobs, done, failed }) => [jobs, done, failed]), [[1, 1, 0]]);
  }));

Deno.test("isa4d batch --slurm: the same command line as an array; sbatch gets it, or stdout", () =>
  withJobs(jobLines(["a", "b", "c"]), async (folder) => {
    const args = [
      "batch",
      "jobs.jsonl",
      "--output",
      "out",
      "--steps",
      "3",
      "--background",
      "#808080",
    ];
    const slurm = [...args, "--slurm", "--tasks", "2", "--sbatch=--gres=gpu:1"];
    const printed = await isa4d([...slurm, "--no-submit"], { cwd: folder });
    const script = textOf(printed.stdout);
    deepEqual([printed.code, printed.stderr], [0, ""]);
    match(script, /^#SBATCH --array=1-2$/m);
    match(script, /^#SBATCH --gres=gpu:1$/m);
    const last =
      /^exec .* batch jobs\.jsonl --output out --steps 3 --background '#808080' --shard "\$SLURM_ARRAY_TASK_ID\/2"$/m;
    match(script, last);
    ok(!namesIn(folder).includes("out"));
    const bin = join(folder, "bin");
    await withEnv({ PATH: bin }, async () => {
      const { code, stderr } = await isa4d(slurm, { cwd: folder });
      equal(code, 1);
      match(stderr, /there is no sbatch on PATH: .* --no-submit/);
    });
    await Deno.mkdir(bin);
    await Deno.writeTextFile(
      join(bin, "sbatch"),
      '#!/bin/sh\ncat "$1" > given && echo Submitted batch job 12\n',
      { mode: 0o755 },
    );
    await withEnv({ PATH: `${bin}:${Deno.env.get("PATH")}` }, async () => {
      const { code, stderr } = await isa4d(slurm, { cwd: folder });
      equal(code, 0);
      match(stderr, /^Submitted batch job 12; script and logs in .*out.slurm$/m);
    });
    equal(await Deno.readTextFile(join(folder, "given")), script);
  }));

Deno.test("isa4d batch: wrong command lines end with 2", () =>
  withJobs(jobLines(["a"]), async (folder) => {
    const cases: [string[], RegExp][] = [
      [["jobs.jsonl"], /missing --output FOLDER/],
      [["--output", "out"], /missing the file of jobs, or - for stdin/],
      [["jobs.jsonl", "--output", "out", "--shard", "0/2"], /there is no shard "0\/2"/],
      [["jobs.jsonl", "--output", "out", "--jobs", "0"], /expected at least 1/],
      [["jobs.jsonl", "--check", "--gpus", "all"], /--gpus "all": expected how many/],
      [["jobs.jsonl", "--output", "out", "--slurm", "--shard", "1/2"], /leave out --shard/],
    ];
    for (const [args, says] of cases) {
      const { code, stderr } = await isa4d(["batch", ...args], { cwd: folder });
      equal(code, 2, stderr);
      match(stderr, says);
    }
  }));

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Starts the batch as a process and waits until a job is begun; `pid` is the one that holds it. */
async function untilBegun(folder: string, id: string, flags: readonly string[]) {
  const child = new Deno.Command(isa4dCommand[0], {
    args: [...isa4dCommand.slice(1), "batch", "jobs.jsonl", "--output", "out", ...flags],
    ...{ cwd: folder, stdin: "null", stdout: "null", stderr: "piped" },
  }).spawn();
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes(`${id}: begun`)) {
    const { value, done } = await reader.read();
    ok(!done, text);
    text += value;
  }
  readers.set(child, reader);
  const { stdout } = await isa4d(["batch", "--status", "--output", "out", "--json"], {
    cwd: folder,
  });
  const rows = textOf(stdout).trim().split("\n").map((line) => JSON.parse(line));
  const { owner } = rows.find((row) => row.id === id);
  return { child, text: () => text, pid: Number(owner.split(":").at(-1)) };
}

const readers = new WeakMap<Deno.ChildProcess, ReadableStreamDefaultReader<string>>();

/** What a process says until it ends. */
async function rest(child: Deno.ChildProcess): Promise<string> {
  let text = "";
  for (;;) {
    const { value, done } = await readers.get(child)!.read();
    if (done) break;
    text += value;
  }
  await child.status;
  return text;
}
