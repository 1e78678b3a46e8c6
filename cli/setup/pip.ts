/**
 * Installing packages with pip into a folder, next to what is there.
 * @module
 */
import { join } from "node:path";
import { EnvironmentError } from "../../lib/errors.ts";
import { type LockedPackage, requirementOf, requirementsText } from "./locked.ts";
import { PipWatch } from "./pip_watch.ts";

/** Folders that several packages put files into; all others belong to one package. */
const sharedFolders = new Set(["bin", "include", "lib", "nvidia", "share"]);

/**
 * Installs `packages` into `deps`, these alone, and nothing whose SHA-256 they do not name. pip's own
 * `--upgrade` replaces shared folders such as `bin/` as a whole, so it fills a folder of its own first.
 *
 * Throws {@linkcode EnvironmentError} where Python or pip is missing, pip fails, or is given another
 * file than one of those that are known.
 */
export async function installPackages(
  deps: string,
  packages: readonly LockedPackage[],
  { tell }: {
    /** Gets how far it is. */
    readonly tell?: (detail: string) => void;
  } = {},
): Promise<void> {
  const staging = join(deps, `pip-${Deno.pid}.part`);
  // Gigabytes: a machine's /tmp may hold less than its disk.
  const spare = join(deps, `tmp-${Deno.pid}.part`);
  const [list, wheels] = [join(spare, "requirements.txt"), join(spare, "wheels")];
  const wanted = packages.map(requirementOf);
  const failure = `pip could not install ${wanted.join(", ")}`;
  // A wheel runs nothing when it is installed, and needs no tools that no hash names.
  const alone = ["--no-deps", "--only-binary", ":all:", "--progress-bar", "off"];
  try {
    await python(
      ["-m", "pip", "--version"],
      { failure: "pip is missing: install it (apt-get install python3-pip)" },
    );
    await Deno.mkdir(wheels, { recursive: true });
    await Deno.writeTextFile(list, requirementsText(packages));
    using watch = new PipWatch(spare, tell);
    const step = (args: readonly string[]) =>
      python(["-m", "pip", ...args], {
        failure,
        env: { TMPDIR: spare },
        onLine: (line) => watch.read(line),
      });
    // Given hashes at once, pip would pass over files of a folder (`find-links`) and of a registry
    // that tells none: a machine with the CPU's torch would get CUDA's, with all that belongs to it.
    await step(["download", ...alone, "--dest", wheels, ...wanted]);
    await step([
      ...["install", ...alone, "--no-index", "--find-links", wheels, "--require-hashes"],
      ...["--target", staging, "--requirement", list],
    ]);
    mergeInto(staging, deps);
  } finally {
    for (const folder of [staging, spare]) {
      await Deno.remove(folder, { recursive: true }).catch(() => {});
    }
  }
}

/**
 * Whether the torch in `deps` is linked to CUDA, as its own metadata says. Its Python dependencies are
 * of no use here.
 */
export function isForCuda(deps: string): boolean {
  const info = [...Deno.readDirSync(deps)].find(({ name }) =>
    /^torch-[^-]+\.dist-info$/.test(name)
  );
  if (!info) return false;
  const metadata = Deno.readTextFileSync(join(deps, info.name, "METADATA"));
  return [...metadata.matchAll(/^Requires-Dist: (?:nvidia-|cuda-toolkit)([^\r\n]*)/gm)]
    .some(([, rest]) => !/\bextra\s*==/.test(rest));
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
  const other = otherFile(lines);
  if (other) throw new EnvironmentError(other);
  const reason = lines.findLast((line) => line.startsWith("ERROR: ")) ?? lines.at(-1) ?? "";
  const told = failure.startsWith("pip is missing") ? "" : `: ${reason.replace(/^ERROR: /, "")}`;
  throw new EnvironmentError(failure + told);
}

/** What to say where pip refuses a file for its hash. */
function otherFile(lines: readonly string[]): string | undefined {
  const start = lines.findIndex((line) => line.includes("DO NOT MATCH THE HASHES"));
  if (start < 0) return undefined;
  const after = lines.slice(start + 1);
  const what = after.map((line) => /^(\S+==\S+) from /.exec(line)?.[1]).find(Boolean);
  const got = after.map((line) => /^Got\s+([0-9a-f]{64})$/.exec(line)?.[1]).find(Boolean);
  return `pip brought another file of ${what ?? "a package"} than isa4d knows (SHA-256 ` +
    `${
      got?.slice(0, 12)
    }…; requirements/ lists the known ones): \`python3 -m pip config list\` shows ` +
    "where pip takes packages from; for a torch of your own set LIBTORCH";
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
