/**
 * A stream of bytes read in pieces of the size that is asked for.
 * @module
 */

/** Wraps a stream that delivers pieces of any size. */
export class ByteReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  /** Takes the stream over. */
  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** Up to and without the next newline; undefined at the end of the stream. */
  async line(): Promise<string | undefined> {
    let text = "";
    for (;;) {
      const at = this.#rest.indexOf(10);
      const piece = at < 0 ? this.#rest : this.#rest.subarray(0, at);
      text += new TextDecoder("latin1").decode(piece);
      if (at >= 0) {
        this.#rest = this.#rest.subarray(at + 1);
        return text;
      }
      if (!await this.#refill()) return text === "" ? undefined : text;
    }
  }

  /** Fills `target`; false where the stream ends before that. */
  async fill(target: Uint8Array): Promise<boolean> {
    for (let done = 0; done < target.length;) {
      if (this.#rest.length === 0 && !await this.#refill()) return false;
      const n = Math.min(target.length - done, this.#rest.length);
      target.set(this.#rest.subarray(0, n), done);
      this.#rest = this.#rest.subarray(n);
      done += n;
    }
    return true;
  }

  /** Reads no further. */
  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }

  async #refill(): Promise<boolean> {
    const { value, done } = await this.#reader.read();
    this.#rest = value ?? new Uint8Array(0);
    return !done;
  }
}
