/**
 * The file of c2pa-rs, the library of Content Credentials: what it must be, and bringing it when it is
 * first asked for.
 * @module
 */
import { join } from "node:path";
import { EnvironmentError } from "../errors.ts";
import { knownBytes, readBytes, writeBytes } from "../io/mod.ts";
import { DEPS_ROOT, PROJECT_ROOT } from "../native/mod.ts";

/** Where the library comes from: Python's package, which has its C interface inside. */
const credentialsPackage = {
  name: "c2pa-python",
  version: "0.38.0",
  licence: "Apache-2.0 or MIT",
  /** Megabytes that are loaded, and that are kept. */
  loadMb: 15,
  keepMb: 23,
} as const;

/** SHA-256 of the library within the package, by processor. */
const hashes: Readonly<Record<string, string>> = {
  x86_64: "dfa68d2a8ee739bb75919dcb5300f2cb289e1b51ecce94b0f339ff287ebe0703",
  aarch64: "aa5394ef92d6b6c8979b8adae6c81856346d84928f418de118efdfc2a6be776c",
};

/** The package's version with the hashes of its files, for pip. */
const requirements = join(PROJECT_ROOT, "requirements", "credentials.txt");

const libraryFolder = join(DEPS_ROOT, "assets", "credentials");

/** Where the library is kept, and who hears of what takes long. */
export interface CredentialsLibraryOptions {
  /** Default: `.deps/assets/credentials` of the checkout. */
  readonly folder?: string;
  /** Gets a line where the library has to be brought. */
  readonly onProgress?: (line: string) => void;
}

/** The library's path; undefined where it is not there yet. */
export function credentialsLibrary(folder: string = libraryFolder): string | undefined {
  const path = join(folder, "libc2pa_c.so");
  try {
    return Deno.statSync(path).isFile ? path : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The library's path; brings it through pip where it is not there yet.
 *
 * Throws {@linkcode EnvironmentError} where it cannot be had, {@linkcode InputError} where the file is
 * another.
 */
export async function bringCredentialsLibrary(
  { folder = libraryFolder, onProgress }: CredentialsLibraryOptions = {},
): Promise<string> {
  const hash = hashes[Deno.build.arch];
  const { name, version, licence, loadMb, keepMb } = credentialsPackage;
  if (Deno.build.os !== "linux" || hash === undefined) {
    throw new EnvironmentError(
      `${name} is known here for Linux on ${Object.keys(hashes).join(" and ")} alone`,
    );
  }
  const path = join(folder, "libc2pa_c.so");
  if (credentialsLibrary(folder) === undefined) {
    onProgress?.(
      `downloading the library for Content Credentials into .deps (once; ${loadMb} MB to load, ${keepMb} ` +
        `MB to keep; ${name} ${version}, ${licence})`,
    );
    await Deno.mkdir(folder, { recursive: true });
    const staging = await Deno.makeTempDir({ dir: folder, prefix: "package-" });
    try {
      const there = join(await unpackedPackage(staging), "c2pa", "libs", "libc2pa_c.so");
      await writeBytes(path, await libraryBytes(there, hash));
    } finally {
      await Deno.remove(staging, { recursive: true });
    }
  }
  await libraryBytes(path, hash);
  return path;
}

const libraryBytes = async (path: string, sha256: string) =>
  knownBytes(await readBytes(path), { path, sha256, what: "the library" });

/** Has pip fetch the package alone, without running anything of it. */
async function unpackedPackage(staging: string): Promise<string> {
  const { name, version } = credentialsPackage;
  const folder = join(staging, "unpacked");
  const { success, stderr } = await new Deno.Command("python3", {
    args: [
      ...["-m", "pip", "install", "--no-deps", "--only-binary", ":all:", "--no-compile"],
      ...["--progress-bar", "off", "--target", folder, "--require-hashes", "-r", requirements],
    ],
    env: {
      ...{ PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_ROOT_USER_ACTION: "ignore", PIP_USER: "0" },
      ...{ PIP_NO_INPUT: "1", TMPDIR: staging },
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output().catch((cause) => {
    throw new EnvironmentError(
      "python3 is missing: install it (apt-get install python3 python3-pip)",
      { cause },
    );
  });
  if (success) return folder;
  const lines = new TextDecoder().decode(stderr).split("\n").map((line) => line.trim());
  const reason = lines.findLast((line) => line.startsWith("ERROR: ")) ?? "pip failed";
  throw new EnvironmentError(
    `cannot download ${name} ${version}, the library for Content Credentials: ${
      reason.replace(/^ERROR: /, "")
    }; run \`./denow task setup --all\` once with a network, after that none is needed`,
  );
}
