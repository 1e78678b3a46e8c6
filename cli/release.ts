/**
 * Task `release`: writes one archive of the commit that is checked out. Unpacked anywhere, it runs on a
 * machine with Python 3, pip and a C++ compiler. The same commit gives the same bytes.
 * @module
 */
import { resolve } from "node:path";
import { IsaError, UsageError } from "../lib/errors.ts";
import { writeRelease } from "./release/archive.ts";
import { sourceRoot } from "./support/version.ts";

const help = `Usage: ./denow task release [-o FOLDER]

Writes isa4d-VERSION.tar.gz and its SHA-256 into FOLDER (default: out/release).`;

async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) return console.log(help);
  const [flag, folder, ...rest] = args;
  if (args.length > 0 && (flag !== "-o" || folder === undefined || rest.length > 0)) {
    throw new UsageError(`unknown "${args.join(" ")}": expected -o FOLDER, or nothing`);
  }
  const from = folder === undefined ? sourceRoot : Deno.env.get("INIT_CWD") || Deno.cwd();
  const { path, sha256 } = await writeRelease(sourceRoot, resolve(from, folder ?? "out/release"));
  console.log(`${sha256}  ${path}`);
}

if (import.meta.main) {
  try {
    await main(Deno.args);
  } catch (error) {
    if (!(error instanceof IsaError)) throw error;
    console.error(`release: ${error.message}`);
    Deno.exit(error instanceof UsageError ? 2 : 1);
  }
}
