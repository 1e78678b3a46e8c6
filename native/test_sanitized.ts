/**
 * Tests the native library under AddressSanitizer and UBSan, with `deno task test:asan [FOLDER...]`:
 * the program in native/tests, which also hunts leaks and sends malformed calls (ISA4D_FUZZ_RUNS and
 * ISA4D_FUZZ_SEED change how many and which); that the sanitizers find what is broken on purpose; and
 * the TypeScript tests of the folders that exercise the library.
 */

import { EnvironmentError } from "../lib/errors.ts";
import { buildLibrary, findCompiler, PROJECT_ROOT } from "../lib/native/mod.ts";

const FOLDERS = ["tests/native", "tests/tensor", "tests/nn", "tests/diffusion"];

/** What native/tests/check.cpp breaks on request, and what must be said of it. */
const BROKEN: Readonly<Record<string, RegExp>> = {
  "write": /AddressSanitizer: heap-buffer-overflow/,
  "read": /AddressSanitizer: heap-buffer-overflow/,
  "use-after-free": /AddressSanitizer: heap-use-after-free/,
  "overflow": /runtime error: signed integer overflow/,
};

const SANITIZED = {
  ISA4D_SANITIZE: "1",
  OMP_NUM_THREADS: "1",
  // libtorch answers a refused allocation by an exception; its libraries define some symbols twice.
  ASAN_OPTIONS: "allocator_may_return_null=1:detect_odr_violation=0",
  UBSAN_OPTIONS: "print_stacktrace=1",
};

/** The sanitizers' libraries, which must be there before Deno itself. */
function runtimes(): string {
  const compiler = findCompiler();
  return ["libasan.so", "libubsan.so"].map((name) => {
    const { stdout } = new Deno.Command(compiler, { args: [`-print-file-name=${name}`] })
      .outputSync();
    const path = new TextDecoder().decode(stdout).trim();
    if (path.includes("/")) return path;
    throw new EnvironmentError(`${compiler} brings no ${name}: set CXX to a GNU g++`);
  }).join(":");
}

function check(program: string): void {
  const { success } = new Deno.Command(program, {
    env: SANITIZED,
    stdout: "inherit",
    stderr: "inherit",
  }).outputSync();
  if (!success) throw new EnvironmentError("the native library failed under the sanitizers");
}

function findsBroken(program: string): void {
  for (const [how, expected] of Object.entries(BROKEN)) {
    const { success, stderr } = new Deno.Command(program, {
      env: { ...SANITIZED, ISA4D_BREAK: how },
    }).outputSync();
    if (success || !expected.test(new TextDecoder().decode(stderr))) {
      throw new EnvironmentError(`the sanitizers did not find ISA4D_BREAK=${how}`);
    }
    console.log(`found what was broken on purpose: ${how}`);
  }
}

function testFromDeno(folders: readonly string[]): number {
  const { code } = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", ...folders],
    cwd: PROJECT_ROOT,
    env: {
      ...SANITIZED,
      // V8 and Deno end without freeing what they hold.
      ASAN_OPTIONS: `${SANITIZED.ASAN_OPTIONS}:detect_leaks=0`,
      LD_PRELOAD: runtimes(),
    },
    stdout: "inherit",
    stderr: "inherit",
  }).outputSync();
  return code;
}

if (import.meta.main) {
  Deno.env.set("ISA4D_SANITIZE", "1");
  const library = buildLibrary({ onProgress: console.log });
  const program = library.path.replace(/[^/]+$/, "native_check");
  check(program);
  findsBroken(program);
  Deno.exit(testFromDeno(Deno.args.length > 0 ? Deno.args : FOLDERS));
}
