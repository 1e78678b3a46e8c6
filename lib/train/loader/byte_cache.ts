/** Keeps the values that were used last, as many as fit in a number of bytes. */
export class ByteCache<Key, Value> {
  readonly #most: number;
  readonly #sizeOf: (value: Value) => number;
  /** Oldest use first. */
  readonly #values = new Map<Key, Value>();
  #bytes = 0;

  /** `most` bytes at most. */
  constructor(most: number, sizeOf: (value: Value) => number) {
    this.#most = most;
    this.#sizeOf = sizeOf;
  }

  /** Bytes that are kept now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The value of `key`, made where it is not there. */
  async get(key: Key, make: () => Promise<Value>): Promise<Value> {
    const found = this.#values.get(key);
    const value = found ?? await make();
    if (this.#values.delete(key)) this.#bytes -= this.#sizeOf(value);
    const size = this.#sizeOf(value);
    if (size > this.#most) return value;
    this.#values.set(key, value);
    this.#bytes += size;
    for (const [old, other] of this.#values) {
      if (this.#bytes <= this.#most) break;
      this.#values.delete(old);
      this.#bytes -= this.#sizeOf(other);
    }
    return value;
  }
}
