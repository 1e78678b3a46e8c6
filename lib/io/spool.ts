/**
 * Bytes that wait on disk, for what is too large for memory.
 * @module
 */
import { isSystemFailure, writeFailure } from "./failures.ts";

/**
 * A file without a name: it is gone with the process, however that ends. Free it after use. It is read
 * and written at once, so that several readers can take turns.
 */
export class Spool {
  readonly #file: Deno.FsFile;
  readonly #path: string;

  private constructor(file: Deno.FsFile, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /** Opens an empty one in the folder for temporary files. Throws {@linkcode IoError}. */
  static async open(): Promise<Spool> {
    let path = "temporary files";
    try {
      path = await Deno.makeTempFile({ prefix: "isa4d-" });
      const file = await Deno.open(path, { read: true, write: true });
      await Deno.remove(path);
      return new Spool(file, path);
    } catch (error) {
      throw isSystemFailure(error) ? writeFailure(path, error) : error;
    }
  }

  /** Writes bytes at an offset. Throws {@linkcode IoError} where the disk is full. */
  write(offset: number, bytes: Uint8Array): void {
    try {
      this.#file.seekSync(offset, Deno.SeekMode.Start);
      for (let done = 0; done < bytes.length;) {
        done += this.#file.writeSync(bytes.subarray(done));
      }
    } catch (error) {
      throw isSystemFailure(error) ? writeFailure(this.#path, error) : error;
    }
  }

  /** Reads `length` bytes, which must have been written, from an offset. */
  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    for (let done = 0; done < length;) {
      const read = this.#file.readSync(bytes.subarray(done));
      if (read === null) throw new RangeError(`the spool ends before byte ${offset + length}`);
      done += read;
    }
    return bytes;
  }

  /** Closes the file and with that gives up its bytes. */
  dispose(): void {
    this.#file.close();
  }

  /** Same as {@linkcode dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
