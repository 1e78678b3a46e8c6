/**
 * Puts `isa4d` on the PATH: a launcher of this checkout, and completions where the shells look.
 * @module
 */
import { delimiter, dirname, join } from "node:path";
import { InputError, IoError } from "../../lib/errors.ts";
import { writeText } from "../../lib/io/mod.ts";

/** What is installed, and where. */
export interface InstallOptions {
  /** Gets `bin/isa4d` and, for completions, `share/`. */
  readonly prefix: string;
  /** The checkout, absolute. */
  readonly root: string;
  /** Scripts by shell; none are written without. */
  readonly completions?: Readonly<Record<"bash" | "zsh" | "fish", string>>;
}

/** By these words a file is known as one that may be replaced and removed. */
const LAUNCHER_MARK = "made by `./denow task install`";
const COMPLETIONS_MARK = "made by `isa4d completions";

/** Places below the prefix, and how their files are recognised. */
const places = {
  launcher: { path: "bin/isa4d", mark: LAUNCHER_MARK },
  bash: { path: "share/bash-completion/completions/isa4d", mark: COMPLETIONS_MARK },
  zsh: { path: "share/zsh/site-functions/_isa4d", mark: COMPLETIONS_MARK },
  fish: { path: "share/fish/vendor_completions.d/isa4d.fish", mark: COMPLETIONS_MARK },
} as const;

/** A shell script that runs the checkout from whichever folder it is called in. */
export function launcher(root: string): string {
  const at = (path: string) => `'${join(root, path).replaceAll("'", "'\\''")}'`;
  return `#!/bin/sh
# isa4d, ${LAUNCHER_MARK}; \`./denow task install --remove\` takes it away.
[ -x ${at("denow")} ] || { echo isa4d: its checkout at ${at("")} is gone >&2; exit 1; }
# Of a task that this runs in: paths start where isa4d is called.
unset INIT_CWD
exec ${at("cli/isa4d.sh")} "$@"
`;
}

/**
 * Writes the files that differ and returns their paths. Throws {@linkcode InputError} where a file of
 * another origin is in the way, before anything is written; {@linkcode IoError} where writing fails.
 */
export async function install({ prefix, root, completions }: InstallOptions): Promise<string[]> {
  const wanted = [
    { ...places.launcher, text: launcher(root) },
    ...(["bash", "zsh", "fish"] as const).flatMap((shell) =>
      completions ? [{ ...places[shell], text: completions[shell] }] : []
    ),
  ];
  const files = [];
  for (const { path, mark, text } of wanted) {
    const full = join(prefix, path);
    const there = await textOf(full);
    if (there !== undefined && !there.includes(mark)) {
      throw new InputError(
        `"${full}" is in the way and not of isa4d's making: move it, or give another --prefix`,
      );
    }
    if (there !== text) files.push({ full, text });
  }
  for (const { full, text } of files) await write(full, text);
  return files.map(({ full }) => full);
}

/** Takes away what {@linkcode install} wrote, of any checkout, and returns the paths. */
export async function uninstall(prefix: string): Promise<string[]> {
  const removed: string[] = [];
  for (const { path, mark } of Object.values(places)) {
    const full = join(prefix, path);
    if (!(await textOf(full))?.includes(mark)) continue;
    try {
      await Deno.remove(full);
    } catch (cause) {
      throw new IoError(`cannot remove "${full}": ${(cause as Error).message}`, { cause });
    }
    removed.push(full);
  }
  return removed;
}

/** What a user still has to do so that `isa4d` is this one; one line each. */
export function pathAdvice(prefix: string, path: string): string[] {
  const bin = join(prefix, "bin");
  const folders = path.split(delimiter);
  if (!folders.includes(bin)) {
    return [`${bin} is not on PATH: add \`export PATH="${bin}:$PATH"\` to ~/.profile`];
  }
  const before = folders.slice(0, folders.indexOf(bin)).map((folder) => join(folder, "isa4d"));
  const first = before.find(isFile);
  return first ? [`"${first}" comes first on PATH and hides it`] : [];
}

async function write(path: string, text: string): Promise<void> {
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    await writeText(path, text);
    if (text.startsWith("#!")) await Deno.chmod(path, 0o755);
  } catch (cause) {
    if (cause instanceof IoError) throw cause;
    throw new IoError(`cannot write "${path}": ${(cause as Error).message}`, { cause });
  }
}

/** `undefined` where there is nothing; empty, which no mark is in, for what is no text file. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    await Deno.lstat(path);
  } catch {
    return undefined;
  }
  return await Deno.readTextFile(path).catch(() => "");
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
