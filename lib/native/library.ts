/** Opens the native library at its first use. */

import { EnvironmentError, NativeError } from "../errors.ts";
import { buildLibrary, type BuildOptions } from "./build.ts";
import { nativeError } from "./errors.ts";

// Of native/src/isa4d.h.
const ABI_VERSION = 3;

const SYMBOLS = {
  isa4d_abi_version: { parameters: [], result: "i32" },
  isa4d_bind: { parameters: ["buffer", "f64", "buffer", "f64", "buffer", "f64"], result: "i32" },
  isa4d_throw: { parameters: ["i32"], result: "i32" },
  isa4d_operator: { parameters: ["buffer", "buffer"], result: "i32" },
  isa4d_schema: { parameters: ["buffer", "buffer", "buffer", "f64"], result: "i32" },
  isa4d_call: { parameters: ["i32"], result: "i32" },
  isa4d_free: { parameters: ["f64"], result: "i32" },
  isa4d_from_bytes: { parameters: ["buffer", "f64"], result: "i32" },
  isa4d_to_bytes: { parameters: ["f64", "buffer", "f64"], result: "i32" },
  isa4d_item: { parameters: ["f64"], result: "i32" },
  isa4d_share: { parameters: ["f64"], result: "i32" },
  isa4d_data_address: { parameters: ["f64"], result: "i32" },
  isa4d_storage: { parameters: ["f64"], result: "i32" },
  isa4d_is_contiguous: { parameters: ["f64"], result: "i32" },
  isa4d_requires_grad: { parameters: ["f64"], result: "i32" },
  isa4d_set_requires_grad: { parameters: ["f64", "i32"], result: "i32" },
  isa4d_grad: { parameters: [], result: "i32" },
  isa4d_set_grad_enabled: { parameters: ["i32"], result: "i32" },
  isa4d_enter_inference: { parameters: [], result: "i32" },
  isa4d_leave_inference: { parameters: [], result: "i32" },
  isa4d_set_autocast: { parameters: ["i32", "i32", "i32"], result: "i32" },
  isa4d_autocast_nesting: { parameters: ["i32"], result: "i32" },
  isa4d_clear_autocast_cache: { parameters: [], result: "i32" },
  isa4d_generator_new: { parameters: ["f64", "f64"], result: "i32" },
  isa4d_generator_free: { parameters: ["f64"], result: "i32" },
  isa4d_generator_seed: { parameters: ["f64", "f64"], result: "i32" },
  isa4d_generator_state: { parameters: ["f64"], result: "i32" },
  isa4d_generator_set_state: { parameters: ["f64", "f64"], result: "i32" },
  isa4d_manual_seed: { parameters: ["f64"], result: "i32" },
  isa4d_set_threads: { parameters: ["i32"], result: "i32" },
  isa4d_get_threads: { parameters: [], result: "i32" },
  isa4d_cuda_devices: { parameters: [], result: "i32" },
  isa4d_synchronize: { parameters: ["f64"], result: "i32" },
  isa4d_memory_stats: { parameters: ["f64"], result: "i32" },
  isa4d_device_room: { parameters: ["f64"], result: "i32" },
  isa4d_reset_peak_memory: { parameters: ["f64"], result: "i32" },
  isa4d_empty_cache: { parameters: ["f64"], result: "i32" },
  isa4d_allow_tf32: { parameters: ["i32"], result: "i32" },
  isa4d_deterministic: { parameters: ["i32"], result: "i32" },
  isa4d_group_new: { parameters: ["buffer", "buffer"], result: "i32" },
  isa4d_group_free: { parameters: ["f64"], result: "i32" },
  isa4d_group_fail: { parameters: ["f64", "buffer"], result: "i32" },
  isa4d_group_check: { parameters: ["f64"], result: "i32" },
  isa4d_all_reduce: { parameters: ["f64", "f64", "i32"], result: "i32" },
  isa4d_reduce: { parameters: ["f64", "f64", "i32"], result: "i32" },
  isa4d_broadcast: { parameters: ["f64", "f64", "i32"], result: "i32" },
  isa4d_all_gather: { parameters: ["f64", "f64", "f64"], result: "i32" },
  isa4d_barrier: { parameters: ["f64"], result: "i32" },
  isa4d_exchange_wait: { parameters: ["f64"], result: "i32" },
  isa4d_exchange_done: { parameters: ["f64"], result: "i32" },
  isa4d_exchange_free: { parameters: ["f64"], result: "i32" },
  isa4d_buckets_new: { parameters: ["f64"], result: "i32" },
  isa4d_buckets_free: { parameters: ["f64"], result: "i32" },
  isa4d_buckets_views: { parameters: ["f64"], result: "i32" },
  isa4d_buckets_clear: { parameters: ["f64"], result: "i32" },
  isa4d_buckets_begin: { parameters: ["f64", "i32"], result: "i32" },
  isa4d_buckets_end: { parameters: ["f64"], result: "i32" },
  isa4d_buckets_wait: { parameters: ["f64"], result: "i32" },
  isa4d_buckets_broadcast: { parameters: ["f64"], result: "i32" },
} as const;

