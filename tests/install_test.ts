import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { install, launcher, pathAdvice, uninstall } from "../cli/setup/mod.ts";
import { InputError } from "../lib/errors.ts";
import { root, run } from "./support/commands.ts";
import { namesIn, withFolder } from "./support/folders.ts";

const completions = {
  bash: "# made by `isa4d completions bash`\n",
  zsh: "# made by `isa4d completions zsh`\n",
  fish: "# made by `isa4d completions fish`\n",
};

Deno.test("install: isa4d runs from any folder, in which its paths start", async () => {
  await withFolder(async (folder) => {
    const prefix = join(folder, "it's mine");
    await install({ prefix, root });
    const cwd = join(folder, "elsewhere");
    await Deno.mkdir(cwd);
    // What a task around it has set does not lead its paths astray.
    const env = { INIT_CWD: "/", DENO: Deno.execPath() };
    const program = join(prefix, "bin/isa4d");
    const made = await run(program, ["convert", "builtin:walk", "walk.npz", "--json"], {
      cwd,
      env,
    });
    deepEqual([made.code, made.stderr], [0, ""]);
    equal(JSON.parse(made.stdout).output, join(await Deno.realPath(cwd), "walk.npz"));
    deepEqual(namesIn(cwd), ["walk.npz"]);
    const wrong = await run(program, ["generate", "--frames", "0"], { cwd, env });
    equal(wrong.code, 2);
    match(wrong.stderr, /^isa4d generate: /);
  });
});

Deno.test("install: the launcher answers fast", async () => {
  await withFolder(async (prefix) => {
    await install({ prefix, root });
    const timed = 'TIMEFORMAT="%U %S"; time "$@"';
    const { code, stdout, stderr } = await run(
      "bash",
      ["-c", timed, "bash", join(prefix, "bin/isa4d"), "--version"],
      { env: { DENO: Deno.execPath() } },
    );
    equal(code, 0);
    match(stdout, /^\d+\.\d+\.\d+( \([0-9a-f]{12}\))?\n$/);
    // Processor time: a machine busy with other tests makes the clock's time mean nothing.
    const [user, system] = stderr.trim().split(" ").map(Number);
    ok(user + system < 0.3, `${user + system} s`);
  });
});

Deno.test("install: a second time changes nothing, --remove leaves nothing", async () => {
  await withFolder(async (prefix) => {
    const first = await install({ prefix, root, completions });
    deepEqual(first.map((path) => path.slice(prefix.length + 1)), [
      "bin/isa4d",
      "share/bash-completion/completions/isa4d",
      "share/zsh/site-functions/_isa4d",
      "share/fish/vendor_completions.d/isa4d.fish",
    ]);
    deepEqual(await install({ prefix, root, completions }), []);
    const moved = await install({ prefix, root: "/opt/isa4d/", completions });
    deepEqual(moved, [join(prefix, "bin/isa4d")], "another checkout takes it over");
    equal((await Deno.stat(moved[0])).mode! & 0o777, 0o755);
    deepEqual(await uninstall(prefix), first);
    deepEqual(await uninstall(prefix), []);
    deepEqual(namesIn(join(prefix, "bin")), []);
  });
});

Deno.test("install: what others made is neither replaced nor removed", async () => {
  await withFolder(async (prefix) => {
    await Deno.mkdir(join(prefix, "share/zsh/site-functions"), { recursive: true });
    const foreign = join(prefix, "share/zsh/site-functions/_isa4d");
    await Deno.writeTextFile(foreign, "mine\n");
    await rejects(
      install({ prefix, root, completions }),
      (error: Error) => error instanceof InputError && /_isa4d" is in the way/.test(error.message),
    );
    deepEqual(namesIn(prefix), ["share"], "nothing is half installed");
    await install({ prefix, root });
    equal((await uninstall(prefix)).length, 1);
    equal(await Deno.readTextFile(foreign), "mine\n");
    await Deno.mkdir(join(prefix, "bin/isa4d"));
    await rejects(install({ prefix, root }), /bin\/isa4d" is in the way/);
  });
});

Deno.test("install: a launcher whose checkout is gone says so", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "isa4d");
    await Deno.writeTextFile(path, launcher(join(folder, "gone/")), { mode: 0o755 });
    const { code, stderr } = await run(path, ["--help"]);
    equal(code, 1);
    match(stderr, /^isa4d: its checkout at .*gone\/ is gone\n$/);
  });
});

Deno.test("install: tells where PATH does not lead to it", async () => {
  await withFolder(async (prefix) => {
    match(pathAdvice(prefix, "/usr/bin:/bin")[0], /is not on PATH: add `export PATH=/);
    const bin = join(prefix, "bin");
    deepEqual(pathAdvice(prefix, `/nowhere:${bin}`), []);
    const before = join(prefix, "before");
    await Deno.mkdir(before);
    await Deno.writeTextFile(join(before, "isa4d"), "");
    deepEqual(pathAdvice(prefix, `${before}:${bin}`), [
      `"${join(before, "isa4d")}" comes first on PATH and hides it`,
    ]);
  });
});

Deno.test("./denow task install: flags are checked, --remove needs no set-up", async () => {
  await withFolder(async (folder) => {
    const denow = (...args: string[]) =>
      run(join(root, "denow"), ["task", "install", ...args], {
        cwd: folder,
        env: { DENO: Deno.execPath(), INIT_CWD: folder, LIBTORCH: "/nowhere" },
      });
    const wrong = await denow("--prefx", "x");
    equal(wrong.code, 2);
    match(wrong.stderr, /^install: unknown option '--prefx'/);
    await install({ prefix: join(folder, "here"), root, completions });
    const { code, stdout, stderr } = await denow("--prefix", "here", "--remove");
    deepEqual([code, stdout, stderr.trim().split("\n").length], [0, "", 4]);
    match(stderr, /^install: removed .*here\/bin\/isa4d$/m);
    const again = await denow("--prefix", "here", "--remove");
    match(again.stderr, /^install: nothing of isa4d is in /);
  });
});
