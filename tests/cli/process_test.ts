/**
 * What only a real process shows: start time, pipes, signals, other users, full disks.
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { ffmpegPath, readVideo } from "../../lib/io/mod.ts";
import { root, run } from "../support/commands.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";

const deno = Deno.execPath();
const program = ["run", "-A", "--no-check", join(root, "cli/main.ts")];

/** A job that would take minutes, for tests that end it. */
const longJob = [...smallJob, "--steps", "1000", "--frames", "97"];

Deno.test("isa4d --help: answers fast, for commands too, and opens no libtorch", async () => {
  await run(deno, [...program, "--help"]);
  for (const args of [["--help"], ["generate", "--help"]]) {
    const started = performance.now();
    const { code, stdout } = await run(deno, [...program, ...args], {
      env: { LIBTORCH: "/nowhere" },
    });
    const took = performance.now() - started;
    equal(code, 0);
    match(stdout, /^Usage: isa4d/);
    // The promise is 0.3 s; a machine busy with other tests gets more.
    ok(took < 1500, `${args.join(" ")} took ${took} ms`);
  }
});

Deno.test("isa4d generate | ffmpeg: the pipe makes a video; a reader that leaves is no failure", async () => {
  await withFolder(async (folder) => {
    await writeJobFiles(folder);
    const shell = (line: string) =>
      run("bash", ["-c", `set -o pipefail; ${line}`, "bash", deno, ...program, ...smallJob], {
        cwd: folder,
        env: { FFMPEG: ffmpegPath() },
      });
    const piped = await shell(
      `"$@" -o - --format y4m --quiet | "$FFMPEG" -v error -i - out.mkv`,
    );
    deepEqual([piped.code, piped.stderr], [0, ""]);
    equal((await readVideo(join(folder, "out.mkv"))).count, 3);
    const left = await shell(`"$@" -o - --quiet | head -c 10`);
    deepEqual([left.code, left.stderr], [0, ""]);
  });
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`isa4d generate: ${signal} ends it with 130 and leaves no half file`, async () => {
    await withFolder(async (folder) => {
      await writeJobFiles(folder);
      const before = namesIn(folder);
      const child = new Deno.Command(deno, {
        args: [...program, ...longJob, "-o", "out.mp4"],
        cwd: folder,
        stderr: "piped",
      }).spawn();
      const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
      for (let text = ""; !text.includes("sampling");) {
        const { value, done } = await reader.read();
        ok(!done, text);
        text += value;
      }
      child.kill(signal);
      while (!(await reader.read()).done) { /* until it ends */ }
      equal((await child.status).code, 130);
      deepEqual(namesIn(folder), before);
    });
  });
}

Deno.test("isa4d generate: no permission to write or to read is one clear line", async () => {
  await withFolder(async (folder) => {
    await writeJobFiles(folder);
    await Deno.mkdir(join(folder, "closed"), { mode: 0o555 });
    const start = (...flags: string[]) =>
      run(deno, [...program, ...smallJob, "--quiet", ...flags], {
        cwd: folder,
        obeysPermissions: true,
      });
    const write = await start("-o", "closed/out.mp4");
    match(write.stderr, /^isa4d generate: cannot write "[^"]*out\.mp4": permission denied\n$/);
    await Deno.chmod(join(folder, "me.json"), 0);
    const read = await start("-o", "out.mp4");
    match(read.stderr, /^isa4d generate: cannot read "[^"]*me\.json": permission denied\n$/);
    deepEqual([write.code, read.code], [1, 1]);
    deepEqual(namesIn(join(folder, "closed")), []);
  });
});

const mayMount = await run("unshare", ["-rm", "true"]).then(({ code }) => code === 0, () => false);

Deno.test({
  name: "isa4d generate: a full disk is one clear line and leaves nothing",
  ignore: !mayMount,
  fn: () =>
    withFolder(async (folder) => {
      await writeJobFiles(folder);
      await Deno.mkdir(join(folder, "disk"));
      // Four pages: room for the probe, none for the video.
      const script = `mount -t tmpfs -o size=16k tmpfs disk && head -c 16384 /dev/zero > disk/fill
        "$@"; code=$?; ls -A disk; exit $code`;
      const ended = await run("unshare", [
        ...["-rm", "sh", "-c", script, "sh", deno, ...program, ...smallJob],
        ...["--quiet", "-o", "disk/out.mp4"],
      ], { cwd: folder });
      match(ended.stderr, /isa4d generate: cannot write "[^"]*out\.mp4": the disk is full\n$/);
      deepEqual([ended.code, ended.stdout], [1, "fill\n"]);
    }),
});

Deno.test("isa4d: --verbose shows stack and cause, without it there is one line", async () => {
  const broken = ["generate", "--from", "/nowhere.mp4"];
  const short = await run(deno, [...program, ...broken]);
  equal(short.stderr.trimEnd().split("\n").length, 1);
  const long = await run(deno, [...program, ...broken, "--verbose"]);
  match(long.stderr, /\n\s+at .*\ncaused by: /s);
});
