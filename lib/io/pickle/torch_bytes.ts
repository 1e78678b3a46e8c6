/**
 * Torch's tensors in pickles that `torch.save` did not write, such as NumPy's: a storage stands there as
 * the bytes of a file of its own, in the layout from before PyTorch 1.6.
 * @module
 */
import { decodeElements, type NpyArray } from "../npy.ts";
import { PickledTensor, torchGlobals } from "./globals_torch.ts";
import { type BuildContext, type Globals, PickleGlobal } from "./objects.ts";
import { unpickleFrom } from "./unpickle.ts";

/** NumPy's names for the elements of torch's storages. */
const elements: Readonly<Record<string, string>> = {
  "torch.DoubleStorage": "<f8",
  "torch.FloatStorage": "<f4",
  "torch.LongStorage": "<i8",
  "torch.IntStorage": "<i4",
};

/** Magic number, protocol, facts of the machine, the value, the storages' keys. */
const PICKLES = 5;
/** Elements of a tensor that repeats its storage at most. */
const MAX_REPEATED = 2 ** 22;

/** `_load_from_bytes(bytes)`: the storage as an array. */
function storage([bytes]: readonly unknown[], context: BuildContext): NpyArray {
  if (!(bytes instanceof Uint8Array)) throw context.error("gets no bytes");
  context.take(2 * bytes.length);
  let descr: string | undefined;
  const persistentLoad = (id: unknown) => {
    const type = Array.isArray(id) && id[1] instanceof PickleGlobal ? id[1].name : "";
    descr = elements[type];
    return null;
  };
  let at = 0;
  for (let i = 0; i < PICKLES; i++) {
    at =
      unpickleFrom(bytes, at, { globals: torchGlobals, persistentLoad, label: context.name }).end;
  }
  if (descr === undefined || at + 8 > bytes.length) throw context.error("has no numbers");
  const count = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(at, true));
  const layout = { descr, fortran: false, shape: [count], label: context.name };
  return decodeElements(bytes.subarray(at + 8), layout);
}

/** Builders of torch's tensors whose storages stand in the pickle itself. */
export const torchBytesGlobals: Globals = {
  ...torchGlobals,
  "torch.storage._load_from_bytes": storage,
};

/** The numbers of a tensor made by {@link torchBytesGlobals}, as float32; undefined where it has none. */
export function tensorNumbers(tensor: PickledTensor): Float32Array | undefined {
  const { offset, size, stride } = tensor;
  const { data } = tensor.storage as Partial<NpyArray>;
  const count = size.reduce((n, d) => n * d, 1);
  const last = size.reduce((at, d, i) => at + (d - 1) * stride[i], offset);
  if (!data || (count > 0 && last >= data.length)) return undefined;
  if (count > Math.max(data.length, MAX_REPEATED)) return undefined;
  return Float32Array.from({ length: count }, (_, index) => {
    let at = offset, rest = index;
    for (let d = size.length - 1; d >= 0; d--) {
      at += rest % size[d] * stride[d];
      rest = Math.floor(rest / size[d]);
    }
    return Number(data[at]);
  });
}
