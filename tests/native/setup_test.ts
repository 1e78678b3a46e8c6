import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { withFolder } from "../support/folders.ts";
import { ensureNative, findLibtorch, PROJECT_ROOT } from "../../lib/native/mod.ts";

const DOOR = new URL("../../lib/native/mod.ts", import.meta.url).href;

/** Runs an expression on the native door in another process; gives its error's name and message. */
async function errorOf(
  expression: string,
  env: Record<string, string>,
  door: string = DOOR,
): Promise<string> {
  const code = `import * as n from ${JSON.stringify(door)};
    try { n.${expression}; console.log("no error"); }
    catch (error) { console.log(error.name + ": " + error.message); }`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", code],
    env,
    stderr: "inherit",
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

async function writeLibtorch(folder: string, minor: string): Promise<void> {
  await Deno.mkdir(`${folder}/include/torch/headeronly`, { recursive: true });
  await Deno.mkdir(`${folder}/lib`);
  await Deno.writeTextFile(
    `${folder}/include/torch/headeronly/version.h`,
    `#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION_MINOR ${minor}\n` +
      "#define TORCH_VERSION_PATCH 0\n",
  );
  await Deno.writeTextFile(`${folder}/lib/libtorch_cpu.so`, "");
}

/** A libtorch at another place, so that nothing is built for it yet. */
const withOtherLibtorch = (minor: string, run: (path: string) => Promise<void>): Promise<void> =>
  withFolder(async (folder) => {
    await writeLibtorch(folder, minor);
    await run(folder);
  });

Deno.test("ensureNative: a second call finds what the first built", () => {
  const first = ensureNative();
  const said: string[] = [];
  assert.deepEqual(ensureNative({ onProgress: (line) => said.push(line) }), first);
  assert.deepEqual(said, []);
  assert.ok(first.path.startsWith(`${PROJECT_ROOT}.deps/native/`));
  assert.equal(findLibtorch()?.version, first.libtorchVersion);
});

Deno.test("LIBTORCH without a libtorch is refused in one line", async () => {
  assert.equal(
    await errorOf("findLibtorch()", { LIBTORCH: "/nowhere" }),
    "EnvironmentError: LIBTORCH=/nowhere holds no include/torch and lib/libtorch_cpu.so",
  );
});

Deno.test("LIBTORCH of a version that is not supported is refused", async () => {
  await withOtherLibtorch("7", async (path) => {
    assert.equal(
      await errorOf("findLibtorch()", { LIBTORCH: path }),
      `EnvironmentError: LIBTORCH=${path} is libtorch 2.7.0, expected 2.11 to 2.13`,
    );
  });
});

Deno.test("a checkout that was never set up: the first use runs its set-up, once", () =>
  withFolder(async (checkout) => {
    await Deno.mkdir(`${checkout}/lib`);
    for (const name of ["errors.ts", "native"]) {
      await cp(`${PROJECT_ROOT}lib/${name}`, `${checkout}/lib/${name}`, { recursive: true });
    }
    await Deno.symlink(`${PROJECT_ROOT}native`, `${checkout}/native`);
    const door = `file://${checkout}/lib/native/mod.ts`;
    const bare = { PATH: "/nowhere", CXX: "", LIBTORCH: "" };
    const missing = /^EnvironmentError: libtorch is missing; run `\.\/denow task setup`/;
    assert.match(await errorOf("buildLibrary()", bare, door), missing);
    await writeLibtorch(`${checkout}/brought`, "12");
    const setUp = '#!/bin/sh\necho "$@" >> "${0%/*}/calls"\n/bin/mkdir -p "${0%/*}/.deps"\n' +
      '/bin/mv "${0%/*}/brought" "${0%/*}/.deps/torch"\n';
    await Deno.writeTextFile(`${checkout}/denow`, setUp, { mode: 0o755 });
    assert.match(await errorOf("buildLibrary({ build: false })", bare, door), missing);
    for (const _ of [1, 2]) {
      assert.match(await errorOf("buildLibrary()", bare, door), /a C\+\+ compiler is missing/);
    }
    assert.equal(await Deno.readTextFile(`${checkout}/calls`), "task setup\n");
  }));

Deno.test("a missing compiler: one line says how to get it", async () => {
  await withOtherLibtorch("12", async (path) => {
    assert.match(
      await errorOf("buildLibrary()", { LIBTORCH: path, PATH: "/nowhere", CXX: "" }),
      /^EnvironmentError: a C\+\+ compiler is missing: install one with `apt-get install g\+\+`$/,
    );
    assert.match(
      await errorOf("buildLibrary()", { LIBTORCH: path, CXX: "/nowhere/g++" }),
      /^EnvironmentError: CXX=\/nowhere\/g\+\+ names no compiler that can be found$/,
    );
  });
});
