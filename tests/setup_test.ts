import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { strToU8, zipSync } from "fflate";
import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  installPackages,
  isForCuda,
  lockedFiles,
  lockedPackages,
  lockedPath,
  makeSigns,
  mergeInto,
  missingParts,
  parseLocked,
  PipWatch,
  requirementsText,
} from "../cli/setup/mod.ts";
import { EnvironmentError } from "../lib/errors.ts";
import { findCompiler } from "../lib/native/mod.ts";
import { root, run } from "./support/commands.ts";
import { namesIn, withEnv, withFolder } from "./support/folders.ts";

/** Writes an executable shell script, and its folder where that is missing. */
async function program(folder: string, name: string, body: string): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  const path = join(folder, name);
  await Deno.writeTextFile(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return path;
}

/** A package of one empty module. */
async function writeWheel(path: string): Promise<void> {
  const info = "toy-1.0.dist-info";
  const files = {
    "toy.py": "",
    [`${info}/METADATA`]: "Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n",
    [`${info}/WHEEL`]:
      "Wheel-Version: 1.0\nGenerator: isa4d\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    [`${info}/RECORD`]: `toy.py,,\n${info}/METADATA,,\n${info}/WHEEL,,\n${info}/RECORD,,\n`,
  };
  const entries = Object.entries(files).map(([name, text]) => [name, strToU8(text)] as const);
  await Deno.writeFile(path, zipSync(Object.fromEntries(entries)));
}

/** A folder with the few programs that scripts need and nothing that set-up looks for. */
async function barePath(folder: string): Promise<string> {
  const bin = join(folder, "bare");
  await Deno.mkdir(bin);
  for (const name of ["sh", "dirname", "mkdir", "rm", "mv", "cat", "touch"]) {
    const { stdout } = await run("sh", ["-c", `command -v ${name}`]);
    await Deno.symlink(stdout.trim(), join(bin, name));
  }
  return bin;
}

Deno.test("denow: passes arguments and the user's folder on, and keeps stdout clean", async () => {
  await withFolder(async (folder) => {
    const fake = await program(
      folder,
      "deno",
      'for a in "$@"; do echo "[$a]"; done; echo $INIT_CWD',
    );
    const env = { DENO: fake, INIT_CWD: "" };
    const { stdout, stderr } = await run(join(root, "denow"), ["run", "a b", "", "*"], {
      cwd: folder,
      env,
    });
    equal(stdout, `[run]\n[a b]\n[]\n[*]\n${await Deno.realPath(folder)}\n`);
    equal(stderr, "");
    const task = await run(join(root, "denow"), ["task", "isa4d", "--help"], { env });
    match(
      task.stdout,
      /^\[task\]\n\[--quiet\]\n\[--config\]\n\[.*deno.json\]\n\[isa4d\]\n\[--help\]/,
    );
  });
});

Deno.test("denow: a Deno that is too old is replaced, and what is missing is named", async () => {
  await withFolder(async (folder) => {
    const bin = await barePath(folder);
    const denow = join(folder, "denow");
    await Deno.copyFile(join(root, "denow"), denow);
    await Deno.mkdir(join(folder, "requirements"));
    await Deno.copyFile(lockedPath("deno"), join(folder, "requirements", "deno.txt"));
    const options = { clearEnv: true, env: { PATH: bin } };

    const none = await run(denow, ["--version"], options);
    deepEqual([none.code, none.stdout], [1, ""]);
    match(none.stderr, /^denow: python3 is missing: install it \(apt-get install .*\)\n$/);

    await program(bin, "python3", "exit 1");
    const noPip = await run(denow, ["--version"], options);
    match(noPip.stderr, /^denow: pip is missing: install it \(apt-get install python3-pip\)\n$/);

    await program(bin, "deno", "echo deno 2.8.9");
    const pip = `case "$*" in *--version*) exit 0;; *"--require-hashes "*) ;; *) exit 1;; esac
      while [ "$1" != --target ]; do shift; done
      mkdir -p "$2/bin"; printf '#!/bin/sh\\necho new deno "$@"\\n' > "$2/bin/deno"
      ${join(bin, "sh")} -c 'exec ${
      (await run("sh", ["-c", "command -v chmod"])).stdout.trim()
    } 755 "$0"' "$2/bin/deno"`;
    await program(bin, "python3", pip);
    const installed = await run(denow, ["eval", "1"], options);
    deepEqual([installed.code, installed.stdout], [0, "new deno eval 1\n"]);
    match(installed.stderr, /^denow: installing Deno \S+ into .deps \(once\)\n$/);
    deepEqual(namesIn(join(folder, ".deps")), ["bin"]);
    equal((await run(denow, ["eval", "1"], options)).stderr, "");

    await Deno.remove(join(folder, ".deps"), { recursive: true });
    for (const version of ["2.9.0 (stable)", "2.10.1", "3.0.0"]) {
      await program(bin, "deno", `[ "$1" = --version ] && echo "deno ${version}" || echo own deno`);
      equal((await run(denow, ["eval"], options)).stdout, "own deno\n");
    }
  });
});

