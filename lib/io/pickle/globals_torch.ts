/**
 * What torch's tensors ask for when they are unpickled. Storages come through `persistentLoad`; here
 * a tensor is only a view of one.
 * @module
 */
import { type BuildContext, type GlobalBuilder, type Globals, PickleGlobal } from "./objects.ts";

/** A tensor of a pickle: which elements of its storage are its own. */
export class PickledTensor {
  /** Names the storage and the elements. */
  constructor(
    /** What `persistentLoad` returned for it. */
    readonly storage: unknown,
    /** First element, counted in elements. */
    readonly offset: number,
    /** Sizes, outermost first. */
    readonly size: readonly number[],
    /** Elements from one index to the next, for each dimension. */
    readonly stride: readonly number[],
  ) {}
}

function sizes(value: unknown, context: BuildContext): number[] {
  const fits = Array.isArray(value) && value.length <= 64 &&
    value.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!fits) throw context.error("gets no sizes");
  return [...value];
}

/** `_rebuild_tensor(storage, storage_offset, size, stride)` and `_rebuild_tensor_v2(…, …)`. */
function tensor(args: readonly unknown[], context: BuildContext): PickledTensor {
  const [storage, offset] = args;
  const size = sizes(args[2], context), stride = sizes(args[3], context);
  if (!Number.isSafeInteger(offset) || (offset as number) < 0 || size.length !== stride.length) {
    throw context.error("gets no place in its storage");
  }
  return new PickledTensor(storage, offset as number, size, stride);
}

/** `_rebuild_parameter(data, requires_grad, hooks)`: the tensor. */
function parameter([data]: readonly unknown[], context: BuildContext): PickledTensor {
  if (!(data instanceof PickledTensor)) throw context.error("gets no tensor");
  return data;
}

/** `_rebuild_from_type_v2(function, type, arguments, state)`: what the function gives. */
function fromType(args: readonly unknown[], context: BuildContext): unknown {
  const [build, , inner] = args;
  if (!(build instanceof PickleGlobal) || !Array.isArray(inner)) {
    throw context.error("gets no function with arguments");
  }
  // Its arguments may hold themselves: it would never end.
  if (build.build === fromType) throw context.error("gets itself as a function");
  return build.build(inner, { ...context, name: build.name });
}

const nameOnly: GlobalBuilder = (_args, context) => {
  throw context.error("is called, expected only its name");
};

// deno-fmt-ignore
const storages = [
  "Float", "Double", "Half", "BFloat16", "Char", "Byte", "Short", "Int", "Long", "Bool", "Untyped",
];

// deno-fmt-ignore
const types = [
  "float32", "float64", "float16", "bfloat16", "int8", "uint8", "int16", "int32", "int64", "bool",
];

/** Builders of torch's tensors, parameters and sizes; storages and types by name alone. */
export const torchGlobals: Globals = Object.fromEntries<GlobalBuilder>([
  ["torch._utils._rebuild_tensor", tensor],
  ["torch._utils._rebuild_tensor_v2", tensor],
  ["torch._utils._rebuild_parameter", parameter],
  ["torch._tensor._rebuild_from_type_v2", fromType],
  ["torch.Size", ([list], context) => sizes(list, context)],
  ["torch.device", ([name, index]) => index === undefined ? name : `${name}:${index}`],
  ["torch.Tensor", nameOnly],
  ["torch.nn.parameter.Parameter", nameOnly],
  ["torch.storage.UntypedStorage", nameOnly],
  ["torch.storage.TypedStorage", nameOnly],
  ...storages.map((kind): [string, GlobalBuilder] => [`torch.${kind}Storage`, nameOnly]),
  ...types.map((type): [string, GlobalBuilder] => [`torch.${type}`, nameOnly]),
]);
