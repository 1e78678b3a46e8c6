/**
 * PyTorch's `.pt`, `.pth` and `.bin` files: since 1.6 a zip of one pickle and one file a storage,
 * before that pickles and storages one after another. Pickles are read as data: tensors, containers,
 * numbers and text; nothing in them is run.
 * @module
 */
import { InputError } from "../errors.ts";
import type { DType } from "../tensor/mod.ts";
import { readFailure } from "./failures.ts";
import {
  numpyGlobals,
  PickledTensor,
  PickleGlobal,
  torchGlobals,
  unpickle,
  unpickleFrom,
} from "./pickle/mod.ts";
import { readBytes, readExactly } from "./read_file.ts";
import { storedDType } from "./safetensors_header.ts";
import { spanned, type TensorPlace } from "./tensor_place.ts";
import { listZip, type ZipEntry } from "./zip_listing.ts";

/** Pickles beside the storages are small; a larger one is taken for a broken file. */
const maxPickleBytes = 2 ** 27;

/** A tensor that repeats its storage (stride 0) beyond this is taken for a broken file. */
const maxRepeatedBytes = 2 ** 24;

const storageTypes: Readonly<Record<string, DType>> = {
  "torch.DoubleStorage": "float64",
  "torch.FloatStorage": "float32",
  "torch.HalfStorage": "float16",
  "torch.BFloat16Storage": "bfloat16",
  "torch.LongStorage": "int64",
  "torch.IntStorage": "int32",
  "torch.ShortStorage": "int16",
  "torch.CharStorage": "int8",
  "torch.ByteStorage": "uint8",
  "torch.BoolStorage": "bool",
};

/** A file of the archive as elements of a type. */
class Storage {
  constructor(
    /** Its name below `data/`. */
    readonly key: string,
    readonly dtype: DType,
  ) {}
}

/** Whether a file's first bytes are those of a zip. */
export function isTorchFile(start: Uint8Array): boolean {
  return start[0] === 0x50 && start[1] === 0x4b && start[2] === 3 && start[3] === 4;
}

/** What PyTorch wrote first of all before 1.6: a pickle of protocol 2 with this number. */
const LEGACY_START = [
  ...[0x80, 0x02, 0x8a, 0x0a],
  ...[0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19],
];

/** Whether a file's first bytes are those of `torch.save` before PyTorch 1.6. */
export function isLegacyTorchFile(start: Uint8Array): boolean {
  return LEGACY_START.every((byte, i) => start[i] === byte);
}

/** Throws {@linkcode InputError} for pickles that PyTorch did not write, and for its oldest tars. */
export function refuseOldTorchFile(path: string, start: Uint8Array): void {
  // The length of a safetensors header can begin with the same two bytes; a brace follows it.
  const header = start[8] === 0x7b && start.subarray(4, 8).every((byte) => byte === 0);
  const pickle = !header && start[0] === 0x80 && start[1] >= 2 && start[1] <= 5;
  const tar = new TextDecoder("latin1").decode(start.subarray(257, 262)) === "ustar";
  if (!pickle && !tar) return;
  throw new InputError(
    `cannot read "${path}": it is a bare ${
      pickle ? "pickle, not one of torch.save" : "tar, as PyTorch wrote before 0.1.10"
    }; load it in Python and torch.save its tensors`,
  );
}

/**
 * As {@linkcode listTorchFile}, of a file from before PyTorch 1.6: five pickles (a magic number, the
 * protocol, facts of the machine, the value, the storages' keys), then for each key the number of its
 * elements and these.
 */
export async function listLegacyTorchFile(path: string): Promise<Map<string, TensorPlace>> {
  const bad = (reason: string) => new InputError(`cannot read "${path}" as PyTorch's: ${reason}`);
  const bytes = await readBytes(path, { maxBytes: maxLegacyBytes });
  try {
    const types = new Map<string, DType>();
    const options = {
      globals: { ...torchGlobals, ...numpyGlobals },
      persistentLoad: (id: unknown) => {
        const storage = storageOf(id, bad);
        types.set(storage.key, storage.dtype);
        return storage;
      },
      label: `"${path}"`,
    };
    let at = 0;
    const [, protocol, machine, value, keys] = Array.from({ length: 5 }, () => {
      const { value, end } = unpickleFrom(bytes, at, options);
      at = end;
      return value;
    });
    if (protocol !== 1001) throw bad(`its protocol is ${protocol}, expected 1001`);
    if (machine instanceof Map && machine.get("little_endian") === false) {
      throw bad('its byte order is "big"');
    }
    const storages = legacyStorages(keys, { bytes, at, types, bad });
    const tensors = new Map<string, TensorPlace>();
    for (const [name, tensor] of tensorsIn(value)) {
      const find = (key: string) => storages.get(key);
      tensors.set(name, placeOf(name, tensor, { path, find, bad }));
    }
    return tensors;
  } catch (error) {
    throw readFailure(path, error);
  }
}

/** Such files are read whole; weights of that time are smaller. */
const maxLegacyBytes = 2 ** 31;

/** Where the storages lie, by key. */
function legacyStorages(
  keys: unknown,
  { bytes, at, types, bad }: {
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly at: number;
    readonly types: ReadonlyMap<string, DType>;
    readonly bad: Bad;
  },
): Map<string, Span> {
  if (!Array.isArray(keys)) throw bad("it lists no storages");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const storages = new Map<string, Span>();
  let begin = at;
  for (const key of keys) {
    const dtype = types.get(key);
    if (dtype === undefined) throw bad(`it lists a storage "${key}" of no tensor`);
    if (begin + 8 > bytes.length) throw bad(`it ends before storage "${key}"`);
    const size = Number(view.getBigInt64(begin, true)) * storedDType(dtype).size;
    if (!(size >= 0 && begin + 8 + size <= bytes.length)) {
      throw bad(`it ends within storage "${key}"`);
    }
    storages.set(key, { begin: begin + 8, size });
    begin += 8 + size;
  }
  return storages;
}

