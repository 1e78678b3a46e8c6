import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { readSafetensors, readVideo, SafetensorsFile } from "../../lib/io/mod.ts";
import { fastestDtype } from "../../lib/nn/mod.ts";
import { readRecord } from "../../lib/pipelines/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";
import { isa4d, isa4dCommand, textOf } from "../support/cli.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";

/** The state of every step is wanted, however quick it is. */
const jobFlags = [...smallJob, "--resume-every", "1"];

const withJob = (body: (folder: string) => Promise<void>) =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    await body(folder);
  });

async function succeed(folder: string, ...args: string[]): Promise<string> {
  const { code, stderr } = await isa4d(args, { cwd: folder });
  equal(code, 0, stderr);
  return stderr;
}

/** Runs the job and stops it after so many sampling steps, as ctrl-C would. */
async function stopAfter(folder: string, steps: number, args: readonly string[]): Promise<string> {
  const controller = new AbortController();
  const state = join(folder, "out.mp4.resume.safetensors");
  const poll = setInterval(() => {
    if (savedSteps(state) >= steps) controller.abort(new Error("interrupted"));
  }, 1);
  try {
    const { code, stderr } = await isa4d(args, { cwd: folder, signal: controller.signal });
    equal(code, 130, stderr);
    return stderr;
  } finally {
    clearInterval(poll);
  }
}

/** Steps that a state file says are done; 0 where there is none. */
function savedSteps(path: string): number {
  try {
    const text = new TextDecoder("latin1").decode(Deno.readFileSync(path).subarray(0, 40_000));
    return Number(/"done":"(\d+)"/.exec(text)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

for (const sampler of ["heun", "unipc"]) {
  Deno.test(`isa4d generate --resume: ${sampler} stopped midway goes on to the same bits`, () =>
    withJob(async (folder) => {
      const live = liveTensors();
      const job = [...jobFlags, "--sampler", sampler, "--steps", "8"];
      await succeed(folder, ...job, "-o", "whole.mp4");
      const said = await stopAfter(folder, 3, [...job, "-o", "out.mp4"]);
      match(
        said,
        /kept in "[^"]*out\.mp4\.resume\.safetensors": run the same command with --resume/,
      );
      const done = savedSteps(join(folder, "out.mp4.resume.safetensors"));
      const resumed = await succeed(folder, ...job, "-o", "out.mp4", "--resume");
      match(resumed, new RegExp(`sampling ${done + 1}/`));
      ok(!resumed.includes(`sampling ${done}/`));
      const [a, b] = [join(folder, "whole.mp4"), join(folder, "out.mp4")];
      deepEqual((await readVideo(b)).data, (await readVideo(a)).data);
      deepEqual(namesIn(folder).filter((name) => /resume|part/.test(name)), []);
      equal(liveTensors(), live);
    }));
}

Deno.test("isa4d generate --dtype auto: the record names the type, and a resumed run keeps the one it began with", () =>
  withJob(async (folder) => {
    const { dtype: fastest } = fastestDtype("cpu");
    const recorded = async (name: string) => (await readRecord(join(folder, name))).job.dtype;
    const auto = [...jobFlags, "--steps", "8", "--dtype", "auto"];
    await succeed(folder, ...auto, "-o", "auto.mp4");
    equal(await recorded("auto.mp4"), fastest);
    // As if a machine that is faster at the other type had begun.
    const other = fastest === "float32" ? "bfloat16" : "float32";
    const there = [...jobFlags, "--steps", "8", "--dtype", other];
    await succeed(folder, ...there, "-o", "whole.mp4");
    await stopAfter(folder, 3, [...there, "-o", "out.mp4"]);
    await succeed(folder, ...auto, "-o", "out.mp4", "--resume");
    equal(await recorded("out.mp4"), other);
    const [a, b] = [join(folder, "whole.mp4"), join(folder, "out.mp4")];
    deepEqual((await readVideo(b)).data, (await readVideo(a)).data);
  }));

Deno.test("isa4d generate --resume: a run that was killed goes on to the same bits", () =>
  withJob(async (folder) => {
    const job = [...jobFlags, "--steps", "40", "-o", "out.mp4"];
    const state = join(folder, "out.mp4.resume.safetensors");
    const [program, ...rest] = [...isa4dCommand, ...job];
    const child = new Deno.Command(program, {
      args: rest,
      cwd: folder,
      stdout: "null",
      stderr: "null",
    }).spawn();
    while (savedSteps(state) < 3) {
      const ended = await Promise.race([
        child.status,
        new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 2)),
      ]);
      ok(!ended, "it ended before it could be killed");
    }
    child.kill("SIGKILL");
    equal((await child.status).signal, "SIGKILL");
    ok(!namesIn(folder).includes("out.mp4"));
    await succeed(folder, ...job, "--resume");
    await succeed(folder, ...job.with(-1, "whole.mp4"));
    const [a, b] = [join(folder, "whole.mp4"), join(folder, "out.mp4")];
    deepEqual((await readVideo(b)).data, (await readVideo(a)).data);
  }));

