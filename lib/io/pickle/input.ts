/**
 * The bytes of a pickle, read forwards and never past their end.
 * @module
 */
import { InputError } from "../../errors.ts";
import { toSafe } from "./text.ts";

/** Longest integer that is read, in bytes; longer ones are no data of ours. */
const maxIntegerBytes = 256;

/** A cursor over a pickle's bytes. */
export class PickleInput {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #label: string;
  /** Offset of the next byte. */
  at: number;

  /** `label` names the input in errors. */
  constructor(bytes: Uint8Array, { label, at = 0 }: { label: string; at?: number }) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#label = label;
    this.at = at;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#bytes.length - this.at;
  }

  /** An error that names the input and the place. */
  error(reason: string): InputError {
    return new InputError(`cannot read ${this.#label} as a pickle: ${reason} at byte ${this.at}`);
  }

  /** Goes past `length` bytes and returns where they begin. */
  #skip(length: number): number {
    if (!(length >= 0 && length <= this.left)) {
      throw this.error(`${length} bytes are announced, ${this.left} are left`);
    }
    this.at += length;
    return this.at - length;
  }

  /** The next `length` bytes, as a view. */
  take(length: number): Uint8Array {
    const from = this.#skip(length);
    return this.#bytes.subarray(from, from + length);
  }

  /** A byte. */
  uint8(): number {
    return this.#bytes[this.#skip(1)];
  }

  /** Two bytes, little-endian. */
  uint16(): number {
    return this.#view.getUint16(this.#skip(2), true);
  }

  /** Four bytes, little-endian. */
  uint32(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  /** Four bytes, little-endian, signed. */
  int32(): number {
    return this.#view.getInt32(this.#skip(4), true);
  }

  /** A length of eight bytes; one beyond 2^53 fails where it is used. */
  length64(): number {
    return Number(this.#view.getBigUint64(this.#skip(8), true));
  }

  /** Eight bytes, big-endian as pickles have them. */
  float64(): number {
    return this.#view.getFloat64(this.#skip(8), false);
  }

  /** A signed little-endian integer of any length. */
  integer(length: number): number | bigint {
    if (length < 0 || length > maxIntegerBytes) {
      throw this.error(`an integer of ${length} bytes, expected at most ${maxIntegerBytes}`);
    }
    const bytes = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = value << 8n | BigInt(bytes[i]);
    return toSafe(BigInt.asIntN(length * 8, value));
  }

  /** The bytes up to the next newline, which is left out. */
  line(): Uint8Array {
    const end = this.#bytes.indexOf(10, this.at);
    if (end < 0) throw this.error("a line has no end");
    const line = this.take(end - this.at);
    this.at++;
    return line;
  }

  /** UTF-8 text of `length` bytes. */
  utf8(length: number): string {
    const bytes = this.take(length);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw this.error("text that is not UTF-8");
    }
  }
}
