import { deepEqual, equal, match, ok } from "node:assert/strict";
import { dirname, join } from "node:path";
import type { Command } from "@commander-js/extra-typings";
import { commands } from "../../cli/commands.ts";
import { newProgram } from "../../cli/program.ts";
import { formatCameras, lookAt } from "../../lib/geometry/mod.ts";
import { sha256File, writePngSequence } from "../../lib/io/mod.ts";
import { isa4d, isa4dProcess } from "../support/cli.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { writeJobFiles } from "../support/job_files.ts";
import { ramps } from "../support/pictures.ts";
import { type Output, type Writing, writings } from "./output_cases.ts";

const cameras = formatCameras([
  lookAt([0, 1, 4], [0, 1, 0], { width: 48, height: 32, fovYDegrees: 40 }),
], { fps: 8 });

for (const writing of writings) {
  Deno.test(`outputs: isa4d ${writing.name} never writes to what it reads, whatever name leads there`, () =>
    withFolder(async (folder) => {
      for (const [name, content] of Object.entries(writing.files)) {
        await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
        await Deno.writeTextFile(join(folder, name), content);
      }
      const before = await hashes(folder, writing);
      for (const output of writing.outputs) {
        for (const written of output.writes) {
          for (const input of Object.keys(writing.files)) {
            await refuse(folder, { writing, output, written, input });
          }
        }
      }
      deepEqual(await hashes(folder, writing), before);
    }));
}

interface Clash {
  readonly writing: Writing;
  readonly output: Output;
  /** A file that the output would write, … */
  readonly written: string;
  /** … which is this one. */
  readonly input: string;
}

/** Lets a link stand where the command would write: a hard one with `-y`, a symbolic one without. */
async function refuse(folder: string, { writing, output, written, input }: Clash): Promise<void> {
  const [from, to] = [join(folder, input), join(folder, written)];
  await Deno.mkdir(dirname(to), { recursive: true });
  for (const [link, more] of [[Deno.link, ["-y"]], [Deno.symlink, []]] as const) {
    await link(from, to);
    const args = [...writing.args, ...output.args, ...more];
    const { code, stderr } = await isa4d(args, { cwd: folder });
    const told = `${args.join(" ")}, with ${written} being ${input}: ${stderr}`;
    equal(code, 2, told);
    match(stderr, /^isa4d[^\n]*\n$/, told);
    // A hard link has two names within a folder that is an input.
    ok([input, written].some((name) => stderr.includes(name)), told);
    match(stderr, /would overwrite the input/, told);
    await Deno.remove(to);
  }
}

async function hashes(folder: string, { files }: Writing): Promise<string[]> {
  const names = Object.keys(files);
  return await Promise.all(names.map((name) => sha256File(join(folder, name))));
}

Deno.test("outputs: every command that takes the name of an output takes -y", async () => {
  const names = new Set([
    "output",
    "out",
    "html",
    "sheet",
    "figures",
    "matte",
    "saveLatents",
    "previewFile",
  ]);
  const writing: string[] = [];
  for (const { path, command } of await everyCommand()) {
    const options = command.options.map((option) => option.attributeName());
    if (!options.some((name) => names.has(name)) && path !== "convert") continue;
    writing.push(path);
    const flag = command.options.find(({ long }) => long === "--overwrite");
    equal(flag?.short, "-y", path);
  }
  const tested = new Set(writings.map(({ args }) => args.slice(0, 2).join(" ")));
  for (const path of writing) {
    ok(
      [...tested].some((words) => `${words} `.startsWith(`${path} `)),
      `no case writes as ${path}`,
    );
  }
});

interface Named {
  readonly path: string;
  readonly command: Command;
}

async function everyCommand(): Promise<Named[]> {
  const program = newProgram(() => {}) as unknown as Command;
  for (const { load } of commands) {
    (await load()).register(program, () => {
      throw new Error("no command runs here");
    });
  }
  const below = (command: Command, path: string): Named[] =>
    command.commands.length === 0
      ? [{ path, command }]
      : command.commands.flatMap((child) =>
        below(child as Command, `${path} ${child.name()}`.trim())
      );
  return below(program, "");
}

Deno.test("outputs: one that exists is replaced with -y, or with a yes on the terminal, else kept", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "cams.json"), cameras);
    const convert = (...args: string[]) =>
      isa4d(["convert", "cams.json", ...args], { cwd: folder });
    const text = () => Deno.readTextFile(join(folder, "new/cams.txt"));
    equal((await convert("new/cams.txt")).code, 0, "a missing folder is made");
    await Deno.writeTextFile(join(folder, "new/cams.txt"), "mine");
    const refused = await convert("new/cams.txt");
    equal(refused.code, 2);
    match(
      refused.stderr,
      /OUT "[^"]*new\/cams\.txt" exists: give another name, or -y to overwrite/,
    );
    equal(await text(), "mine");
    const questions: string[] = [];
    const answer = (yes: boolean) => (question: string) => {
      questions.push(question);
      return Promise.resolve(yes);
    };
    const asked = ["convert", "cams.json", "new/cams.txt"];
    equal((await isa4d(asked, { cwd: folder, ask: answer(false) })).code, 2);
    equal(await text(), "mine");
    equal((await isa4d(asked, { cwd: folder, ask: answer(true) })).code, 0);
    ok(await text() !== "mine");
    match(questions[0], /cams\.txt" exists: overwrite\? \[y\/N\] $/);
    const quiet = await isa4d([...asked, "--quiet"], { cwd: folder, ask: answer(true) });
    deepEqual([quiet.code, questions.length], [2, 2], "--quiet asks nothing");
    await Deno.writeTextFile(join(folder, "new/cams.txt"), "mine");
    equal((await convert("new/cams.txt", "-y")).code, 0);
    ok(await text() !== "mine");
  }));

