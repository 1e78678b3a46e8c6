/**
 * The binary form of glTF 2.0 (`.glb`): a JSON chunk, and one buffer that its accessors look into.
 * @module
 */

const MAGIC = 0x46546c67, JSON_CHUNK = 0x4e4f534a, BIN_CHUNK = 0x004e4942;
const HEADER_BYTES = 12, CHUNK_HEADER_BYTES = 8;

/** glTF's numbers for the types of elements. */
const componentTypes = { Uint8Array: 5121, Uint32Array: 5125, Float32Array: 5126 } as const;

/** glTF's names of elements. */
export type GlbElement = "SCALAR" | "VEC3" | "VEC4" | "MAT4";

/** Numbers of one element. */
const widths: Readonly<Record<GlbElement, number>> = { SCALAR: 1, VEC3: 3, VEC4: 4, MAT4: 16 };

/** Elements of an accessor; all take a multiple of four bytes each. */
export type GlbData =
  | Uint8Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>;

/** Collects the arrays of a file. */
export class GlbBuffer {
  readonly #parts: GlbData[] = [];
  readonly #views: object[] = [];
  readonly #accessors: object[] = [];
  #length = 0;

  /** Adds an array and gives the index of its accessor; `bounds` writes the least and largest values. */
  add(
    data: GlbData,
    type: GlbElement,
    { bounds = false }: { readonly bounds?: boolean } = {},
  ): number {
    const width = widths[type];
    const componentType = componentTypes[data.constructor.name as keyof typeof componentTypes];
    this.#accessors.push({
      ...{ bufferView: this.#views.length, componentType, count: data.length / width, type },
      ...(bounds ? boundsOf(data, width) : {}),
    });
    this.#views.push({ buffer: 0, byteOffset: this.#length, byteLength: data.byteLength });
    this.#parts.push(data);
    this.#length += data.byteLength;
    return this.#accessors.length - 1;
  }

  /** The file of a scene whose accessors are those that were added. */
  encode(scene: Readonly<Record<string, unknown>>): Uint8Array<ArrayBuffer> {
    const json = JSON.stringify({
      asset: { version: "2.0", generator: "isa4d" },
      ...scene,
      accessors: this.#accessors,
      bufferViews: this.#views,
      buffers: [{ byteLength: this.#length }],
    });
    const text = new TextEncoder().encode(json);
    // Chunks end at multiples of four bytes, JSON with spaces.
    const textBytes = Math.ceil(text.length / 4) * 4;
    const binAt = HEADER_BYTES + CHUNK_HEADER_BYTES + textBytes;
    const out = new Uint8Array(binAt + CHUNK_HEADER_BYTES + this.#length);
    const words = new DataView(out.buffer);
    const write = (at: number, values: readonly number[]) =>
      values.forEach((value, i) => words.setUint32(at + 4 * i, value, true));
    write(0, [MAGIC, 2, out.length, textBytes, JSON_CHUNK]);
    out.fill(0x20, HEADER_BYTES + CHUNK_HEADER_BYTES, binAt);
    out.set(text, HEADER_BYTES + CHUNK_HEADER_BYTES);
    write(binAt, [this.#length, BIN_CHUNK]);
    let at = binAt + CHUNK_HEADER_BYTES;
    for (const { buffer, byteOffset, byteLength } of this.#parts) {
      out.set(new Uint8Array(buffer, byteOffset, byteLength), at);
      at += byteLength;
    }
    return out;
  }
}

function boundsOf(data: GlbData, width: number): { min: number[]; max: number[] } {
  const min = new Array<number>(width).fill(Infinity), max = new Array(width).fill(-Infinity);
  data.forEach((value, i) => {
    min[i % width] = Math.min(min[i % width], value);
    max[i % width] = Math.max(max[i % width], value);
  });
  return { min, max };
}