/**
 * Tensors of a file that `torch.save` wrote, by their path through its dictionaries and lists
 * (`state_dict.conv.weight`). What is no tensor is left out.
 *
 * Throws {@linkcode InputError} for a broken file, for big-endian storages, and for a pickle that
 * asks for anything but tensors and plain data; the message names it.
 */
export async function listTorchFile(path: string): Promise<Map<string, TensorPlace>> {
  const bad = (reason: string) => new InputError(`cannot read "${path}" as PyTorch's: ${reason}`);
  try {
    using file = await Deno.open(path);
    const { size } = await file.stat();
    const entries = new Map((await listZip({ file, size, bad })).map((e) => [e.name, e]));
    const root = rootOf(entries, bad);
    const packed = [...entries.values()].find(({ stored }) => !stored);
    if (packed) {
      throw bad(
        `"${packed.name}" is compressed, PyTorch stores files as they are: torch.save again`,
      );
    }
    const text = async (name: string) => {
      const entry = entries.get(root + name);
      return entry && new TextDecoder().decode(await readExactly(file, entry.begin, entry.size));
    };
    const order = await text("byteorder");
    if (order !== undefined && order !== "little") throw bad(`its byte order is "${order}"`);
    const pickle = entries.get(`${root}data.pkl`)!;
    if (pickle.size > maxPickleBytes) throw bad(`its pickle has ${pickle.size} bytes`);
    const value = unpickle(await readExactly(file, pickle.begin, pickle.size), {
      globals: { ...torchGlobals, ...numpyGlobals },
      persistentLoad: (id) => storageOf(id, bad),
      label: `"${path}"`,
    });
    const tensors = new Map<string, TensorPlace>();
    for (const [name, tensor] of tensorsIn(value)) {
      const find = (key: string) => entries.get(`${root}data/${key}`);
      tensors.set(name, placeOf(name, tensor, { path, find, bad }));
    }
    return tensors;
  } catch (error) {
    throw readFailure(path, error);
  }
}

type Bad = (reason: string) => InputError;

/** The archive's only folder; TorchScript has code beside its data. */
function rootOf(entries: ReadonlyMap<string, ZipEntry>, bad: Bad): string {
  const pickle = [...entries.keys()].find((name) => /^([^/]+\/)?data\.pkl$/.test(name));
  if (pickle === undefined) throw bad("the zip has no data.pkl");
  const root = pickle.slice(0, -"data.pkl".length);
  if ([...entries.keys()].some((name) => name.startsWith(`${root}code/`))) {
    throw bad("it is a TorchScript program; save its state_dict() instead");
  }
  return root;
}

/** A persistent id is ("storage", class, key, device, elements); the file's size is what counts. */
function storageOf(id: unknown, bad: Bad): Storage {
  const [kind, type, key] = Array.isArray(id) ? id : [];
  if (kind !== "storage" || !(type instanceof PickleGlobal) || typeof key !== "string") {
    throw bad("its pickle refers to something that is no storage");
  }
  if (!Object.hasOwn(storageTypes, type.name)) {
    throw bad(
      `it has a ${type.name}, expected one of ${Object.keys(storageTypes).join(", ")}`,
    );
  }
  return new Storage(key, storageTypes[type.name]);
}

/** Tensors below a value, by dotted path; one alone is called "tensor". */
function* tensorsIn(value: unknown, path = ""): Generator<[string, PickledTensor]> {
  if (value instanceof PickledTensor) yield [path === "" ? "tensor" : path, value];
  const below = value instanceof Map
    ? [...value]
    : Array.isArray(value)
    ? value.map((item, i) => [i, item] as const)
    : [];
  for (const [key, item] of below) {
    if (typeof key !== "string" && typeof key !== "number") continue;
    yield* tensorsIn(item, path === "" ? String(key) : `${path}.${key}`);
  }
}

/** Bytes of a file. */
type Span = Pick<ZipEntry, "begin" | "size">;

interface Context {
  readonly path: string;
  /** Where a storage lies, by key. */
  readonly find: (key: string) => Span | undefined;
  readonly bad: Bad;
}

/** Where a tensor lies, checked against its storage's bytes. */
function placeOf(name: string, tensor: PickledTensor, context: Context): TensorPlace {
  const { path, find, bad } = context;
  const { storage, offset, size: shape, stride: strides } = tensor;
  if (!(storage instanceof Storage)) throw bad(`tensor "${name}" has no storage`);
  const { dtype } = storage;
  const entry = find(storage.key);
  if (!entry) throw bad(`tensor "${name}" lies in storage "${storage.key}", which is not there`);
  const { size } = storedDType(dtype);
  const last = offset + spanned(shape, strides);
  if (last * size > entry.size) {
    throw bad(
      `tensor "${name}" [${shape}] ends at element ${last} of a storage of ${entry.size / size}`,
    );
  }
  const bytes = shape.reduce((n, length) => n * length, size);
  if (bytes > Math.max(entry.size, maxRepeatedBytes)) {
    throw bad(`tensor "${name}" [${shape}] repeats a storage of ${entry.size} bytes`);
  }
  const begin = entry.begin + offset * size;
  const plain: TensorPlace = { file: path, dtype, shape, begin };
  return isRowMajor(shape, strides) ? plain : { ...plain, strides };
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    if (shape[d] !== 1 && strides[d] !== expected) return shape.includes(0);
    expected *= shape[d];
  }
  return true;
}
