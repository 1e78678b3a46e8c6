/**
 * What isa4d needs from the machine, and which of it is there.
 * @module
 */
import { delimiter, join } from "node:path";
import { findLibtorch } from "../../lib/native/mod.ts";
import { type LockedPackage, lockedPackage } from "./locked.ts";

/** Something that pip can bring. */
export interface Part {
  readonly name: "torch" | "cmake" | "ninja" | "ffmpeg";
  /** Pinned, so that one commit builds the same everywhere. */
  readonly locked: LockedPackage;
}

const parts: readonly {
  readonly name: Part["name"];
  /** Its package, where that has another name. */
  readonly from?: string;
  present(deps: string): Promise<boolean>;
}[] = [
  { name: "torch", present: hasTorch },
  { name: "cmake", present: hasCmake },
  { name: "ninja", present: hasBuildTool },
  { name: "ffmpeg", from: "imageio-ffmpeg", present: hasFfmpeg },
];

/**
 * The parts that neither `deps` nor the machine has. Throws {@linkcode EnvironmentError} where
 * LIBTORCH names something else.
 */
export async function missingParts(deps: string): Promise<Part[]> {
  const present = await Promise.all(parts.map((part) => part.present(deps)));
  return parts.filter((_, i) => !present[i]).map(({ name, from = name }) => ({
    name,
    locked: lockedPackage("setup", from),
  }));
}

function hasTorch(): Promise<boolean> {
  return Promise.resolve(findLibtorch() !== undefined);
}

async function hasCmake(deps: string): Promise<boolean> {
  if (Deno.env.get("CMAKE") || exists(join(deps, "cmake", "data", "bin", "cmake"))) return true;
  const text = await outputOf("cmake", ["--version"]);
  const [major, minor] = /version (\d+)\.(\d+)/.exec(text ?? "")?.slice(1).map(Number) ?? [0, 0];
  return major > 3 || (major === 3 && minor >= 18);
}

/** What CMake drives. */
function hasBuildTool(deps: string): Promise<boolean> {
  const there = exists(join(deps, "bin", "ninja")) || onPath("make") || onPath("ninja");
  return Promise.resolve(Boolean(there));
}

/** Of the ffmpeg on PATH only one that can write H.264 will do. */
async function hasFfmpeg(deps: string): Promise<boolean> {
  if (Deno.env.get("ISA4D_FFMPEG") || exists(join(deps, "imageio_ffmpeg", "binaries"))) return true;
  const encoders = await outputOf("ffmpeg", ["-hide_banner", "-encoders"]);
  return encoders?.includes("libx264") ?? false;
}

/** Whether a file or folder is there. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function onPath(program: string): string | undefined {
  if (program.includes("/")) return exists(program) ? program : undefined;
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter);
  return folders.map((folder) => join(folder || ".", program)).find(exists);
}

/** What a program prints; undefined where it is missing or fails. */
async function outputOf(program: string, args: string[]): Promise<string | undefined> {
  try {
    const command = new Deno.Command(program, { args, stdin: "null", stderr: "null" });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch {
    return undefined;
  }
}
