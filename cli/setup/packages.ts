/**
 * Everything that Deno keeps of npm packages, and of this checkout's modules, in a folder of `.deps`.
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { EnvironmentError } from "../../lib/errors.ts";
import { exists } from "./parts.ts";

/** Where the packages are, or will be. */
export interface PackagesPlace {
  /** Deno's folder (`DENO_DIR`). */
  readonly folder: string;
  /** Whether all that this checkout needs is there. */
  readonly complete: boolean;
}

/** The folder that `denow` gives to Deno: the user's own `DENO_DIR`, else one in `deps`. */
export function packagesPlace(deps: string, root: string): PackagesPlace {
  const folder = Deno.env.get("DENO_DIR") || join(deps, "cache");
  return { folder, complete: exists(markPath(folder, root)) };
}

/** Lies beside packages that are complete for one `deno.lock` and one Deno. */
function markPath(folder: string, root: string): string {
  const hash = createHash("sha256").update(`${Deno.version.deno}\0`)
    .update(Deno.readFileSync(join(root, "deno.lock"))).digest("hex");
  return join(folder, `isa4d-${hash.slice(0, 16)}`);
}

/**
 * Fills Deno's folder with all packages, the program that bundles pages, and the compiled modules. A
 * folder that is not there yet appears when it is complete: until then `denow` uses another.
 *
 * Throws {@linkcode EnvironmentError} where they cannot be had.
 */
export async function fillPackages({ folder }: PackagesPlace, root: string): Promise<void> {
  const filling = exists(folder) ? folder : `${folder}-${Deno.pid}.part`;
  const config = ["--frozen", "--quiet", "--config", join(root, "deno.json")];
  const page = join(root, "lib", "viewer", "page", "main.tsx");
  try {
    await deno(["install", ...config], { root, folder: filling });
    await deno(["cache", "--no-check", ...config, "cli/main.ts"], { root, folder: filling });
    await deno(["run", "-A", "--no-check", ...config, "cli/setup/settle.ts"], {
      root,
      folder: filling,
    });
    // What it writes is of no use here: the first bundle brings esbuild.
    await deno(["bundle", "--platform", "browser", ...config, page], { root, folder: filling });
    Deno.writeTextFileSync(markPath(filling, root), "");
    if (filling !== folder) await Deno.rename(filling, folder);
  } finally {
    if (filling !== folder) await Deno.remove(filling, { recursive: true }).catch(() => {});
  }
}

async function deno(
  args: readonly string[],
  { root, folder }: { readonly root: string; readonly folder: string },
): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: root,
    env: { DENO_DIR: folder, NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  const lines = new TextDecoder().decode(stderr).split("\n").map((line) => line.trim());
  const reason = lines.find((line) => /error/i.test(line)) ?? lines.find((line) => line !== "");
  throw new EnvironmentError(
    `cannot download the npm packages: ${
      reason?.replace(/^error: /, "") ?? `deno ${args[0]} failed`
    }`,
  );
}
