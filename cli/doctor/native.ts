/**
 * What `isa4d doctor` asks of the native library, in a process of its own: a library that does not
 * suit the processor would end it. Prints one {@linkcode NativeReport} as JSON.
 * @module
 */
import { ensureNative } from "../../lib/native/mod.ts";
import { type FastestDtype, fastestDtype } from "../../lib/nn/mod.ts";
import { add, cudaDevices, type Device, full, getThreads, item } from "../../lib/tensor/mod.ts";

/** What the process prints. */
export type NativeReport = NativeFailure | NativeSuccess;

/** Why the library is of no use. */
export interface NativeFailure {
  readonly ok: false;
  readonly error: string;
}

/** What the library says. */
export interface NativeSuccess {
  readonly ok: true;
  /** Path of the native library. */
  readonly path: string;
  readonly libtorch: string;
  /** Whether libtorch brings CUDA kernels. */
  readonly cuda: boolean;
  readonly abi: number;
  /** Milliseconds until the library is open, and for the first operation after that. */
  readonly openMs: number;
  readonly firstOpMs: number;
  readonly threads: number;
  readonly cudaDevices: number;
  /** What `--dtype auto` takes, by device. */
  readonly fastest: Readonly<Record<string, FastestDtype>>;
}

function report(): NativeReport {
  const start = performance.now();
  const { path, libtorchVersion, cuda, abi } = ensureNative({ build: false });
  const opened = performance.now();
  using one = full([], 1);
  using sum = add(one, one);
  const value = item(sum);
  const firstOpMs = performance.now() - opened;
  if (value !== 2) return { ok: false, error: `1 + 1 gives ${value}` };
  const devices: readonly Device[] = cudaDevices() > 0 ? ["cpu", "cuda"] : ["cpu"];
  return {
    ok: true,
    path,
    libtorch: libtorchVersion,
    cuda,
    abi,
    openMs: opened - start,
    firstOpMs,
    threads: getThreads(),
    cudaDevices: cudaDevices(),
    fastest: Object.fromEntries(devices.map((device) => [device, fastestDtype(device)])),
  };
}

if (import.meta.main) {
  let found: NativeReport;
  try {
    found = report();
  } catch (error) {
    found = { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
  console.log(JSON.stringify(found));
}
