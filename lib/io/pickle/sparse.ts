/**
 * SciPy's sparse matrices inside pickles: compressed columns, compressed rows, coordinates.
 * @module
 */
import { InputError } from "../../errors.ts";
import { type NpyArray, npyToFloat32 } from "../npy.ts";
import { isNumericArray } from "./numpy_array.ts";
import {
  type BuildContext,
  type GlobalBuilder,
  type Globals,
  setState,
  type Stateful,
} from "./objects.ts";

/** How a sparse matrix is laid out. */
export type SparseFormat = "csc" | "csr" | "coo";

/** Elements of a dense matrix at most: SMPL's regressors have a fraction of this. */
const maxDense = 2 ** 26;

/** A sparse matrix as SciPy keeps it. */
export class SparseMatrix implements Stateful {
  /** Rows and columns. */
  shape: [number, number] = [0, 0];
  /** SciPy's arrays by name: data with indices and indptr, or with row and col. */
  arrays: ReadonlyMap<string, NpyArray> = new Map();

  /** An empty matrix, to be filled. */
  constructor(
    /** How it is laid out. */
    readonly format: SparseFormat,
  ) {}

  /** Takes the attributes of SciPy's object. */
  [setState](state: unknown, context: BuildContext): void {
    const fields = state instanceof Map ? state : new Map();
    const shape = fields.get("_shape") ?? fields.get("shape");
    const [rows, columns] = Array.isArray(shape) ? shape : [];
    const whole = (size: unknown) => Number.isSafeInteger(size) && (size as number) >= 0;
    if (!whole(rows) || !whole(columns) || shape.length !== 2) throw context.error("has no shape");
    this.shape = [rows, columns];
    const coords = fields.get("coords");
    if (Array.isArray(coords)) fields.set("row", coords[0]).set("col", coords[1]);
    const names = this.format === "coo" ? ["data", "row", "col"] : ["data", "indices", "indptr"];
    this.arrays = new Map(names.map((name) => {
      const array = fields.get(name);
      if (!isNumericArray(array)) throw context.error(`has no array ${name}`);
      return [name, array];
    }));
  }

  /**
   * All elements, row by row; entries at the same place add up. Throws InputError for indices
   * outside, for a matrix too large to write out, and for one that was never filled.
   */
  toDense(): Float32Array<ArrayBuffer> {
    const [rows, columns] = this.shape;
    if (!(rows * columns <= maxDense)) {
      throw new InputError(
        `a sparse matrix [${rows},${columns}] has too many elements, expected at most ${maxDense}`,
      );
    }
    const data = this.arrays.get("data");
    if (!data) throw new InputError("a sparse matrix has no elements: its file never fills it");
    const out = new Float32Array(rows * columns);
    const values = npyToFloat32(data);
    const { row, column } = this.#places(values.length);
    for (let i = 0; i < values.length; i++) {
      if (!(row[i] >= 0 && row[i] < rows && column[i] >= 0 && column[i] < columns)) {
        throw new InputError(
          `a sparse matrix [${rows},${columns}] has an entry at [${row[i]},${column[i]}]`,
        );
      }
      out[row[i] * columns + column[i]] += values[i];
    }
    return out;
  }

  #places(count: number): { row: Float64Array; column: Float64Array } {
    const numbers = (name: string) => Float64Array.from(this.arrays.get(name)!.data, Number);
    if (this.format === "coo") return { row: numbers("row"), column: numbers("col") };
    const along = numbers("indices");
    const starts = numbers("indptr");
    const across = new Float64Array(count).fill(-1);
    for (let line = 0; line + 1 < starts.length; line++) {
      for (let i = Math.max(0, starts[line]); i < Math.min(starts[line + 1], count); i++) {
        across[i] = line;
      }
    }
    return this.format === "csc" ? { row: along, column: across } : { row: across, column: along };
  }
}

function sparse(format: SparseFormat): GlobalBuilder {
  return (args, context) => {
    if (args.length > 0) throw context.error("gets arguments");
    return new SparseMatrix(format);
  };
}

/** Builders of SciPy's sparse matrices, under its old and new modules. */
export const scipyGlobals: Globals = Object.fromEntries(
  (["csc", "csr", "coo"] as const).flatMap((format) =>
    [`scipy.sparse.${format}`, `scipy.sparse._${format}`].flatMap((module) =>
      ["matrix", "array"].map((kind) => [`${module}.${format}_${kind}`, sparse(format)] as const)
    )
  ),
);

/**
 * A dense or sparse array of numbers as float32, row by row; undefined for anything else. The shape
 * comes with it.
 */
export function denseFloats(
  value: unknown,
): { shape: readonly number[]; data: Float32Array<ArrayBuffer> } | undefined {
  if (value instanceof SparseMatrix) return { shape: value.shape, data: value.toDense() };
  return isNumericArray(value) ? { shape: value.shape, data: npyToFloat32(value) } : undefined;
}
