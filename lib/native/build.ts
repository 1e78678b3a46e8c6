/** Builds the native library once for each version of its sources and each libtorch. */

import { createHash } from "node:crypto";
import { EnvironmentError } from "../errors.ts";
import { DEPS_ROOT, exists, findLibtorch, type Libtorch, PROJECT_ROOT } from "./locate.ts";

/** How a build tells what it does. */
export interface BuildOptions {
  /** Receives one line for each thing that is being done; nothing when all is in place. */
  readonly onProgress?: (line: string) => void;
  /** Where false, a library that is not built yet is an error. */
  readonly build?: boolean;
}

/** Gets how many of the library's parts are compiled. */
export type OnCompiled = (done: number, of: number) => void;

/**
 * Whether the library is built and opened under AddressSanitizer and UBSan, as `deno task test:asan`
 * asks by the environment. The sanitizers' own libraries must then be loaded before everything.
 */
function isSanitized(): boolean {
  return Deno.env.get("ISA4D_SANITIZE") === "1";
}

/** A native library ready to be opened. */
export interface BuiltLibrary {
  /** Path of the shared object, absolute. */
  readonly path: string;
  /** The libtorch it is built against. */
  readonly libtorch: Libtorch;
}

/** Set while set-up runs. */
const SETTING_UP = "ISA4D_SETTING_UP";

const LIBRARY = "libisa4d_native.so";
/** Built beside a sanitized library. */
const CHECK_PROGRAM = "native_check";

/**
 * Gives the shared library, building it first if its sources or libtorch have changed. Two processes
 * that come at once build once: the second waits.
 * @throws {EnvironmentError} when libtorch, CMake or the compiler is missing or the build fails
 */
export function buildLibrary(options: BuildOptions = {}): BuiltLibrary {
  const work = building(options);
  let now = work.next();
  while (!now.done) now = work.next(outputOf(now.value));
  return now.value;
}

/** The same, which lets others run meanwhile and shows how far it is. */
export async function buildLibraryWatched(
  { onCompiled, ...options }: BuildOptions & { readonly onCompiled?: OnCompiled },
): Promise<BuiltLibrary> {
  const work = building(options);
  let now = work.next();
  while (!now.done) now = work.next(await watchedOutputOf(now.value, onCompiled));
  return now.value;
}

/** A program to be run; the generator that asks for it gets what it said. */
interface BuildStep {
  readonly program: string;
  readonly options: Deno.CommandOptions;
}

type BuildOutput = Pick<Deno.CommandOutput, "success" | "stdout" | "stderr">;

type Building<Result> = Generator<BuildStep, Result, BuildOutput>;

function* building(options: BuildOptions): Building<BuiltLibrary> {
  const libtorch = findLibtorch() ?? libtorchBySetUp(options);
  const sanitized = isSanitized();
  const folder = `${DEPS_ROOT}native/${sourceHash(libtorch)}${sanitized ? "-sanitized" : ""}`;
  const path = `${folder}/${LIBRARY}`;
  if (exists(path)) return { path, libtorch };
  if (options.build === false || !mayWrite(folder)) {
    throw new EnvironmentError(
      `the native library is not built for libtorch ${libtorch.version}; run \`./denow task setup\``,
    );
  }
  const tools = findTools();
  Deno.mkdirSync(folder, { recursive: true });
  using lock = Deno.openSync(`${folder}/lock`, { create: true, write: true });
  lock.lockSync(true);
  if (!exists(path)) {
    options.onProgress?.(`building the native library against libtorch ${libtorch.version}`);
    yield* compile(tools, libtorch, folder);
    if (sanitized) {
      Deno.renameSync(`${folder}/build/${CHECK_PROGRAM}`, `${folder}/${CHECK_PROGRAM}`);
    }
    Deno.renameSync(`${folder}/build/${LIBRARY}`, path);
    Deno.removeSync(`${folder}/build`, { recursive: true });
  }
  return { path, libtorch };
}

/** Whether this process has the right to, whatever the disk says: a command itself has not. */
function mayWrite(path: string): boolean {
  return Deno.permissions.querySync({ name: "write", path }).state === "granted";
}

/**
 * Runs the checkout's set-up, as whoever imports it by its path has not; its signs go to stderr. It
 * opens the native library itself, so it must not come here again.
 */
function libtorchBySetUp({ build }: BuildOptions): Libtorch {
  const missing =
    "libtorch is missing; run `./denow task setup`, or set LIBTORCH to a libtorch 2.11 to 2.13";
  if (build === false || Deno.env.has(SETTING_UP)) throw new EnvironmentError(missing);
  try {
    new Deno.Command(`${PROJECT_ROOT}denow`, {
      args: ["task", "setup"],
      env: { [SETTING_UP]: "1", DENO: Deno.execPath() },
      ...{ stdin: "null", stdout: "null", stderr: "inherit" },
    }).outputSync();
  } catch (cause) {
    throw new EnvironmentError(missing, { cause });
  }
  const found = findLibtorch();
  if (!found) throw new EnvironmentError(missing);
  return found;
}

