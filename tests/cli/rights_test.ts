/**
 * What a command may do is what it needs: the launcher's flags, tried with a program that wants more.
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { ffmpegPath } from "../../lib/io/mod.ts";
import { bringNetworks } from "../../lib/perception/mod.ts";
import { type Ended, root, run } from "../support/commands.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";

// As long as something is yet to be brought commands keep all rights.
await bringNetworks();

const launcher = join(root, "cli/isa4d.sh");
const env = { DENO: Deno.execPath(), INIT_CWD: "" };

/** The flags of Deno's that a command line gets. */
async function rightsOf(
  args: readonly string[],
  cwd: string,
  temporary = Deno.env.get("TMPDIR") ?? "/tmp",
): Promise<string[]> {
  const { stdout } = await run(launcher, args, {
    cwd,
    env: { ...env, TMPDIR: temporary, ISA4D_RIGHTS: "show" },
  });
  const lines = stdout.split("\n");
  return lines.slice(0, lines.indexOf("--config"));
}

/** Files of the checkout that a program tries to write. */
const probed = ["out/probe", ".deps/native/probe"].map((path) => join(root, path));

/** What this process may do, as words. */
const probe = `
const may = async (what, body) => {
  try { await body(); console.log(what); } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) console.log(what + ": " + error);
  }
};
const [folder, elsewhere, ffmpeg] = Deno.args;
await may("net", () => Deno.connect({ hostname: "127.0.0.1", port: 9 }).catch((error) => {
  if (error instanceof Deno.errors.NotCapable) throw error;
}));
await may("write here", () => Deno.writeTextFile(folder + "/probe", ""));
await may("write elsewhere", () => Deno.writeTextFile(elsewhere + "/probe", ""));
await may("write home", () => Deno.writeTextFile(Deno.env.get("HOME") + "/.isa4d-probe", ""));
await may("write checkout", () => Deno.writeTextFile(${JSON.stringify(probed[0])}, ""));
await may("write libraries", () => Deno.writeTextFile(${JSON.stringify(probed[1])}, ""));
await may("run ffmpeg", () => new Deno.Command(ffmpeg, { args: ["-version"] }).output());
await may("run sh", () => new Deno.Command("sh", { args: ["-c", "true"] }).output());
await may("run deno", () => new Deno.Command(Deno.execPath(), { args: ["--version"] }).output());
await may("ffi libc", () => Deno.dlopen("libc.so.6", {}));
await may("read", () => Deno.readTextFile(${JSON.stringify(join(root, "README.md"))}));
`;

/** What a command line may do besides its work. */
async function may(args: readonly string[], cwd: string): Promise<string[]> {
  return await withElsewhere(async (elsewhere) => {
    const program = join(elsewhere, "probe.js");
    await Deno.writeTextFile(program, probe);
    // The checkout may lie among temporary files itself.
    const rights = await rightsOf(args, cwd, join(cwd, "temporary"));
    const { stdout, stderr } = await run(
      Deno.execPath(),
      ["run", ...rights, program, cwd, elsewhere, ffmpegPath()],
      // Temporary files lie where every command may write.
      { env: { HOME: elsewhere } },
    );
    equal(stderr, "", stderr);
    for (const path of probed) await Deno.remove(path).catch(() => {});
    return stdout.trim().split("\n");
  });
}

/** A folder that is in no folder of temporary files. */
async function withElsewhere<T>(body: (folder: string) => Promise<T>): Promise<T> {
  await Deno.mkdir(join(root, "out"), { recursive: true });
  const folder = await Deno.makeTempDir({ dir: join(root, "out"), prefix: "rights-" });
  try {
    return await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const isa4d = (args: readonly string[], cwd: string): Promise<Ended> =>
  run(launcher, args, { cwd, env });

Deno.test("rights: what only makes a video has no network, starts ffmpeg alone, writes beside its output", () =>
  withElsewhere(async (cwd) => {
    const least = ["write here", "run ffmpeg", "read"];
    for (
      const line of [
        "generate -i a.png --motion builtin:walk -o out.mp4",
        "generate --log json -i a.png --motion builtin:walk --output=out.mp4",
        "preview -i a.png --motion builtin:walk -oout",
        "track a.mp4 -o out",
        "convert a.npz b.json",
        "synth -o set",
        "grid -i a.png --motion builtin:walk -o out.mp4 --nerfstudio splat",
      ]
    ) deepEqual(await may(line.split(" "), cwd), least, line);
    deepEqual(await may(["info", "a.mp4"], cwd), ["run ffmpeg", "read"]);
    deepEqual(await may(["view", "a.mp4"], cwd), ["net", "run ffmpeg", "read"]);
    // A job's file may name any output.
    ok((await may(["generate", "--job", "a.json"], cwd)).includes("write elsewhere"));
    const named = await may(["generate", "--job", "a.json", "-o", "out.mp4"], cwd);
    deepEqual(named, least);
    deepEqual(await rightsOf(["batch", "a.jsonl", "-o", "out"], cwd), ["-A"]);
  }));

Deno.test("rights: commands work with theirs, whatever their outputs are called", () =>
  withElsewhere(async (cwd) => {
    await writeJobFiles(cwd);
    const lines = [
      [...smallJob, "-o", "out.mp4"],
      ["preview", ...smallJob.slice(1), "-o", "new/a,b/look"],
      ["view", "out.mp4", "--html", "page.html"],
    ];
    for (const line of lines) {
      const { code, stderr } = await isa4d([...line, "--quiet"], cwd);
      deepEqual([code, stderr], [0, ""], line.join(" "));
    }
    const made = ["new", "out.mp4", "page.html"];
    deepEqual(made.filter((name) => !namesIn(cwd).includes(name)), []);
  }));

Deno.test("rights: without any one of them a video is not made", () =>
  withFolder(async (cwd) => {
    await writeJobFiles(cwd);
    const job = ["generate", ...smallJob.slice(1), "-y", "-o", "out.mp4", "--quiet"];
    const rights = await rightsOf(job, cwd);
    const start = (flags: readonly string[]) =>
      run(Deno.execPath(), [
        ...["run", "--no-check", ...flags, "--config", join(root, "deno.json")],
        ...[join(root, "cli/main.ts"), ...job],
      ], { cwd, env });
    for (const right of rights.filter((flag) => flag.startsWith("--allow-"))) {
      const { code } = await start(rights.filter((flag) => flag !== right));
      ok(code !== 0, `it is made without ${right}`);
      equal(namesIn(cwd).includes("out.mp4"), false, right);
    }
    const { code, stderr } = await start(rights);
    deepEqual([code, stderr], [0, ""]);
  }));

Deno.test("rights: what a command may not do is one line that says how it may", () =>
  withFolder(async (cwd) => {
    await writeJobFiles(cwd);
    const flags = [
      "run",
      "--no-check",
      "--no-prompt",
      "--allow-read",
      "--allow-env",
      "--allow-sys",
    ];
    const { code, stderr } = await run(Deno.execPath(), [
      ...[...flags, "--allow-ffi", "--config", join(root, "deno.json")],
      ...[join(root, "cli/main.ts"), ...smallJob, "-o", "out.mp4", "--quiet"],
    ], { cwd, env });
    equal(code, 1);
    match(
      stderr,
      /^isa4d generate: Requires .* access.*; ISA4D_RIGHTS=all isa4d … gives it all rights\n$/,
    );
  }));
