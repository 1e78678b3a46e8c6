/**
 * The page's program as one script: TypeScript, preact and three joined by `deno bundle`, once for
 * each version of their sources.
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };
import { EnvironmentError, IoError } from "../errors.ts";
import { writeBytes } from "../io/mod.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const pageFolder = fileURLToPath(new URL("./page/", import.meta.url));

/** The pages that have a program of their own. */
export type PageName = "result" | "gallery" | "live";

/** Where each page's program begins. */
const entries: Readonly<Record<PageName, string>> = {
  result: "main.tsx",
  gallery: "gallery/main.tsx",
  live: "live/main.tsx",
};

/** All of them. */
export const pageNames: readonly PageName[] = Object.keys(entries) as PageName[];

/** Which page is bundled, and how bundling tells what it does. */
export interface BundleOptions {
  /** That of one result unless told. */
  readonly page?: PageName;
  /** Where bundles are kept; `.deps/viewer` of the checkout unless told. */
  readonly folder?: string;
  /** Gets a line where there is something to do. */
  readonly onProgress?: (line: string) => void;
}

/**
 * The page's script. It is made where it is not there yet, which brings esbuild and the npm packages
 * from Deno's cache or, where that lacks them, from their registry.
 *
 * Throws {@linkcode EnvironmentError} where they cannot be had.
 */
export async function pageScript(options: BundleOptions = {}): Promise<string> {
  const { page = "result", folder = join(root, ".deps", "viewer"), onProgress } = options;
  const path = join(folder, `${page}-${await sourceHash()}.js`);
  const known = await Deno.readTextFile(path).catch(() => undefined);
  if (known !== undefined) return known;
  onProgress?.("bundling the page (once)");
  const script = await bundle(entries[page]);
  try {
    await Deno.mkdir(folder, { recursive: true });
    await writeBytes(path, script);
  } catch (error) {
    // A checkout that cannot be written is no reason to show nothing.
    if (!(error instanceof IoError || error instanceof Deno.errors.PermissionDenied)) throw error;
  }
  return new TextDecoder().decode(script);
}

async function bundle(entry: string): Promise<Uint8Array> {
  const args = [
    ...["bundle", "--quiet", "--platform", "browser", "--minify", "--frozen"],
    ...["--config", join(root, "deno.json"), join(pageFolder, entry)],
  ];
  const command = new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  });
  const { success, stdout, stderr } = await command.output();
  if (success && stdout.length > 0) return stdout;
  const lines = new TextDecoder().decode(stderr).split("\n").map((line) => line.trim());
  const reason = lines.find((line) => /error/i.test(line)) ?? lines.find((line) => line !== "");
  throw new EnvironmentError(
    `cannot bundle the page: ${reason?.replace(/^error: /, "") ?? "deno bundle gave nothing"}; ` +
      "the first time takes a network, from then on none",
  );
}

/** Of the page's sources, what they import from here, the packages' versions and Deno's own. */
async function sourceHash(): Promise<string> {
  const hash = createHash("sha256").update(`${Deno.version.deno}\0`);
  const { three, preact } = config.imports;
  hash.update(`${three}\0${preact}\0`);
  const shared = ["page_data.ts", "gallery_data.ts", "live_data.ts"]
    .map((name) => fileURLToPath(new URL(`./${name}`, import.meta.url)));
  for (const path of [...filesUnder(pageFolder), ...shared]) {
    hash.update(await Deno.readFile(path)).update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}

function filesUnder(folder: string): string[] {
  return [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1)
    .flatMap(({ name, isDirectory }) =>
      isDirectory ? filesUnder(join(folder, name)) : [join(folder, name)]
    );
}