// The place of libtorch counts too: the library finds it by an absolute rpath.
function sourceHash(libtorch: Libtorch): string {
  const hash = createHash("sha256").update(`${libtorch.version}\0${libtorch.path}\0`);
  const native = `${PROJECT_ROOT}native/`;
  const folders = isSanitized() ? ["src", "tests"] : ["src"];
  const sources = folders.flatMap((folder) =>
    [...Deno.readDirSync(native + folder)].map((entry) => `${folder}/${entry.name}`)
  );
  for (const name of ["CMakeLists.txt", ...sources.sort()]) {
    hash.update(`${name}\0`).update(Deno.readFileSync(native + name)).update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}

interface Tools {
  readonly cmake: string;
  readonly maker: { readonly generator: string; readonly program: string };
}

function findTools(): Tools {
  findCompiler();
  return { cmake: findCmake(), maker: findMaker() };
}

function* compile({ cmake, maker }: Tools, libtorch: Libtorch, folder: string): Building<void> {
  const build = `${folder}/build`;
  // Of a build that was broken off.
  if (exists(build)) Deno.removeSync(build, { recursive: true });
  yield* run(cmake, "configuring", [
    ...["-S", `${PROJECT_ROOT}native`, "-B", build, "-G", maker.generator],
    `-DCMAKE_MAKE_PROGRAM=${maker.program}`,
    `-DISA4D_LIBTORCH=${libtorch.path}`,
    "-DCMAKE_BUILD_TYPE=Release",
    `-DISA4D_SANITIZE=${isSanitized() ? "ON" : "OFF"}`,
  ]);
  const workers = String(navigator.hardwareConcurrency);
  yield* run(cmake, "building", ["--build", build, "--parallel", workers]);
}

/**
 * Path of the C++ compiler that CMake will take.
 * @throws {EnvironmentError} when there is none, with how to get one
 */
export function findCompiler(): string {
  const named = Deno.env.get("CXX");
  const found = named
    ? onPath(named.split(" ")[0])
    : onPath("c++") ?? onPath("g++") ?? onPath("clang++");
  if (found) return found;
  if (named) throw new EnvironmentError(`CXX=${named} names no compiler that can be found`);
  throw new EnvironmentError(
    "a C++ compiler is missing: install one with `apt-get install g++`",
  );
}

// pip brings ninja; a machine with a compiler often has make.
function findMaker(): { generator: string; program: string } {
  const ninja = existing(`${DEPS_ROOT}bin/ninja`) ?? onPath("ninja");
  if (ninja) return { generator: "Ninja", program: ninja };
  const make = onPath("make");
  if (make) return { generator: "Unix Makefiles", program: make };
  throw new EnvironmentError("neither ninja nor make is there: `apt-get install make` brings one");
}

function findCmake(): string {
  const named = Deno.env.get("CMAKE");
  const found = named ?? existing(`${DEPS_ROOT}bin/cmake`) ?? onPath("cmake");
  if (!found) {
    throw new EnvironmentError(
      "CMake is missing; run `./denow task setup`, or `apt-get install cmake`",
    );
  }
  return found;
}

function* run(cmake: string, step: string, args: string[]): Building<void> {
  // CMake from pip is a Python script beside its package.
  const env = cmake.startsWith(DEPS_ROOT) ? { PYTHONPATH: DEPS_ROOT } : undefined;
  const result = yield { program: cmake, options: { args, env, stdin: "null" } };
  if (result.success) return;
  const text = new TextDecoder().decode(result.stderr) + new TextDecoder().decode(result.stdout);
  throw new EnvironmentError(`${step} the native library failed: ${firstErrors(text)}`, {
    cause: new Error(text),
  });
}

function outputOf({ program, options }: BuildStep): BuildOutput {
  try {
    return new Deno.Command(program, options).outputSync();
  } catch (cause) {
    throw new EnvironmentError(`cannot run CMake at ${program}`, { cause });
  }
}

async function watchedOutputOf(
  { program, options }: BuildStep,
  onCompiled?: OnCompiled,
): Promise<BuildOutput> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, { ...options, stdout: "piped", stderr: "piped" }).spawn();
  } catch (cause) {
    throw new EnvironmentError(`cannot run CMake at ${program}`, { cause });
  }
  const [shown, kept] = child.stdout.tee();
  const [{ success }, stdout, stderr] = await Promise.all([
    child.status,
    new Response(kept).bytes(),
    new Response(child.stderr).bytes(),
    reportCompiled(shown, onCompiled),
  ]);
  return { success, stdout, stderr };
}

/** Reads ninja's `[3/14] …` and make's `[ 21%] …`. */
async function reportCompiled(
  stdout: ReadableStream<Uint8Array<ArrayBuffer>>,
  onCompiled?: OnCompiled,
): Promise<void> {
  for await (const text of stdout.pipeThrough(new TextDecoderStream())) {
    const last = [...text.matchAll(/^\[\s*(\d+)(?:\/(\d+)|%)\]/gm)].at(-1);
    if (last) onCompiled?.(Number(last[1]), Number(last[2] ?? 100));
  }
}

function firstErrors(text: string): string {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const errors = lines.filter((line) => /error/i.test(line));
  return (errors.length ? errors : lines).slice(0, 3).join("; ");
}

function onPath(name: string): string | undefined {
  if (name.includes("/")) return existing(name);
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    const found = folder && existing(`${folder}/${name}`);
    if (found) return found;
  }
  return undefined;
}

function existing(path: string): string | undefined {
  return exists(path) ? path : undefined;
}
