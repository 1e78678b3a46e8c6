/**
 * NumPy's `.npz` archives and `.npy` files on disk.
 * @module
 */
import { unzipSync, zipSync } from "fflate";
import { InputError, IsaError } from "../errors.ts";
import { writeBytes } from "./atomic.ts";
import { decodeNpy, encodeNpy, type NpyArray, UnsupportedDType } from "./npy.ts";
import { readBytes } from "./read_file.ts";

/** Unpacked arrays larger than this are taken for a broken or hostile archive. */
const maxUnpackedBytes = 2 ** 31;

/** Deflate makes bytes at most about a thousand times smaller. */
const maxRatio = 1100;

/** One array of a `.npy` file. Throws {@linkcode InputError} for anything but a whole numeric one. */
export async function readNpy(path: string): Promise<NpyArray> {
  return decodeNpy(await readBytes(path), { label: `"${path}"` });
}

/**
 * The arrays of a `.npz` file. With `names` only those are unpacked, and one of text or objects is an
 * error; without, such arrays are left out (AMASS keeps the gender as text beside the numbers).
 *
 * Throws {@linkcode InputError} for a missing, truncated or foreign file.
 */
export async function readNpz(
  path: string,
  { names }: { names?: readonly string[] } = {},
): Promise<Map<string, NpyArray>> {
  const arrays = new Map<string, NpyArray>();
  for (const [file, bytes] of Object.entries(unpackNpz(path, await readBytes(path), names))) {
    const name = file.replace(/\.npy$/, "");
    try {
      arrays.set(name, decodeNpy(bytes, { label: `array "${name}" of "${path}"` }));
    } catch (error) {
      if (names || !(error instanceof UnsupportedDType)) throw error;
    }
  }
  return arrays;
}

/** Writes arrays as a compressed `.npz`, whole or not at all. */
export async function writeNpz(path: string, arrays: ReadonlyMap<string, NpyArray>): Promise<void> {
  const files = [...arrays].map(([name, array]) => [`${name}.npy`, encodeNpy(array)] as const);
  // A fixed date keeps equal content equal byte for byte.
  await writeBytes(path, zipSync(Object.fromEntries(files), { mtime: "1980-01-01T12:00:00" }));
}

/** The `.npy` files inside the bytes of a `.npz`, all or those named. Errors as {@linkcode readNpz}. */
export function unpackNpz(
  path: string,
  bytes: Uint8Array,
  names?: readonly string[],
): Record<string, Uint8Array> {
  let total = 0;
  try {
    return unzipSync(bytes, {
      filter: ({ name, size, originalSize }) => {
        if (originalSize > maxRatio * size + 1024) {
          throw new InputError(
            `cannot read "${path}": "${name}" in it claims ${originalSize} bytes in ${size}`,
          );
        }
        const wanted = name.endsWith(".npy") && (names?.includes(name.slice(0, -4)) ?? true);
        if (wanted && (total += originalSize) > maxUnpackedBytes) {
          throw new InputError(
            `cannot read "${path}": it unpacks to more than ${maxUnpackedBytes} bytes`,
          );
        }
        return wanted;
      },
    });
  } catch (cause) {
    if (cause instanceof IsaError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`cannot read "${path}" as npz: ${reason}`, { cause });
  }
}
