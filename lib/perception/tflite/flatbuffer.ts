/**
 * Reading FlatBuffers, the encoding of `.tflite` files: tables whose fields may be left out.
 * @module
 */

/** One table of a buffer; fields are counted from 0, as in its schema. */
export class Table {
  readonly #view: DataView;
  readonly #at: number;

  /** `at` is where the table begins; a buffer's root table is {@linkcode Table.root}. */
  constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
  }

  /** The outermost table. Reading beyond the bytes throws a RangeError, here and in all that follows. */
  static root(bytes: Uint8Array): Table {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new Table(view, view.getUint32(0, true));
  }

  /** Where a field's value lies; `undefined` where it is left out. */
  #place(field: number): number | undefined {
    const layout = this.#at - this.#view.getInt32(this.#at, true);
    const entry = 4 + 2 * field;
    if (entry >= this.#view.getUint16(layout, true)) return undefined;
    const offset = this.#view.getUint16(layout + entry, true);
    return offset === 0 ? undefined : this.#at + offset;
  }

  /** Of a signed byte. */
  byte(field: number, otherwise = 0): number {
    const at = this.#place(field);
    return at === undefined ? otherwise : this.#view.getInt8(at);
  }

  /** Of 32 bits. */
  int(field: number, otherwise = 0): number {
    const at = this.#place(field);
    return at === undefined ? otherwise : this.#view.getInt32(at, true);
  }

  /** A table within. */
  table(field: number): Table | undefined {
    const at = this.#place(field);
    return at === undefined ? undefined : this.#follow(at);
  }

  /** Tables within, in order. */
  tables(field: number): Table[] {
    const { at, length } = this.#vector(field);
    return Array.from({ length }, (_, i) => this.#follow(at + 4 * i));
  }

  /** Whole numbers of 32 bits. */
  ints(field: number): number[] {
    const { at, length } = this.#vector(field);
    return Array.from({ length }, (_, i) => this.#view.getInt32(at + 4 * i, true));
  }

  /** Whole numbers of `size` bytes without sign. */
  counts(field: number, size: 1 | 2): number[] {
    const { at, length } = this.#vector(field);
    const { getUint8, getUint16 } = DataView.prototype;
    const get = size === 1 ? getUint8 : getUint16;
    return Array.from({ length }, (_, i) => get.call(this.#view, at + size * i, true));
  }

  /** Bytes, a view. */
  bytes(field: number): Uint8Array {
    const { at, length } = this.#vector(field);
    const { buffer, byteOffset, byteLength } = this.#view;
    if (at + length > byteLength) throw new RangeError("a vector reaches beyond the bytes");
    return new Uint8Array(buffer, byteOffset + at, length);
  }

  #follow(at: number): Table {
    return new Table(this.#view, at + this.#view.getUint32(at, true));
  }

  #vector(field: number): { at: number; length: number } {
    const place = this.#place(field);
    if (place === undefined) return { at: 0, length: 0 };
    const start = place + this.#view.getUint32(place, true);
    return { at: start + 4, length: this.#view.getUint32(start, true) };
  }
}
