/**
 * The archive of a release.
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { EnvironmentError, InputError } from "../../lib/errors.ts";
import { writeBytes, writeText } from "../../lib/io/mod.ts";

/** A release on disk. */
export interface Release {
  readonly path: string;
  readonly sha256: string;
}

/**
 * Writes `isa4d-VERSION.tar.gz` of the commit at `root`, and `….sha256` as `sha256sum -c` reads it.
 * Nothing but the commit enters: no date of today, no user, no file that git does not know.
 *
 * Throws {@linkcode InputError} for a checkout whose files differ from its commit, or whose changelog
 * does not tell of its version; {@linkcode EnvironmentError} where git is missing.
 */
export async function writeRelease(root: string, folder: string): Promise<Release> {
  const changed = await git(root, ["status", "--porcelain"]);
  if (changed.length > 0) {
    const [first] = new TextDecoder().decode(changed).split("\n");
    throw new InputError(
      `"${first.slice(3)}" is not what the commit holds: commit it, or put it aside`,
    );
  }
  const read = (name: string) => git(root, ["show", `HEAD:${name}`]);
  const { version } = JSON.parse(new TextDecoder().decode(await read("deno.json")));
  const changes = new TextDecoder().decode(await read("CHANGELOG.md"));
  if (!changes.includes(`\n## ${version} `)) {
    throw new InputError(`CHANGELOG.md has no heading "## ${version} …", the version of deno.json`);
  }
  const name = `isa4d-${version}`;
  // A tar of git holds the commit's own date; gzip as node writes it holds none.
  const tar = await git(root, ["archive", "--format=tar", `--prefix=${name}/`, "HEAD"]);
  const archive = gzipSync(tar, { level: 9 });
  const path = join(folder, `${name}.tar.gz`);
  const sha256 = createHash("sha256").update(archive).digest("hex");
  await writeBytes(path, archive);
  await writeText(`${path}.sha256`, `${sha256}  ${name}.tar.gz\n`);
  return { path, sha256 };
}

/** What git says; nothing of the user's own settings changes it. */
async function git(root: string, args: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
  const env = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null", LC_ALL: "C" };
  const umask = ["-c", "tar.umask=0022", "-c", "core.quotePath=false"];
  try {
    const { success, stdout, stderr } = await new Deno.Command("git", {
      args: ["-C", root, "-c", `safe.directory=${root}`, ...umask, ...args],
      env,
    }).output();
    if (success) return stdout;
    const [reason] = new TextDecoder().decode(stderr).split("\n");
    throw new InputError(`"${root}" is no checkout to release: ${reason}`);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new EnvironmentError("git is missing: install it (apt-get install git)", { cause });
  }
}
