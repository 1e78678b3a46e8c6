import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { check } from "../../cli/doctor/check.ts";
import { whyNoCuda } from "../../cli/doctor/torch.ts";
import { ensureNative } from "../../lib/native/mod.ts";
import { isa4d, isa4dProcess, textOf } from "../support/cli.ts";
import { namesIn, withEnv, withFolder } from "../support/folders.ts";

interface Found {
  readonly name: string;
  readonly ok: boolean;
  readonly says: string;
  readonly todo?: string;
  readonly facts?: Record<string, unknown>;
}

const names = [
  ...["isa4d", "deno", "machine", "libtorch", "native", "device", "dtype"],
  ...["ffmpeg", "pictures"],
  ...["weights", "perception", "folder"],
];

Deno.test("isa4d doctor: where all is there each check is ok, and nothing is left behind", async () => {
  ensureNative();
  await withFolder(async (cwd) => {
    const record = await isa4d(["doctor", "--json"], { cwd });
    const { format, ok: all, checks } = JSON.parse(textOf(record.stdout));
    deepEqual(checks.map(({ name }: Found) => name), names);
    deepEqual([checks.filter((found: Found) => !found.ok), record.stderr], [[], ""]);
    deepEqual(namesIn(cwd), []);
    deepEqual([record.code, format, all], [0, "isa4d-doctor", true]);
    const facts = (name: string) => checks.find((found: Found) => found.name === name).facts;
    match(facts("libtorch").version, /^2\.\d+/);
    ok(facts("native").firstOpMs > 0 && facts("native").abi >= 1);
    ok(facts("device").threads >= 1 && facts("folder").free > 0 && facts("machine").memory > 0);
    ok(facts("weights").verdicts.length >= 3);
    match(facts("dtype").fastest.cpu.dtype, /^(float32|bfloat16)$/);
  });
});

Deno.test("isa4d doctor: names each missing part and what to do, and ends with 1", async () => {
  await withFolder(async (cwd) => {
    const poor = join(cwd, "ffmpeg");
    const says =
      'case "$*" in *-encoders*) echo " V....D libx264 H.264";; *) echo "ffmpeg version 4.4";; esac';
    await Deno.writeTextFile(poor, `#!/bin/sh\n${says}\n`, { mode: 0o755 });
    await withEnv({ LIBTORCH: "/nowhere", ISA4D_FFMPEG: poor }, async () => {
      const { code, stdout, stderr } = await isa4d(["doctor"], { cwd });
      const text = textOf(stdout);
      match(text, /^ok {2}isa4d +\d+\.\d+\.\d+( \([0-9a-f]{12}\))?, .*\nok {2}deno +\d/);
      match(text, /^!! {2}libtorch .*\/nowhere.*\n +→ set LIBTORCH to the folder of a libtorch 2/m);
      match(text, /^!! {2}native +needs libtorch$/m);
      match(
        text,
        /^!! {2}ffmpeg +4\.4 at .* cannot encode libvpx-vp9 \(\.webm\), gif .*\n +→ run/m,
      );
      match(text, /^ok {2}weights .* files as shipped, models not looked at$/m);
      match(stderr, /^isa4d doctor: 3 of 12 checks failed: libtorch, native, ffmpeg\n$/);
      equal(code, 1);
    });
    await withEnv({ LIBTORCH: "/nowhere", ISA4D_FFMPEG: "/nowhere/ffmpeg" }, async () => {
      const { code, stdout } = await isa4d(["doctor", "--json"], { cwd });
      const { ok: all, checks } = JSON.parse(textOf(stdout));
      deepEqual([code, all, checks.map(({ name }: Found) => name)], [1, false, names]);
      match(checks[7].says, /"\/nowhere\/ffmpeg" does not run/);
    });
  });
});

Deno.test("isa4d doctor: a folder that cannot be written is told", async () => {
  await withFolder(async (cwd) => {
    await Deno.chmod(cwd, 0o555);
    const env = { LIBTORCH: "/nowhere" };
    const { code, stdout } = await isa4dProcess(["doctor"], { cwd, env, obeysPermissions: true });
    match(stdout, /^!! {2}folder .* cannot be written\n +→ go to a folder of yours/m);
    equal(code, 1);
  });
});

Deno.test("isa4d doctor: why there is no CUDA, and when that is broken", async () => {
  const gpu = { name: "NVIDIA H200", memoryMiB: 143771, freeMiB: 143000, driver: "535.1" };
  const [cpu, cuda] = [false, true].map((cuda) => ({ cuda, libtorch: "2.13.0" }));
  await withEnv({ CUDA_VISIBLE_DEVICES: undefined }, async () => {
    match(whyNoCuda(cpu, []).todo!, /docs\/machines\.md/);
    deepEqual(whyNoCuda(cuda, []), { ok: true, why: "nvidia-smi shows no GPU" });
    const unused = whyNoCuda(cpu, [gpu]);
    deepEqual([unused.ok, unused.todo], [true, "get a libtorch 2.13.0 with CUDA:"]);
    match(unused.steps!.join("\n"), /pip install torch==2\.13\.0\n[^]*export LIBTORCH=/);
    const broken = whyNoCuda(cuda, [gpu]);
    equal(broken.ok, false);
    match(broken.why, /NVIDIA H200.*driver 535\.1/);
    await Promise.resolve();
  });
  await withEnv({ CUDA_VISIBLE_DEVICES: "" }, async () => {
    match(whyNoCuda(cuda, [gpu]).why, /CUDA_VISIBLE_DEVICES is ""/);
    await Promise.resolve();
  });
});

Deno.test("doctor's check: whatever is thrown becomes a finding", async () => {
  const found = await check("x", () => {
    throw new Error("libx is missing; run `setup`");
  });
  deepEqual(found, { name: "x", ok: false, says: "libx is missing", todo: "run `setup`" });
  deepEqual((await check("x", () => Promise.reject("odd"))).says, "odd");
});