/** The C functions, typed. */
export type NativeSymbols = Deno.StaticForeignLibraryInterface<typeof SYMBOLS>;

/** Words that one call may take, and may give. */
const ARENA_WORDS = 1 << 17;

/** Encoded arguments of the next call; see native/src/isa4d.h for the encoding. */
export const argumentArena: Float64Array<ArrayBuffer> = new Float64Array(ARENA_WORDS);

/** Encoded results of the last call. */
export const resultArena: Float64Array<ArrayBuffer> = new Float64Array(ARENA_WORDS);

const errorBuffer = new Uint8Array(16384);

let symbols: NativeSymbols | undefined;

/** What {@link ensureNative} found or built. */
export interface NativeInfo {
  /** Path of the shared library. */
  readonly path: string;
  /** Version of libtorch, as `2.13.0`. */
  readonly libtorchVersion: string;
  /** Folder of libtorch. */
  readonly libtorchPath: string;
  /** Whether that libtorch brings CUDA kernels. */
  readonly cuda: boolean;
  /** Version of the native library's interface. */
  readonly abi: number;
}

/**
 * Builds the native library where it is not built yet, opens it and checks that it answers.
 * @throws {EnvironmentError} when libtorch, CMake or a compiler is missing, or the build fails
 */
export function ensureNative(options: BuildOptions = {}): NativeInfo {
  const built = buildLibrary(options);
  if (!symbols) symbols = open(built.path);
  const { version, path, cuda } = built.libtorch;
  return { path: built.path, libtorchVersion: version, libtorchPath: path, cuda, abi: ABI_VERSION };
}

/** The C functions; opens the library at the first call. */
export function native(): NativeSymbols {
  symbols ??= open(buildLibrary().path);
  return symbols;
}

function open(path: string): NativeSymbols {
  let opened: NativeSymbols;
  try {
    opened = Deno.dlopen(path, SYMBOLS).symbols;
  } catch (cause) {
    throw new EnvironmentError(
      `cannot open the native library ${path}: ${(cause as Error).message}`,
      { cause },
    );
  }
  const abi = opened.isa4d_abi_version();
  if (abi !== ABI_VERSION) {
    throw new EnvironmentError(
      `the native library ${path} has ABI ${abi}, expected ${ABI_VERSION}; delete .deps/native`,
    );
  }
  check(opened.isa4d_bind(
    argumentArena,
    ARENA_WORDS,
    resultArena,
    ARENA_WORDS,
    errorBuffer,
    errorBuffer.length,
  ));
  return opened;
}

/** Throws the typed error of a failed call. */
export function check(status: number): void {
  if (status !== 0) throw nativeError(status, errorBuffer);
}

/** Throws where one call would take more than the arena holds. */
export function checkRoom(words: number): void {
  if (words <= ARENA_WORDS) return;
  throw new NativeError(
    "value",
    `the arguments take ${words} words, a call takes at most ${ARENA_WORDS}`,
  );
}
