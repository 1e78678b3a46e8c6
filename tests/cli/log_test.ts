import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { exitCodes } from "../../cli/support/mod.ts";
import { askedLogFormat, logLine } from "../../cli/support/log.ts";
import { isa4d, isa4dProcess } from "../support/cli.ts";
import { withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";

/** Every line of stderr, each of which must be an object with time, level and event. */
function entries(stderr: string): Record<string, unknown>[] {
  ok(stderr === "" || stderr.endsWith("\n"), stderr);
  return stderr.split("\n").slice(0, -1).map((line) => {
    const entry = JSON.parse(line);
    equal(new Date(entry.time).toISOString(), entry.time);
    match(entry.level, /^(info|warning|error)$/);
    match(entry.event, /^\w+$/);
    return entry;
  });
}

Deno.test("--log json: progress, warnings and results of generate are one object a line", async () => {
  await withFolder(async (folder) => {
    await writeJobFiles(folder);
    const job = [...smallJob, "--ref-pose", "none", "-o", "%02d.png"].filter((word, i, all) =>
      word !== "me.json" && !(word === "--ref-pose" && all[i + 1] === "me.json")
    );
    const { code, stdout, stderr } = await isa4d(["--log", "json", ...job], { cwd: folder });
    deepEqual([code, stdout.length], [0, 0]);
    const found = entries(stderr);
    const sampling = found.filter(({ event, label }) =>
      event === "progress" && label === "sampling"
    );
    deepEqual([sampling.at(-1)?.done, sampling.at(-1)?.of], [2, 2]);
    const warning = found.find(({ level }) => level === "warning");
    match(String(warning?.message), /^no body pose for/);
    match(String(found.find(({ event }) => event === "wrote")?.path), /\.png$/);
    const quiet = await isa4d([...job, "-y", "--log=json", "--quiet"], { cwd: folder });
    deepEqual([quiet.code, quiet.stderr], [0, ""]);
  });
});

Deno.test("--log json: an error is one object with its class and the exit code", async () => {
  const cases: [string[], Record<string, unknown>, RegExp][] = [
    [
      ["generate", "--log", "json", "--from", "/nowhere.mp4"],
      { kind: "InputError", exitCode: 1 },
      /^isa4d generate: .*no such file$/,
    ],
    [
      ["--log", "json", "generate", "--frams", "3"],
      { kind: "UsageError", exitCode: 2 },
      /^isa4d generate: unknown option/,
    ],
    [["--log", "json", "eval"], { kind: "UsageError", exitCode: 2 }, /a command is missing/],
  ];
  for (const [args, fields, message] of cases) {
    const { code, stdout, stderr } = await isa4d(args);
    const [entry, ...more] = entries(stderr);
    deepEqual([more.length, stdout.length, code], [0, 0, fields.exitCode]);
    deepEqual({ kind: entry.kind, exitCode: entry.exitCode }, fields);
    match(String(entry.message), message);
    equal(entry.details, undefined);
  }
  const { stderr } = await isa4d(["generate", "--log", "json", "--verbose", "--from", "/no.mp4"]);
  match(String(entries(stderr)[0].details), /InputError.*\n\s+at /);
  const aborted = AbortSignal.abort();
  const ended = await isa4d(["generate", "--log", "json", "--from", "/no.mp4"], {
    signal: aborted,
  });
  deepEqual([ended.code, entries(ended.stderr)[0].event], [130, "interrupted"]);
});

Deno.test("--log json: a real process writes nothing else to stderr", async () => {
  const { code, stdout, stderr } = await isa4dProcess(["models", "--log", "json", "--json"]);
  deepEqual([code, entries(stderr)], [0, []]);
  ok(JSON.parse(stdout).length > 0);
});

Deno.test("--log: another format is refused, in text", async () => {
  const { code, stderr } = await isa4d(["models", "--log", "xml"]);
  equal(code, 2);
  match(stderr, /^isa4d models: .*--log.*text, json/);
});

Deno.test("logLine: time, level and event come first and no field changes them", () => {
  const line = logLine(
    { level: "info", event: "step", fields: { event: "x", loss: 0.5, left: undefined } },
    new Date(0),
  );
  equal(line, '{"time":"1970-01-01T00:00:00.000Z","level":"info","event":"step","loss":0.5}\n');
  equal(askedLogFormat(["a", "--log", "json", "--log=text"]), "text");
});

Deno.test("--profile: a trace beside what a command does, and no file of others is replaced", async () => {
  await withFolder(async (cwd) => {
    const made = await isa4d(["models", "--profile", "trace.json"], { cwd });
    equal(made.code, exitCodes.ok, made.stderr);
    match(made.stderr, /operators? (was|took)/);
    const trace = JSON.parse(await Deno.readTextFile(join(cwd, "trace.json")));
    equal(trace.format, "isa4d-profile");
    equal((await isa4d(["--profile", "trace.json", "models"], { cwd })).code, exitCodes.ok);
    await Deno.writeTextFile(join(cwd, "mine.json"), "{}");
    const refused = await isa4d(["models", "--profile", "mine.json"], { cwd });
    equal(refused.code, exitCodes.usage);
    match(refused.stderr, /^isa4d models: --profile "mine.json" exists and is no profile/);
    equal(await Deno.readTextFile(join(cwd, "mine.json")), "{}");
  });
});