Deno.test("isa4d generate --resume: a state of another job is refused with what differs", () =>
  withJob(async (folder) => {
    const job = [...jobFlags, "-o", "out.mp4", "--steps", "8"];
    await stopAfter(folder, 2, job);
    const refused = async (says: RegExp, ...flags: string[]) => {
      const { code, stderr } = await isa4d([...job, "--resume", ...flags], { cwd: folder });
      equal(code, 1);
      match(stderr, says);
      equal(stderr.trim().split("\n").length, 1, stderr);
    };
    await refused(/another job: seed 0 there, 7 here; -y without --resume starts over/, "-s", "7");
    await refused(/camera "auto" there, "pan" here/, "--camera", "pan");
    await Deno.writeTextFile(join(folder, "me.json"), " ", { append: true });
    await refused(/"[^"]*me\.json" has changed since/);
    const state = join(folder, "out.mp4.resume.safetensors");
    const bytes = await Deno.readFile(state);
    await Deno.writeFile(state, bytes.subarray(0, bytes.length - 9));
    await refused(/out\.mp4\.resume\.safetensors/);
    // It begins anew only where that is said.
    const { code, stderr } = await isa4d(job, { cwd: folder });
    equal(code, 2);
    match(
      stderr,
      /resume\.safetensors" of an earlier run exists: --resume continues it, -y starts over/,
    );
    await succeed(folder, ...job, "-y");
  }));

Deno.test("isa4d generate --resume: where nothing is left it begins anew; a stream keeps nothing", () =>
  withJob(async (folder) => {
    const job = [...smallJob, "--resume", "-o"];
    match(
      await succeed(folder, ...job, "out.mp4"),
      /nothing to resume: starting from the beginning/,
    );
    equal((await isa4d([...job, "-"], { cwd: folder })).code, 2);
  }));

Deno.test("isa4d generate: latents outlive a failure in the decoder, and --resume decodes them alone", () =>
  withJob(async (folder) => {
    const job = [...smallJob, "-o", "out.mp4"];
    await succeed(folder, ...job);
    const expected = (await readVideo(join(folder, "out.mp4"))).data;
    // An ffmpeg that fails is found when the first frame has been decoded.
    const broken = join(folder, "ffmpeg");
    await Deno.writeTextFile(broken, "#!/bin/sh\nexit 3\n", { mode: 0o755 });
    Deno.env.set("ISA4D_FFMPEG", broken);
    const again = [...job, "-y"];
    const failed = await isa4d(again, { cwd: folder }).finally(() =>
      Deno.env.delete("ISA4D_FFMPEG")
    );
    equal(failed.code, 1);
    match(failed.stderr, /what was sampled is kept/);
    const resumed = await succeed(folder, ...job, "--resume");
    ok(!resumed.includes("sampling"), resumed);
    deepEqual((await readVideo(join(folder, "out.mp4"))).data, expected);
  }));

Deno.test("isa4d generate --save-latents, --latents: they are decoded again without their inputs", () =>
  withJob(async (folder) => {
    const live = liveTensors();
    await succeed(folder, ...smallJob, "-o", "out.webm", "--save-latents", "z.safetensors");
    const { metadata } = await readSafetensors(join(folder, "z.safetensors"));
    equal(JSON.parse(metadata.record).job.steps, 2);
    for (const name of ["me.png", "me.json"]) await Deno.remove(join(folder, name));
    const again = ["generate", "--latents", "z.safetensors", "-o"];
    const said = await succeed(folder, ...again, "again.webm");
    ok(!/sampling|encoding/.test(said), said);
    const [a, b] = [join(folder, "out.webm"), join(folder, "again.webm")];
    deepEqual((await readVideo(b)).data, (await readVideo(a)).data);
    await succeed(folder, ...again, "tiled.gif", "--vae-tiling", "32");
    equal((await readVideo(join(folder, "tiled.gif"))).count, 3);
    const { code, stderr } = await isa4d([...again, "c.mp4", "--steps", "9"], { cwd: folder });
    equal(code, 1);
    match(stderr, /belongs to another job: steps 2 there, 9 here; --latents decodes what is there/);
    equal((await isa4d([...again, "c.mp4", "--from", "out.webm"], { cwd: folder })).code, 2);
    equal(liveTensors(), live);
  }));

Deno.test("isa4d generate --latents: files that hold no generated latents each get one line", () =>
  withJob(async (folder) => {
    await succeed(folder, ...smallJob, "-o", "out.mp4", "--save-latents", "z.safetensors");
    const weights = ["--weights", "weights/video_vae.safetensors"];
    await succeed(folder, "encode", "out.mp4", "-o", "clip.safetensors", ...weights);
    const cases: [string, RegExp][] = [
      ["clip.safetensors", /latents without a job: decode them with `isa4d decode`/],
      ["weights/video_vae.safetensors", /holds no latents: give what --save-latents wrote/],
      ["out.mp4", /out\.mp4/],
      ["none.safetensors", /there is no such file/],
    ];
    for (const [file, says] of cases) {
      const args = ["generate", "--latents", file, "-o", "c.mp4"];
      const { code, stderr } = await isa4d(args, { cwd: folder });
      equal(code, 1);
      match(stderr, says);
    }
    using file = await SafetensorsFile.open(join(folder, "z.safetensors"));
    equal(file.metadata.kind, "latents");
    await succeed(folder, "decode", "z.safetensors", "-o", "d.mp4", ...weights);
  }));

Deno.test("isa4d generate --from: reads the record wherever a result keeps one", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const one = [...smallJob, "--frames", "1"];
    await succeed(folder, ...one, "-o", "one.png", "--save-latents", "z.safetensors");
    await succeed(folder, ...one, "-o", "p/%02d.png");
    for (const from of ["one.png", "one.png.json", "z.safetensors", "p", "p/%02d.png"]) {
      const args = ["generate", "--from", from, "-o", "again.png", "--print-job"];
      const { stdout, stderr, code } = await isa4d(args, { cwd: folder });
      equal(code, 0, stderr);
      equal(JSON.parse(textOf(stdout)).frames, 1, from);
    }
  }));
