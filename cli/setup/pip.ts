/**
 * Installing packages with pip into a folder, next to what is there.
 * @module
 */
import { join } from "node:path";
import { EnvironmentError } from "../../lib/errors.ts";
import { PipWatch } from "./pip_watch.ts";

/** Folders that several packages put files into; all others belong to one package. */
const sharedFolders = new Set(["bin", "include", "lib", "nvidia", "share"]);

/**
 * Installs `requirements` into `deps`; without `dependencies` exactly these. pip's own `--upgrade`
 * replaces shared folders such as `bin/` as a whole, so it fills a folder of its own first.
 *
 * Throws {@linkcode EnvironmentError} where Python or pip is missing or pip fails.
 */
export async function installPackages(
  deps: string,
  requirements: readonly string[],
  { dependencies = false, tell }: {
    readonly dependencies?: boolean;
    /** Gets how far it is. */
    readonly tell?: (detail: string) => void;
  } = {},
): Promise<void> {
  const staging = join(deps, `pip-${Deno.pid}.part`);
  // Gigabytes: a machine's /tmp may hold less than its disk.
  const spare = join(deps, `tmp-${Deno.pid}.part`);
  const alone = dependencies ? [] : ["--no-deps"];
  try {
    await python(
      ["-m", "pip", "--version"],
      { failure: "pip is missing: install it (apt-get install python3-pip)" },
    );
    await Deno.mkdir(spare, { recursive: true });
    using watch = new PipWatch(spare, tell);
    await python(
      ["-m", "pip", "install", "--progress-bar", "off", ...alone, "--target", staging]
        .concat(requirements),
      {
        failure: `pip could not install ${requirements.join(", ")}`,
        env: { TMPDIR: spare },
        onLine: (line) => watch.read(line),
      },
    );
    mergeInto(staging, deps);
  } finally {
    for (const folder of [staging, spare]) {
      await Deno.remove(folder, { recursive: true }).catch(() => {});
    }
  }
}

/** Headers that NCCL is compiled with and torch's own requirements leave out, of CUDA's version. */
const nativeHeaders = ["nvidia-cuda-crt", "nvidia-cuda-cccl"];

/**
 * The CUDA libraries that the torch in `deps` is linked to, as its own metadata names them, and the
 * headers that they lack for NCCL; none for a CPU build. Its Python dependencies are of no use here.
 */
export function runtimeRequirements(deps: string): string[] {
  const info = [...Deno.readDirSync(deps)].find(({ name }) =>
    /^torch-[^-]+\.dist-info$/.test(name)
  );
  if (!info) return [];
  const metadata = Deno.readTextFileSync(join(deps, info.name, "METADATA"));
  const libraries = [...metadata.matchAll(/^Requires-Dist: ((?:nvidia-|cuda-toolkit)[^\r\n]*)/gm)]
    .map(([, requirement]) => requirement)
    .filter((requirement) => !/\bextra\s*==/.test(requirement));
  // From CUDA 13 on the toolkit is one requirement, and its parts have its version.
  const version = libraries.join(" ").match(/cuda-toolkit\S*==(\d+\.\d+)/)?.[1];
  const headers = version ? nativeHeaders.map((name) => `${name}==${version}.*`) : [];
  return [...libraries, ...headers];
}

/**
 * Moves everything in `from` into `to`. Files and packages that are there already are replaced;
 * shared folders keep what others put there.
 */
export function mergeInto(
  from: string,
  to: string,
  { shared = false }: { shared?: boolean } = {},
): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const { name, isDirectory } of [...Deno.readDirSync(from)]) {
    const [source, target] = [join(from, name), join(to, name)];
    if (isDirectory && (shared || sharedFolders.has(name))) {
      mergeInto(source, target, { shared: true });
    } else {
      if (isDirectory) removeIfThere(target);
      Deno.renameSync(source, target);
    }
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function python(
  args: string[],
  { failure, env, onLine }: {
    readonly failure: string;
    readonly env?: Record<string, string>;
    readonly onLine?: (line: string) => void;
  },
): Promise<void> {
  const quiet = { PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_ROOT_USER_ACTION: "ignore" };
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command("python3", {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      // A user's `user = true` in pip's settings contradicts --target.
      env: { ...quiet, PIP_USER: "0", PIP_NO_INPUT: "1", ...env },
    }).spawn();
  } catch (cause) {
    throw new EnvironmentError(
      "python3 is missing: install it (apt-get install python3 python3-pip)",
      { cause },
    );
  }
  const [{ success }, text] = await Promise.all([
    child.status,
    new Response(child.stderr).text(),
    readLines(child.stdout, onLine),
  ]);
  if (success) return;
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const reason = lines.findLast((line) => line.startsWith("ERROR: ")) ?? lines.at(-1) ?? "";
  const told = failure.startsWith("pip is missing") ? "" : `: ${reason.replace(/^ERROR: /, "")}`;
  throw new EnvironmentError(failure + told);
}

async function readLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void = () => {},
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    lines.forEach(onLine);
  }
}
