/**
 * The Python packages that this version of isa4d may be given: `requirements/*.txt`, as pip reads them.
 * @module
 */
import { fileURLToPath } from "node:url";

/** A package in one version, with the SHA-256 of every file that it may come as. */
export interface LockedPackage {
  /** As the registry writes it, `imageio-ffmpeg`. */
  readonly name: string;
  readonly version: string;
  readonly hashes: readonly string[];
}

/** The files of `requirements/`, by what they are for. */
export type Locked = "setup" | "cuda" | "deno" | "credentials" | "bench" | "assets";

/** All of them. */
export const lockedFiles: readonly Locked[] = [
  ...["setup", "cuda", "deno", "credentials", "bench", "assets"] as const,
];

/** Where a file of packages lies. */
export function lockedPath(file: Locked): string {
  return fileURLToPath(new URL(`../../requirements/${file}.txt`, import.meta.url));
}

/** The packages of a file. */
export function lockedPackages(file: Locked): LockedPackage[] {
  return parseLocked(Deno.readTextFileSync(lockedPath(file)));
}

/** One of them by its name. */
export function lockedPackage(file: Locked, name: string): LockedPackage {
  const found = lockedPackages(file).find((each) => each.name === name);
  if (!found) throw new RangeError(`requirements/${file}.txt has no ${name}`);
  return found;
}

/** `torch==2.13.0`. */
export function requirementOf({ name, version }: LockedPackage): string {
  return `${name}==${version}`;
}

/** Packages as pip's option `-r` reads them. */
export function requirementsText(packages: readonly LockedPackage[]): string {
  const lines = packages.map((each) =>
    [requirementOf(each), ...each.hashes.map((hash) => `--hash=sha256:${hash}`)].join(" ")
  );
  return lines.join("\n") + "\n";
}

/** Reads what {@linkcode requirementsText} writes, over several lines too. */
export function parseLocked(text: string): LockedPackage[] {
  const lines = text.replaceAll("\\\n", " ").split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"));
  return lines.map((line) => {
    const [pinned, ...rest] = line.trim().split(/\s+/);
    const [name, version, ...more] = pinned.split("==");
    const hashes = rest.map((word) => /^--hash=sha256:([0-9a-f]{64})$/.exec(word)?.[1]);
    if (!version || more.length > 0 || hashes.length === 0 || hashes.includes(undefined)) {
      throw new SyntaxError(`not a version with its hashes: ${line.slice(0, 100)}`);
    }
    return { name, version, hashes: hashes as string[] };
  });
}
