/**
 * Which isa4d this is: its version, and the commit of the sources.
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };

/** The folder of the sources: a checkout, or an archive that was unpacked. */
export const sourceRoot: string = fileURLToPath(new URL("../../", import.meta.url));

/** `0.2.0 (0123456789ab)`; without the commit where nothing says it. */
export function versionText(root: string = sourceRoot): string {
  const commit = commitOf(root);
  return commit === undefined ? config.version : `${config.version} (${commit.slice(0, 12)})`;
}

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** The commit of a checkout or of an archive; git itself is not asked, so that it need not be there. */
export function commitOf(root: string): string | undefined {
  // `git archive` puts it there: .gitattributes says export-subst.
  const archived = textOf(join(root, "COMMIT"));
  if (archived !== undefined && COMMIT.test(archived)) return archived;
  const folder = gitFolder(root);
  const head = folder === undefined ? undefined : textOf(join(folder, "HEAD"));
  if (folder === undefined || head === undefined) return undefined;
  const name = /^ref: (.+)$/.exec(head)?.[1];
  const commit = name === undefined ? head : commitNamed(name, folder);
  return commit !== undefined && COMMIT.test(commit) ? commit : undefined;
}

/** `.git`, or for a work tree beside the first one the folder that its file names. */
function gitFolder(root: string): string | undefined {
  const path = join(root, ".git");
  try {
    if (Deno.statSync(path).isDirectory) return path;
  } catch {
    return undefined;
  }
  const named = /^gitdir: (.+)$/.exec(textOf(path) ?? "")?.[1];
  return named === undefined ? undefined : resolve(dirname(path), named);
}

/** A branch's commit, from its own file or from the file of all. */
function commitNamed(name: string, folder: string): string | undefined {
  const common = textOf(join(folder, "commondir"));
  const folders = [folder, ...common === undefined ? [] : [resolve(folder, common)]];
  for (const place of folders) {
    const commit = textOf(join(place, name));
    if (commit !== undefined) return commit;
    const packed = textOf(join(place, "packed-refs"))?.split("\n").find((line) =>
      line.endsWith(` ${name}`)
    );
    if (packed !== undefined) return packed.split(" ")[0];
  }
  return undefined;
}

function textOf(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path).trim();
  } catch {
    return undefined;
  }
}
