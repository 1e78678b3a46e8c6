/**
 * What only a real process shows: start time, pipes, signals.
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { ffmpegPath, readVideo } from "../../lib/io/mod.ts";
import { isa4dCommand, isa4dProcess } from "../support/cli.ts";
import { run } from "../support/commands.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";

/** A job that would take minutes, for tests that end it. */
const longJob = [...smallJob, "--steps", "1000", "--frames", "97", "--resume-every", "1"];

/** Seconds of processor time that a command takes: on a busy machine the clock's mean nothing. */
async function processorTime(program: string, args: readonly string[]): Promise<number> {
  const { code, stderr } = await run(
    "bash",
    ["-c", 'TIMEFORMAT="%U %S"; time "$@" > /dev/null', "bash", program, ...args],
    { env: { LIBTORCH: "/nowhere" } },
  );
  equal(code, 0, stderr);
  const [user, system] = stderr.trim().split(" ").map(Number);
  return user + system;
}

Deno.test("isa4d --help: answers fast, for commands too, and opens no libtorch", async () => {
  for (const args of [["--help"], ["generate", "--help"]]) {
    const { code, stdout } = await isa4dProcess(args, { env: { LIBTORCH: "/nowhere" } });
    equal(code, 0);
    match(stdout, /^Usage: isa4d/);
    await quick(args);
  }
});

/** Neighbours slow a processor down too: one of a few tries must be quick, beside a bare Deno's start. */
async function quick(args: readonly string[]): Promise<void> {
  const [program, ...rest] = isa4dCommand;
  const tries: string[] = [];
  for (let i = 0; i < 5; i++) {
    const bare = await processorTime(Deno.execPath(), ["eval", "0"]);
    const own = await processorTime(program, [...rest, ...args]);
    if (own < Math.max(0.3, 6 * bare)) return;
    tries.push(`${own} s, bare ${bare} s`);
  }
  ok(false, `${args.join(" ")} took ${tries.join("; ")}`);
}

Deno.test("isa4d generate | ffmpeg: the pipe makes a video; a reader that leaves is no failure", async () => {
  await withFolder(async (folder) => {
    await writeJobFiles(folder);
    const shell = (line: string) =>
      run("bash", ["-c", `set -o pipefail; ${line}`, "bash", ...isa4dCommand, ...smallJob], {
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
  Deno.test(`isa4d generate: ${signal} ends it with 130; what it sampled stays, and no half video`, async () => {
    await withFolder(async (folder) => {
      await writeJobFiles(folder);
      const before = namesIn(folder);
      const child = new Deno.Command(isa4dCommand[0], {
        args: [...isa4dCommand.slice(1), ...longJob, "-o", "out.mp4"],
        cwd: folder,
        stderr: "piped",
      }).spawn();
      const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
      const state = "out.mp4.resume.safetensors";
      for (let text = ""; !namesIn(folder).includes(state);) {
        const { value, done } = await reader.read();
        ok(!done, text);
        text += value;
      }
      child.kill(signal);
      while (!(await reader.read()).done) { /* until it ends */ }
      equal((await child.status).code, 130);
      deepEqual(namesIn(folder), [...before, state].sort());
    });
  });
}

Deno.test("isa4d: --verbose shows stack and cause, without it there is one line", async () => {
  const broken = ["generate", "--from", "/nowhere.mp4"];
  const short = await isa4dProcess(broken);
  equal(short.stderr.trimEnd().split("\n").length, 1);
  const long = await isa4dProcess([...broken, "--verbose"]);
  match(long.stderr, /\n\s+at .*\ncaused by: /s);
});
