/**
 * The files of the networks that see persons: where they come from, what they must be, and bringing
 * them when they are first needed.
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EnvironmentError } from "../errors.ts";
import { knownBytes, readBytes, writeBytes } from "../io/mod.ts";

/** Where the networks come from; Google's, described in its model cards for BlazePose and others. */
export const networkPackage = {
  name: "@mediapipe/holistic",
  version: "0.5.1675471629",
  licence: "Apache-2.0",
  /** Megabytes that are loaded, and that are kept. */
  loadMb: 53,
  keepMb: 38,
} as const;

/** A network's file within the package: alone, or a piece of one that packs several. */
interface NetworkFile {
  readonly in: string;
  readonly piece?: readonly [start: number, end: number];
  readonly sha256: string;
}

const packed = "holistic_solution_packed_assets.data";

const files = {
  pose_detection: {
    in: packed,
    piece: [13915467, 16877755],
    sha256: "a63c614bef30d35947f13be361820b1e4e3bec9cfeebf4d11216a18373108e85",
  },
  pose_landmark_heavy: {
    in: "pose_landmark_heavy.tflite",
    sha256: "59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe",
  },
  hand_recrop: {
    in: packed,
    piece: [9464955, 9588747],
    sha256: "67d996ce96f9d36fe17d2693022c6da93168026ab2f028f9e2365398d8ac7d5d",
  },
  hand_landmark_full: {
    in: packed,
    piece: [3986256, 9464944],
    sha256: "8c026882c9ec059ce0f8e75266bee5a9a23c341a40e0000df755374d3d1b9b68",
  },
  face_landmark: {
    in: packed,
    piece: [248408, 1490304],
    sha256: "c603fa6149219a3e9487dc9abd7a0c24474c77263273d24868378cdf40aa26d1",
  },
} as const satisfies Readonly<Record<string, NetworkFile>>;

/** The networks, by their makers' names. */
export type NetworkName = keyof typeof files;

const names = Object.keys(files) as NetworkName[];

/** Where the files are kept, unless told otherwise. */
const networkFolder: string = fileURLToPath(
  new URL("../../.deps/assets/perception/", import.meta.url),
);

/** The package's hash, for Deno. */
const lockPath = fileURLToPath(new URL("../../requirements/networks.lock", import.meta.url));

/** Where files are kept, and who hears of what takes long. */
export interface NetworkFilesOptions {
  /** Default: `.deps/assets/perception` of the checkout. */
  readonly folder?: string;
  /** Gets a line where the files have to be brought. */
  readonly onProgress?: (line: string) => void;
}

/** The files that are not there yet. */
export function missingNetworks(folder: string = networkFolder): NetworkName[] {
  return names.filter((name) => {
    try {
      return !Deno.statSync(pathOf(folder, name)).isFile;
    } catch {
      return true;
    }
  });
}

/**
 * Brings the files that are not there yet, through Deno's own client of the registry; nothing but the
 * files is kept. Throws {@linkcode EnvironmentError} where they cannot be had.
 */
export async function bringNetworks(options: NetworkFilesOptions = {}): Promise<void> {
  const { folder = networkFolder, onProgress } = options;
  const missing = missingNetworks(folder);
  if (missing.length === 0) return;
  const { name, version, licence, loadMb, keepMb } = networkPackage;
  onProgress?.(
    `downloading the networks that find persons into .deps (once; ${loadMb} MB to load, ${keepMb} MB ` +
      `to keep; ${name}@${version}, ${licence})`,
  );
  const staging = await stagingIn(folder);
  try {
    const unpacked = await packageFolder(staging);
    for (const each of missing) {
      const file: NetworkFile = files[each];
      const whole = await readBytes(join(unpacked, file.in));
      const bytes = file.piece ? whole.slice(...file.piece) : whole;
      await writeBytes(pathOf(folder, each), checked(bytes, each, join(unpacked, file.in)));
    }
  } finally {
    await Deno.remove(staging, { recursive: true });
  }
}

async function stagingIn(folder: string): Promise<string> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    return await Deno.makeTempDir({ dir: folder, prefix: "package-" });
  } catch (cause) {
    throw new EnvironmentError(
      `cannot store the networks that find persons in "${folder}": ${(cause as Error).message}; ` +
        `run \`./denow task setup --all\` where the folder can be written`,
      { cause },
    );
  }
}

/** A network's bytes; brings the files first where they are missing. Errors as there, and for a damaged file. */
export async function networkBytes(
  name: NetworkName,
  options: NetworkFilesOptions = {},
): Promise<{ readonly path: string; readonly bytes: Uint8Array<ArrayBuffer> }> {
  await bringNetworks(options);
  const path = pathOf(options.folder ?? networkFolder, name);
  return { path, bytes: checked(await readBytes(path), name, path) };
}

/** Throws {@linkcode InputError} where a file is not what it should be, or missing. */
export async function checkNetworks(folder: string = networkFolder): Promise<void> {
  for (const name of names) {
    const path = pathOf(folder, name);
    checked(await readBytes(path), name, path);
  }
}

function pathOf(folder: string, name: NetworkName): string {
  return join(folder, `${name}.tflite`);
}

function checked(bytes: Uint8Array<ArrayBuffer>, name: NetworkName, path: string) {
  return knownBytes(bytes, { path, sha256: files[name].sha256, what: `the ${name}` });
}

/** Has Deno fetch the package into a cache of its own, and finds it there. */
async function packageFolder(cache: string): Promise<string> {
  const { name, version } = networkPackage;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["cache", "--quiet", "--no-config", "--frozen", "--lock", lockPath],
      `npm:${name}@${version}`,
    ],
    cwd: cache,
    env: { DENO_DIR: cache, NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  const registries = success ? [...Deno.readDirSync(join(cache, "npm"))] : [];
  const found = registries.map((registry) => join(cache, "npm", registry.name, name, version));
  if (found.length > 0) return found[0];
  const lines = new TextDecoder().decode(stderr).split("\n").map((line) => line.trim());
  const reason = lines.find((line) => /error/i.test(line)) ?? lines.find((line) => line !== "");
  throw new EnvironmentError(
    `cannot download ${name}@${version}, the networks that find persons: ${
      reason?.replace(/^error: /, "") ?? "deno cache failed"
    }; run \`./denow task setup --all\` once with a network, after that none is needed`,
  );
}
