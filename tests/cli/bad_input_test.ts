import { deepEqual, equal, match, ok } from "node:assert/strict";
import { dirname, join } from "node:path";
import { isa4d, isa4dProcess, textOf } from "../support/cli.ts";
import { run } from "../support/commands.ts";
import { namesIn, withEnv, withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";
import { type BadInput, badInputs } from "./bad_input_cases.ts";

const mayMount = await run("unshare", ["-rm", "true"]).then(({ code }) => code === 0, () => false);

Deno.test("bad input: one clear line, the right code, nothing half-written", async (t) => {
  await withFolder(async (shared) => {
    await writeJobFiles(shared);
    for (const row of badInputs) {
      await t.step({
        name: row.name,
        ignore: row.machine === "full disk" && !mayMount,
        fn: () => withFolder((folder) => check(row, shared, folder)),
      });
    }
  });
});

async function check(row: BadInput, shared: string, folder: string): Promise<void> {
  for (const name of ["me.png", "me.json", "weights"]) {
    await Deno.symlink(join(shared, name), join(folder, name));
  }
  await Deno.mkdir(join(folder, "folder.mp4"));
  await Deno.mkdir(join(folder, "disk"));
  for (const [name, content] of Object.entries(row.files)) {
    const path = join(folder, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    if (typeof content === "string") await Deno.writeTextFile(path, content);
    else await content(path, folder);
  }
  const before = namesIn(folder);
  const { ffmpeg } = row;
  if (ffmpeg === undefined) await fail(row, folder);
  else {
    const path = ffmpeg.startsWith("/") ? ffmpeg : join(folder, ffmpeg);
    await withEnv({ ISA4D_FFMPEG: path }, () => fail(row, folder));
  }
  deepEqual(namesIn(folder), [...before, ...row.keeps ?? []].sort());
}

async function fail(row: BadInput, folder: string): Promise<void> {
  const { code, stdout, stderr } = await start(row, folder);
  match(stderr, row.says);
  match(stderr, /^isa4d[^\n]*[^.\n]\n$/, "one line without a period");
  ok(!/\bat [^ ]+:\d+|unexpected/.test(stderr), stderr);
  equal(code, row.code, stderr);
  equal(stdout, "");
}

async function start(row: BadInput, cwd: string) {
  const args = [...argumentsOf(row), "--quiet"];
  switch (row.machine) {
    case undefined: {
      const ended = await isa4d(args, { cwd });
      return { ...ended, stdout: textOf(ended.stdout) };
    }
    case "bound user":
      return await isa4dProcess(args, { cwd, obeysPermissions: true });
    case "full disk": {
      // Four pages, all taken; what is left there afterwards would show in stdout.
      const full = `mount -t tmpfs -o size=16k tmpfs disk && head -c 16384 /dev/zero > disk/fill
        "$@"; code=$?; ls -A disk | grep -vx fill; exit $code`;
      return await isa4dProcess(args, { cwd, through: ["unshare", "-rm", "sh", "-c", full, "sh"] });
    }
  }
}

/** The whole line after `$`, or the small job with flags exchanged or added. */
function argumentsOf({ name, flags }: BadInput): string[] {
  const words = flags.split(" ").filter((word) => word !== "");
  if (words[0] === "$") return words.slice(1);
  const job = [...smallJob, "-o", "out.mp4"];
  const given = job.indexOf(words[0]);
  // "two poses for one picture" is about a flag given twice; all others exchange it.
  if (given >= 0 && words.length > 1 && !name.startsWith("two ")) job.splice(given, 2);
  return [...job, ...words];
}