Deno.test("set-up: what the machine has in a usable version is not brought", async () => {
  await withFolder(async (folder) => {
    const bin = await barePath(folder);
    const missing = async () => {
      const parts = await missingParts(join(folder, "deps"));
      // Whether libtorch is there depends on where this machine keeps it.
      return parts.map(({ name }) => name).filter((name) => name !== "torch");
    };
    const none = { PATH: bin, CMAKE: undefined, LIBTORCH: undefined, ISA4D_FFMPEG: undefined };
    await withEnv(none, async () => {
      deepEqual(await missing(), ["cmake", "ninja", "ffmpeg"]);
      await program(bin, "cmake", "echo cmake version 3.17.9");
      await program(bin, "ffmpeg", "echo V..... libopenh264");
      deepEqual(await missing(), ["cmake", "ninja", "ffmpeg"]);
      await program(bin, "cmake", "echo cmake version 3.18.0");
      await program(bin, "ffmpeg", "echo V....D libx264");
      await program(bin, "make", "");
      deepEqual(await missing(), []);
    });
    await withEnv({ LIBTORCH: folder }, async () => {
      await rejects(
        missing(),
        (error: Error) =>
          error instanceof EnvironmentError &&
          error.message.startsWith(`LIBTORCH=${folder} holds no`),
      );
    });
  });
});

Deno.test("set-up: a missing compiler is one line that says how to get it", async () => {
  await withFolder(async (folder) => {
    await withEnv({ PATH: folder, CXX: undefined }, async () => {
      throws(
        findCompiler,
        (error: Error) =>
          error instanceof EnvironmentError && /apt-get install g\+\+/.test(error.message),
      );
      const gcc = await program(folder, "g++", "");
      equal(findCompiler(), gcc);
    });
  });
});

Deno.test("set-up: packages join those that are there, and shared folders are kept", async () => {
  await withFolder(async (folder) => {
    const [from, to] = [join(folder, "from"), join(folder, "to")];
    const write = async (path: string, text: string) => {
      await Deno.mkdir(join(path, ".."), { recursive: true });
      await Deno.writeTextFile(path, text);
    };
    await write(join(to, "bin/deno"), "deno");
    await write(join(to, "torch/old.py"), "old");
    await write(join(to, "nvidia/cu13/lib/a.so"), "a");
    await write(join(from, "bin/cmake"), "cmake");
    await write(join(from, "torch/new.py"), "new");
    await write(join(from, "nvidia/cu13/lib/b.so"), "b");
    mergeInto(from, to);
    deepEqual(namesIn(join(to, "bin")), ["cmake", "deno"]);
    deepEqual(namesIn(join(to, "torch")), ["new.py"]);
    deepEqual(namesIn(join(to, "nvidia/cu13/lib")), ["a.so", "b.so"]);
  });
});

Deno.test("set-up: a CUDA torch asks for its libraries, a CPU one for nothing", async () => {
  await withFolder(async (folder) => {
    const write = async (lines: string[]) => {
      await Deno.mkdir(join(folder, "torch-2.13.0.dist-info"), { recursive: true });
      const text = lines.map((line) => `Requires-Dist: ${line}\n`).join("");
      await Deno.writeTextFile(join(folder, "torch-2.13.0.dist-info/METADATA"), text);
    };
    equal(isForCuda(folder), false);
    await write(["sympy>=1.13.3", "filelock", 'nvidia-x; extra == "all"']);
    equal(isForCuda(folder), false);
    await write(["sympy", 'nvidia-cudnn-cu13==9.1; platform_system == "Linux"']);
    equal(isForCuda(folder), true);
    await write(['cuda-toolkit[cublas,cudart]==13.0.2; platform_system == "Linux"']);
    equal(isForCuda(folder), true);
  });
});

Deno.test("set-up: every package that pip is asked for is pinned with the hashes of its files", () => {
  for (const file of lockedFiles) {
    const packages = lockedPackages(file);
    ok(packages.length > 0, file);
    for (const each of packages) ok(each.hashes.length > 0, `${file}: ${each.name}`);
    deepEqual(parseLocked(requirementsText(packages)), packages);
  }
  throws(() => parseLocked("torch==2.13.0\n"), SyntaxError);
  throws(() => parseLocked("torch>=2 --hash=sha256:" + "0".repeat(64)), SyntaxError);
});

