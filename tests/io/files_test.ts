import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { join } from "node:path";
import { IoError } from "../../lib/errors.ts";
import {
  atomicWrite,
  readJson,
  readText,
  sha256File,
  writeJson,
  writePngSequence,
  writeText,
} from "../../lib/io/mod.ts";
import { writeFailure } from "../../lib/io/failures.ts";
import { root, run, runCode } from "../support/commands.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { ramps } from "../support/pictures.ts";

Deno.test("files: a write that fails leaves the older file and no part file", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.txt");
    await writeText(path, "older");
    const failing = atomicWrite(path, async (part) => {
      await Deno.writeTextFile(part, "half");
      throw new RangeError("stopped");
    });
    await rejects(failing, /stopped/);
    equal(await readText(path), "older");
    deepEqual(namesIn(folder), ["a.txt"]);
  });
});

Deno.test("files: a missing folder is made; a folder in the way and a full disk are IoErrors", async () => {
  await withFolder(async (folder) => {
    const isIo = (message: RegExp) => (error: Error) =>
      error instanceof IoError && message.test(error.message);
    await writeText(join(folder, "new/er/a.txt"), "here");
    equal(await readText(join(folder, "new/er/a.txt")), "here");
    await rejects(
      writeText(join(folder, "new/er/a.txt/b"), ""),
      isIo(/a part of the path is a file/),
    );
    await rejects(writeText(folder, ""), isIo(/a folder of that name/));
    const full = await Deno.writeFile("/dev/full", new Uint8Array(9)).catch((e: unknown) => e);
    match(writeFailure("a.mp4", full).message, /^cannot write "a.mp4": the disk is full$/);
  });
});

Deno.test("files: what a device refuses half-way is one line and leaves nothing", async () => {
  await withFolder(async (folder) => {
    // A limit on file sizes stands in for a full disk: it needs no right to mount anything.
    const code = `
      import { writeSafetensors, writeVideo } from "./lib/io/mod.ts";
      const bytes = new Uint8Array(4 << 20).map((_, i) => (i * i * 31) >> 3);
      const report = (e) => console.log(e.name + ": " + e.message);
      const x = new Map([["x", { dtype: "uint8", shape: [bytes.length], bytes }]]);
      await writeSafetensors("${folder}/x.safetensors", x).catch(report);
      const frames = { width: 512, height: 512, count: 5, fps: 8, data: bytes.subarray(0, 512 * 512 * 15) };
      await writeVideo("${folder}/x.mp4", frames, { crf: 0 }).catch(report);`;
    const script = `trap '' XFSZ; ulimit -f 600; exec "$0" eval --ext=ts "$1"`;
    const { stdout, stderr } = await run("sh", ["-c", script, Deno.execPath(), code], {
      cwd: root,
    });
    match(stdout, /IoError: cannot write ".*x.safetensors": the file would be larger/, stderr);
    match(stdout, /IoError: cannot write ".*x.mp4": .*File too large/i, stderr);
    deepEqual(namesIn(folder), []);
  });
});

Deno.test("files: without permission reading and writing are IoErrors", async () => {
  await withFolder(async (folder) => {
    const secret = join(folder, "secret.txt");
    await Deno.writeTextFile(secret, "x", { mode: 0o000 });
    await Deno.chmod(folder, 0o555);
    const code = `
      import { readText, writeText } from "./lib/io/mod.ts";
      const report = (e) => console.log(e.name + ": " + e.message);
      await writeText("${folder}/new.txt", "x").catch(report);
      await readText("${secret}").catch(report);`;
    const { stdout, stderr } = await runCode(code, { obeysPermissions: true });
    await Deno.chmod(folder, 0o755);
    match(stdout, /IoError: cannot write ".*new.txt": permission denied/, stderr);
    match(stdout, /IoError: cannot read ".*secret.txt": permission denied/, stderr);
  });
});

Deno.test("files: SHA-256 and JSON are those of every other tool", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.json");
    await writeText(path, "abc");
    equal(
      await sha256File(path),
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    await rejects(readJson(path), /it is not JSON/);
    await writeJson(path, { b: [1, 2] });
    deepEqual(await readJson(path), { b: [1, 2] });
    await Deno.writeFile(path, new Uint8Array([0xff, 0xfe]));
    await rejects(readText(path), /not UTF-8/);
  });
});

Deno.test("files: a PNG sequence is numbered from 1 and appears whole or not at all", async () => {
  await withFolder(async (folder) => {
    const pattern = join(folder, "%04d.png");
    await rejects(writePngSequence(join(folder, "a.png"), ramps()), /numbers no files/);
    function* failing() {
      yield new Uint8Array(32 * 24 * 3);
      throw new RangeError("stopped");
    }
    const size = { width: 32, height: 24, fps: 8 };
    await rejects(writePngSequence(pattern, { ...size, frames: failing() }), /stopped/);
    await rejects(writePngSequence(pattern, { ...size, frames: [] }), /no frames/);
    deepEqual(namesIn(folder), []);
    const paths = await writePngSequence(pattern, ramps({ count: 3 }));
    deepEqual(namesIn(folder), ["0001.png", "0002.png", "0003.png"]);
    equal(paths.length, 3);
  });
});
