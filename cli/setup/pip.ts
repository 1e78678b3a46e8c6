/**
 * Installing packages with pip into a folder, next to what is there.
 * @module
 */
import { join } from "node:path";
import { EnvironmentError } from "../../lib/errors.ts";

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
  { dependencies = false }: { dependencies?: boolean } = {},
): Promise<void> {
  const staging = join(deps, `pip-${Deno.pid}.part`);
  const alone = dependencies ? [] : ["--no-deps"];
  try {
    await python(
      ["-m", "pip", "--version"],
      "pip is missing: install it (apt-get install python3-pip)",
    );
    await python(
      ["-m", "pip", "install", "--quiet", ...alone, "--target", staging, ...requirements],
      `pip could not install ${requirements.join(", ")}`,
    );
    mergeInto(staging, deps);
  } finally {
    await Deno.remove(staging, { recursive: true }).catch(() => {});
  }
}

/**
 * The CUDA libraries that the torch in `deps` is linked to, as its own metadata names them; none for
 * a CPU build. Its Python dependencies are of no use here.
 */
export function runtimeRequirements(deps: string): string[] {
  const info = [...Deno.readDirSync(deps)].find(({ name }) =>
    /^torch-[^-]+\.dist-info$/.test(name)
  );
  if (!info) return [];
  const metadata = Deno.readTextFileSync(join(deps, info.name, "METADATA"));
  return [...metadata.matchAll(/^Requires-Dist: ((?:nvidia-|cuda-toolkit)[^\r\n]*)/gm)]
    .map(([, requirement]) => requirement)
    .filter((requirement) => !/\bextra\s*==/.test(requirement));
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

async function python(args: string[], failure: string): Promise<void> {
  const quiet = { PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_ROOT_USER_ACTION: "ignore" };
  let result: Deno.CommandOutput;
  try {
    result = await new Deno.Command("python3", {
      args,
      stdin: "null",
      // A user's `user = true` in pip's settings contradicts --target.
      env: { ...quiet, PIP_USER: "0", PIP_NO_INPUT: "1" },
    }).output();
  } catch (cause) {
    throw new EnvironmentError(
      "python3 is missing: install it (apt-get install python3 python3-pip)",
      { cause },
    );
  }
  if (result.success) return;
  const text = new TextDecoder().decode(result.stderr);
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const reason = lines.findLast((line) => line.startsWith("ERROR: ")) ?? lines.at(-1) ?? "";
  const told = failure.startsWith("pip is missing") ? "" : `: ${reason.replace(/^ERROR: /, "")}`;
  throw new EnvironmentError(failure + told);
}