Deno.test("outputs: names that end as other files do are refused before any work", () =>
  withFolder(async (folder) => {
    for (
      const line of [
        "view o.mp4 --html page.mp4",
        "train report . -o data/index.json",
        "eval report . -o report.json",
        "eval generate --data held --sheet sheet.mp4",
        "eval grid --data held --sheet sheet.json",
        "index . -o walk.mp4",
        "synth --clips 1 --sheet -o sheet.mp4",
        "preview -i a.png --motion builtin:walk -o look.jpg",
        "encode a.mp4 -o street.mp4",
        "decode z.safetensors -o out.safetensors",
        "reconstruct a.mp4 -o out.json",
        "weights convert a.pt --to safetensors -o a.pth",
        "generate -i a.png --motion builtin:walk -o o.mp4 --matte m.mp4",
      ]
    ) {
      const { code, stderr } = await isa4d(line.split(" "), { cwd: folder });
      equal(code, 2, `${line}: ${stderr}`);
      match(stderr, /^isa4d[^\n]*\n$/, line);
    }
    deepEqual(namesIn(folder), []);
  }));

Deno.test("outputs: bytes are not written to a terminal", async () => {
  const line = ["generate", "-i", "a.png", "--motion", "builtin:walk", "-o", "-"];
  const { code, stderr, stdout } = await isa4d(line, { outTerminal: true });
  equal(code, 2);
  match(stderr, /-o - would fill the terminal: pipe it on, or name a file/);
  equal(stdout.length, 0);
});

Deno.test("outputs: a sequence that is replaced leaves no older number; a neighbour's stays", () =>
  withFolder(async (folder) => {
    for (const name of ["0002.png", "0009.png", "12.png", "a0001.png", "0001.jpg"]) {
      await Deno.writeTextFile(join(folder, name), "older");
    }
    const pattern = join(folder, "%04d.png");
    await writePngSequence(pattern, ramps({ width: 8, height: 8, count: 3 }), { replace: true });
    deepEqual(
      namesIn(folder),
      ["0001.jpg", "0001.png", "0002.png", "0003.png", "12.png", "a0001.png"],
    );
    ok((await Deno.readFile(join(folder, "0002.png"))).length > 5);
  }));

Deno.test("outputs: demo and train know the folders that they have filled, and refuse those of others", () =>
  withFolder(async (folder) => {
    const kept = async (args: string[], says: RegExp) => {
      const { code, stderr } = await isa4d(args, { cwd: folder });
      equal(code, 2, stderr);
      match(stderr, says);
    };
    await Deno.mkdir(join(folder, "run"));
    await Deno.writeTextFile(join(folder, "run/reference.png"), "mine");
    await kept(["demo", "-o", "run"], /run\/reference\.png" exists/);
    const train = ["train", "features", "--data", "clips", "--output", "run"];
    await Deno.writeTextFile(join(folder, "run/config.json"), "{}");
    await kept(train, /run\/config\.json" exists/);
    // A log makes the folder a run's; a checkpoint makes it one that would be lost.
    await Deno.writeTextFile(join(folder, "run/log.jsonl"), '{"step":1}\n');
    await Deno.writeTextFile(join(folder, "run/step-0000001.safetensors"), "hours of work");
    await kept(
      train,
      /holds an earlier run, "step-0000001\.safetensors".*--resume auto .*-y starts over/,
    );
    for (const flags of [["--resume", "auto"], ["-y"]]) {
      const { code, stderr } = await isa4d([...train, ...flags], { cwd: folder });
      deepEqual([code, /clips/.test(stderr)], [1, true], "no data set is there");
    }
  }));

Deno.test("outputs: a folder that cannot be written to is one line, for demo too", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(join(folder, "closed"), { mode: 0o555 });
    const ended = await isa4dProcess(["demo", "-o", "closed/demo"], {
      cwd: folder,
      obeysPermissions: true,
    });
    equal(ended.code, 1);
    match(
      ended.stderr,
      /^isa4d demo: cannot write "[^"]*closed\/demo\/[^"]*": permission denied\n$/,
    );
  }));

Deno.test("outputs: batch refuses what it has not made, and renews what it has", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const job = {
      reference: { image: "me.png", pose: "me.json" },
      persons: [{ motion: "builtin:walk" }],
      ...{ weights: "./weights", width: 32, height: 32, frames: 3, steps: 1 },
    };
    const line = (frames: number) =>
      Deno.writeTextFile(
        join(folder, "jobs.jsonl"),
        JSON.stringify({ ...job, id: "a", frames, output: "a/%04d.png" }) + "\n",
      );
    const batch = (...flags: string[]) =>
      isa4d(["batch", "jobs.jsonl", "--output", "night", ...flags], { cwd: folder });
    await line(3);
    await Deno.mkdir(join(folder, "night/a"), { recursive: true });
    await Deno.writeTextFile(join(folder, "night/a/0001.png"), "mine");
    const refused = await batch();
    equal(refused.code, 2);
    match(refused.stderr, /line 1: output "[^"]*": 0001\.png exists/);
    equal(await Deno.readTextFile(join(folder, "night/a/0001.png")), "mine");
    equal((await batch("-y")).code, 0);
    await line(1);
    equal((await batch()).code, 0, "the ledger knows it");
    deepEqual(namesIn(join(folder, "night/a")), ["0001.png", "metadata.json"]);
  }));
