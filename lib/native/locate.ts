/** Finds libtorch: in $LIBTORCH, in the project's .deps, or as the torch package of python3. */

import { EnvironmentError } from "../errors.ts";

/** A libtorch that was found. */
export interface Libtorch {
  /** The folder that holds `include/` and `lib/`, absolute. */
  readonly path: string;
  /** Its version, as `2.13.0`. */
  readonly version: string;
  /** Whether it brings CUDA kernels. */
  readonly cuda: boolean;
}

/** The libtorch versions this code is built against, from and to, both included. */
export const LIBTORCH_RANGE: readonly [string, string] = ["2.11", "2.13"];

/** The project's folder, with a slash at its end. */
export const PROJECT_ROOT: string = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/** Where set-up keeps what it installs and what is built, with a slash at its end. */
export const DEPS_ROOT: string = `${PROJECT_ROOT}.deps/`;

/**
 * Finds libtorch, or gives `undefined` where there is none.
 * @throws {EnvironmentError} when $LIBTORCH is set and holds no libtorch of a supported version
 */
export function findLibtorch(): Libtorch | undefined {
  const named = Deno.env.get("LIBTORCH");
  if (named) return libtorchNamed(named);
  for (const path of candidates()) {
    const found = inspect(path);
    if (found && isSupported(found.version)) return found;
  }
  return undefined;
}

function libtorchNamed(path: string): Libtorch {
  const found = inspect(path);
  if (!found) {
    throw new EnvironmentError(`LIBTORCH=${path} holds no include/torch and lib/libtorch_cpu.so`);
  }
  if (!isSupported(found.version)) {
    throw new EnvironmentError(
      `LIBTORCH=${path} is libtorch ${found.version}, expected ${LIBTORCH_RANGE.join(" to ")}`,
    );
  }
  return found;
}

// Asking Python takes a tenth of a second, so it comes last.
function* candidates(): Generator<string> {
  yield `${DEPS_ROOT}torch`;
  const path = torchOfPython();
  if (path) yield path;
}

function torchOfPython(): string | undefined {
  const script = "import importlib.util as u; s = u.find_spec('torch'); " +
    "print(s.submodule_search_locations[0] if s else '')";
  try {
    const { success, stdout } = new Deno.Command("python3", {
      args: ["-c", script],
      stdin: "null",
      stderr: "null",
    }).outputSync();
    return success ? new TextDecoder().decode(stdout).trim() || undefined : undefined;
  } catch {
    return undefined; // no python3
  }
}

function inspect(path: string): Libtorch | undefined {
  const header = readText(`${path}/include/torch/headeronly/version.h`) ??
    readText(`${path}/include/torch/csrc/api/include/torch/version.h`);
  if (header === undefined || !exists(`${path}/lib/libtorch_cpu.so`)) return undefined;
  const part = (name: string) =>
    new RegExp(`TORCH_VERSION_${name}\\s+(\\d+)`).exec(header)?.[1] ?? "0";
  return {
    path: Deno.realPathSync(path),
    version: `${part("MAJOR")}.${part("MINOR")}.${part("PATCH")}`,
    cuda: exists(`${path}/lib/libtorch_cuda.so`),
  };
}

function isSupported(version: string): boolean {
  const rank = (text: string) => {
    const [major, minor] = text.split(".").map(Number);
    return major * 1000 + minor;
  };
  return rank(version) >= rank(LIBTORCH_RANGE[0]) && rank(version) <= rank(LIBTORCH_RANGE[1]);
}

function readText(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}

/** Whether a file or folder is there. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
