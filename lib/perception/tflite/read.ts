/**
 * Reading `.tflite` files: the graph of a network and its constants. Field numbers are those of
 * TensorFlow Lite's schema, version 3.
 * @module
 */
import { InputError } from "../../errors.ts";
import { Table } from "./flatbuffer.ts";

/** A value of the graph. */
export interface GraphTensor {
  /** As the file has it: pictures are [1, height, width, channels]. */
  readonly shape: readonly number[];
  /** The elements' kind, of those that occur in networks that are not quantised. */
  readonly dtype: "float32" | "float16" | "int32";
  /** A constant's elements in row-major order; `undefined` for what is computed. */
  readonly bytes?: Uint8Array;
}

/** One step. */
export interface GraphOperator {
  /** Number of the builtin operator. */
  readonly code: number;
  /** Tensors by number; −1 where an optional one is left out. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** The operator's own table, whose fields depend on its kind. */
  readonly options?: Table;
}

/** A network. */
export interface Graph {
  readonly tensors: readonly GraphTensor[];
  /** In the order in which they can run. */
  readonly operators: readonly GraphOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

const dtypes = ["float32", "float16", "int32"] as const;

/** Reads a graph; throws {@linkcode InputError}, which names `path`, for anything else. */
export function readGraph(bytes: Uint8Array, path: string): Graph {
  if (new TextDecoder().decode(bytes.subarray(4, 8)) !== "TFL3") {
    throw new InputError(`cannot read "${path}": it is no TensorFlow Lite network`);
  }
  try {
    return graphOf(Table.root(bytes));
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(`cannot read "${path}": it is damaged`, { cause });
  }
}

function graphOf(model: Table): Graph {
  // Numbers above 127 stand in a field that older files lack.
  const codes = model.tables(1).map((code) => Math.max(code.byte(0), code.int(3)));
  const [graph] = model.tables(2);
  const buffers = model.tables(4);
  return {
    tensors: graph.tables(0).map((tensor) => tensorOf(tensor, buffers[tensor.int(2)].bytes(0))),
    operators: graph.tables(3).map((operator) => ({
      code: codes[operator.int(0)],
      inputs: operator.ints(1),
      outputs: operator.ints(2),
      options: operator.table(4),
    })),
    inputs: graph.ints(1),
    outputs: graph.ints(2),
  };
}

function tensorOf(tensor: Table, data: Uint8Array): GraphTensor {
  const shape = tensor.ints(0);
  const kind = tensor.byte(1);
  const dtype = dtypes[kind];
  if (dtype === undefined) {
    throw new InputError(`a tensor of kind ${kind}, expected float32, float16 or int32`);
  }
  if (data.length === 0) return { shape, dtype };
  const sparsity = tensor.table(6);
  const size = dtype === "float16" ? 2 : 4;
  return { shape, dtype, bytes: sparsity ? dense(data, sparsity, { shape, size }) : data };
}

/** The elements of a sparse constant, zeros filled in. Levels are traversed in the file's own order. */
function dense(
  data: Uint8Array,
  sparsity: Table,
  { shape, size }: { readonly shape: readonly number[]; readonly size: number },
): Uint8Array {
  const order = sparsity.ints(0);
  const blocks = sparsity.ints(1);
  const levels = sparsity.tables(2).map((level) => ({
    sparse: level.byte(0) === 1,
    length: level.int(1),
    segments: indices(level, 2),
    places: indices(level, 4),
  }));
  const blockSizes = blocks.map((_, i) => levels[order.indexOf(shape.length + i)].length);
  const out = new Uint8Array(shape.reduce((product, n) => product * n, 1) * size);
  let read = 0;
  const at = new Array<number>(order.length).fill(0);
  const visit = (level: number, parent: number): void => {
    if (level === order.length) {
      const index = shape.map((_, dim) => at[dim]);
      blocks.forEach((dim, i) => index[dim] = index[dim] * blockSizes[i] + at[shape.length + i]);
      const flat = index.reduce((sum, value, dim) => sum * shape[dim] + value, 0);
      out.set(data.subarray(read, read + size), flat * size);
      read += size;
      return;
    }
    const { sparse, length, segments, places } = levels[level];
    const [from, to] = sparse ? [segments[parent], segments[parent + 1]] : [0, length];
    for (let i = from; i < to; i++) {
      at[order[level]] = sparse ? places[i] : i;
      visit(level + 1, sparse ? i : parent * length + i);
    }
  };
  visit(0, 0);
  return out;
}

/** A union of vectors: 1 of 32 bits, 2 of 16, 3 of 8. */
function indices(level: Table, field: number): number[] {
  const values = level.table(field + 1);
  if (!values) return [];
  const kind = level.byte(field);
  return kind === 1 ? values.ints(0) : values.counts(0, kind === 2 ? 2 : 1);
}
