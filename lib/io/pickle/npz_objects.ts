/**
 * NumPy's files that hold Python objects: the elements of such an array are a pickle.
 * @module
 */
import { decodeNpy, type NpyArray, parseNpyHeader } from "../npy.ts";
import { unpackNpz } from "../npz.ts";
import { readBytes } from "../read_file.ts";
import { decodePickle } from "./joblib.ts";
import { PickledArray } from "./numpy_array.ts";
import type { UnpickleOptions } from "./unpickle.ts";

/** An array of a `.npy` that may hold objects; those as plain data, nothing is run. */
function decodeObjectNpy(
  bytes: Uint8Array,
  { label = "npy", ...options }: UnpickleOptions = {},
): NpyArray | PickledArray {
  const { descr, start } = parseNpyHeader(bytes, label);
  if (!/^[|<>=]?O/.test(descr)) return decodeNpy(bytes, { label });
  const value = decodePickle(bytes.subarray(start), { label, ...options });
  // NumPy pickles the array itself; an older one may leave the bare list.
  if (value instanceof PickledArray) return value;
  const array = new PickledArray();
  const items = Array.isArray(value) ? value : [value];
  return Object.assign(array, { dtype: "object", shape: [items.length], data: items });
}

/** The only object of a `.npy` that `numpy.save` made of one; undefined for any other array. */
export async function readObjectNpy(path: string, options: UnpickleOptions = {}): Promise<unknown> {
  const array = decodeObjectNpy(await readBytes(path), { label: `"${path}"`, ...options });
  return array.dtype === "object" && array.data.length === 1 ? array.data[0] : undefined;
}

/**
 * The named arrays of a `.npz`, of numbers or objects; those that the file lacks are left out. Errors
 * as `readNpz` and `unpickle`.
 */
export async function readObjectNpz(
  path: string,
  { names, ...options }: UnpickleOptions & { names: readonly string[] },
): Promise<Map<string, NpyArray | PickledArray>> {
  const files = unpackNpz(path, await readBytes(path), names);
  return new Map(
    Object.entries(files).map(([file, bytes]) => {
      const name = file.replace(/\.npy$/, "");
      return [name, decodeObjectNpy(bytes, { label: `array "${name}" of "${path}"`, ...options })];
    }),
  );
}