Deno.test("set-up: a package that is another file than the known ones is refused, and nothing is installed", async () => {
  await withFolder(async (folder) => {
    const [wheels, deps] = [join(folder, "wheels"), join(folder, "deps")];
    await Deno.mkdir(wheels);
    await Deno.mkdir(deps);
    await writeWheel(join(wheels, "toy-1.0-py3-none-any.whl"));
    const bytes = await Deno.readFile(join(wheels, "toy-1.0-py3-none-any.whl"));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const env = { PIP_NO_INDEX: "1", PIP_FIND_LINKS: wheels };
    await withEnv(env, async () => {
      const toy = { name: "toy", version: "1.0", hashes: ["0".repeat(64)] };
      await rejects(installPackages(deps, [toy]), (error: Error) => {
        ok(error instanceof EnvironmentError);
        match(error.message, /^pip brought another file of toy==1\.0 than isa4d knows/);
        ok(error.message.includes(sha256.slice(0, 12)), error.message);
        return true;
      });
      deepEqual(namesIn(deps), []);
      await installPackages(deps, [{ ...toy, hashes: [...toy.hashes, sha256] }]);
      ok(namesIn(deps).includes("toy.py"), String(namesIn(deps)));
    });
  });
});

Deno.test("set-up: where pip fails its reason is told and nothing is left", async () => {
  await withFolder(async (folder) => {
    const bin = await barePath(folder);
    const deps = join(folder, "deps");
    const a = { name: "a", version: "1", hashes: ["0".repeat(64)] };
    await Deno.mkdir(deps);
    await withEnv({ PATH: bin }, async () => {
      await rejects(installPackages(deps, [a]), /python3 is missing: .*apt-get/);
      const failing = 'case "$*" in *--version*) exit 0;; esac; echo "ERROR: no a==1" >&2; exit 1';
      await program(bin, "python3", failing);
      await rejects(
        installPackages(deps, [a]),
        /^EnvironmentError: pip could not install a==1: no a==1$/,
      );
      await program(bin, "python3", "exit 1");
      await rejects(
        installPackages(deps, [a]),
        /^EnvironmentError: pip is missing: .*apt-get/,
      );
    });
    deepEqual(namesIn(deps), []);
  });
});

Deno.test("set-up: what takes long shows signs, over one line on a terminal, line by line elsewhere", async () => {
  const shown = async (terminal: boolean): Promise<string> => {
    let text = "";
    const signs = makeSigns({ write: (part) => text += part, terminal, every: 20 });
    await signs.during("compiling", async (tell) => {
      tell("3 of 7");
      await new Promise((resolve) => setTimeout(resolve, 50));
    });
    await rejects(signs.during("failing", () => Promise.reject(new Error("no"))), /no/);
    await new Promise((resolve) => setTimeout(resolve, 50));
    return text;
  };
  match(
    await shown(false),
    /^setup: compiling\n(setup: {3}3 of 7, 0 s\n)+setup: failing\n$/,
  );
  const terminal = await shown(true);
  equal(terminal.split("\n").length, 3, "a line for each");
  ok(terminal.includes("\r\x1b[Ksetup: compiling, 3 of 7, 0 s\n"), terminal);
});

Deno.test("set-up: of pip's lines and its folder it reads what is downloaded and how far", () =>
  withFolder(async (folder) => {
    let told = "";
    using watch = new PipWatch(folder, (detail) => told = detail);
    watch.read("Collecting torch==2.13.0");
    equal(told, "");
    watch.read("  Downloading https://host/a/torch-2.13.0%2Bcpu-cp311-cp311-linux.whl (190.1 MB)");
    equal(told, "torch-2.13.0 0 MB of 190.1 MB");
    await Deno.mkdir(join(folder, "pip-unpack-x"));
    await Deno.writeFile(join(folder, "pip-unpack-x", "torch.whl"), new Uint8Array(2.2e6));
    watch.read("");
    equal(told, "torch-2.13.0 2 MB of 190.1 MB");
    watch.read("Installing collected packages: torch");
    equal(told, "unpacking");
  }));

Deno.test("denow: packages lie in .deps/cache, but for an older set-up without it", async () => {
  await withFolder(async (folder) => {
    const denow = join(folder, "denow");
    await Deno.copyFile(join(root, "denow"), denow);
    const fake = await program(folder, "deno", 'echo "${DENO_DIR:-none}"');
    const dir = async (own = "") => {
      const { stdout } = await run(denow, ["x"], { env: { DENO: fake, DENO_DIR: own } });
      return stdout.trim();
    };
    const cache = join(folder, ".deps", "cache");
    equal(await dir(), cache);
    await Deno.mkdir(join(folder, ".deps"));
    await Deno.writeTextFile(join(folder, ".deps", "ready-1"), "");
    equal(await dir(), "none");
    await Deno.mkdir(cache);
    equal(await dir(), cache);
    equal(await dir("/my/own"), "/my/own");
  });
});

Deno.test("set-up: a second run does and says nothing", async () => {
  await run(join(root, "denow"), ["task", "setup"]);
  const again = await run(join(root, "denow"), ["task", "setup"]);
  deepEqual(again, { code: 0, stdout: "", stderr: "" });
});

Deno.test("isa4d: --help comes through denow, alone on stdout", async () => {
  const { code, stdout, stderr } = await run(join(root, "denow"), ["task", "isa4d", "--help"]);
  deepEqual([code, stderr], [0, ""]);
  match(stdout, /^Usage: isa4d/);
});
