/**
 * Open files as the streams that c2pa-rs reads and writes.
 * @module
 */
import type { C2paSymbols } from "./library.ts";

const pass = { parameters: ["pointer", "pointer", "isize"], result: "isize" } as const;
const seek = { parameters: ["pointer", "isize", "i32"], result: "isize" } as const;
const flush = { parameters: ["pointer"], result: "isize" } as const;

/** A file that c2pa-rs works on until the stream is disposed; the file is the caller's to close. */
export class FileStream implements Disposable {
  /** The stream, for the C functions. */
  readonly pointer: Deno.PointerValue;
  readonly #library: C2paSymbols;
  readonly #callbacks: Disposable;

  constructor(library: C2paSymbols, file: Deno.FsFile) {
    this.#library = library;
    const read = new Deno.UnsafeCallback(
      pass,
      (_, data, length) => attempt(() => file.readSync(bytesAt(data, length)) ?? 0),
    );
    const write = new Deno.UnsafeCallback(pass, (_, data, length) =>
      attempt(() => {
        const bytes = bytesAt(data, length);
        for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
        return bytes.length;
      }));
    // C's whence and Deno's agree: begin, current place, end.
    const move = new Deno.UnsafeCallback(
      seek,
      (_, offset, whence) => attempt(() => file.seekSync(offset, whence)),
    );
    const settle = new Deno.UnsafeCallback(flush, () => 0n);
    this.#callbacks = {
      [Symbol.dispose]: () => [read, write, move, settle].forEach((c) => c.close()),
    };
    this.pointer = library.c2pa_create_stream(
      null,
      ...[read.pointer, move.pointer, write.pointer, settle.pointer] as const,
    );
  }

  [Symbol.dispose](): void {
    this.#library.c2pa_release_stream(this.pointer);
    this.#callbacks[Symbol.dispose]();
  }
}

function bytesAt(data: Deno.PointerValue, length: number | bigint): Uint8Array {
  if (data === null) return new Uint8Array();
  return new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(data, Number(length)));
}

/** An exception must not cross the C boundary: -1 says that the call failed. */
function attempt(act: () => number): bigint {
  try {
    return BigInt(act());
  } catch {
    return -1n;
  }
}
