/**
 * Pickles as files: plain ones, and joblib's, whose arrays stand as raw bytes between the opcodes and
 * which may be compressed as a whole.
 * @module
 */
import { gunzipSync, inflateSync } from "node:zlib";
import { InputError } from "../../errors.ts";
import { elementSize } from "../npy.ts";
import { readBytes } from "../read_file.ts";
import { numpyGlobals } from "./globals_numpy.ts";
import { NumpyDType, parseShape, PickledArray } from "./numpy_array.ts";
import { type BuildContext, type Globals, setState } from "./objects.ts";
import { unpickle, type UnpickleOptions } from "./unpickle.ts";

/** `NumpyArrayWrapper`: what an array is; the array itself follows in the stream. */
class JoblibArray extends PickledArray {
  /** Takes the attributes, and then the elements from the stream. */
  override [setState](state: unknown, context: BuildContext): void {
    const fields = state instanceof Map ? state : new Map();
    const dtype = fields.get("dtype"), order = fields.get("order");
    if (!(dtype instanceof NumpyDType) || (order !== "C" && order !== "F")) {
      throw context.error("has no dtype or order");
    }
    const shape = parseShape(fields.get("shape"), context);
    const size = elementSize(dtype.descr);
    if (size === undefined) {
      throw context.error(`is an array of dtype ${dtype.descr}, expected numbers or bool`);
    }
    // joblib 1.2 and later align arrays: a byte with the length of a padding goes before them.
    if ((fields.get("numpy_array_alignment_bytes") ?? null) !== null) {
      const [padding] = context.read(1);
      context.read(padding);
    }
    const bytes = context.read(shape.reduce((n, d) => n * d, size));
    this.fill({ shape, dtype, fortran: order === "F" }, bytes, context);
  }
}

const joblibGlobals: Globals = {
  "joblib.numpy_pickle.NumpyArrayWrapper": () => new JoblibArray(),
  "sklearn.externals.joblib.numpy_pickle.NumpyArrayWrapper": () => new JoblibArray(),
};

/** Bytes that a compressed file may unpack to. */
const maxUnpackedBytes = 2 ** 31 - 1;

/** How files begin that are compressed in a way that is not read. */
const refusedFormats: readonly [string, readonly number[]][] = [
  ["bz2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["lzma", [0x5d, 0x00, 0x00]],
  ["lz4", [0x04, 0x22, 0x4d, 0x18]],
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
];

/** joblib before 0.10: `ZF`, the length in hex over 19 characters, zlib. */
const oldHeaderBytes = 2 + 19;

function unpack(bytes: Uint8Array, label: string): Uint8Array {
  const starts = (prefix: readonly number[]) => prefix.every((byte, i) => bytes[i] === byte);
  const refused = refusedFormats.find(([, prefix]) => starts(prefix))?.[0];
  if (refused !== undefined) {
    throw new InputError(
      `cannot read ${label}: it is compressed with ${refused}; write it again with ` +
        `joblib.dump(joblib.load(old), new, compress=3)`,
    );
  }
  const options = { maxOutputLength: maxUnpackedBytes };
  try {
    if (starts([0x1f, 0x8b])) return gunzipSync(bytes, options);
    if (starts([0x5a, 0x46])) return inflateSync(bytes.subarray(oldHeaderBytes), options);
    // zlib: the first two bytes are a multiple of 31. No pickle begins with "x".
    if (bytes[0] === 0x78 && (bytes[0] * 256 + bytes[1]) % 31 === 0) {
      return inflateSync(bytes, options);
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`cannot unpack ${label}: ${reason}`, { cause });
  }
  return bytes;
}

/**
 * The value of a pickle's or joblib's bytes, unpacked first where zlib or gzip packed them. NumPy's
 * arrays are read without being asked for in `globals`; everything else as {@link unpickle}.
 */
export function decodePickle(bytes: Uint8Array, options: UnpickleOptions = {}): unknown {
  const { label = "the input", globals } = options;
  return unpickle(unpack(bytes, label), {
    ...options,
    globals: { ...numpyGlobals, ...joblibGlobals, ...globals },
  });
}

/** As {@link decodePickle}, of a file. Throws InputError for a missing or empty file too. */
export async function readPickle(path: string, options: UnpickleOptions = {}): Promise<unknown> {
  return decodePickle(await readBytes(path), { label: `"${path}"`, ...options });
}
