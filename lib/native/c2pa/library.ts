/**
 * Opens the C interface of c2pa-rs, the library of Content Credentials.
 * @module
 */
import { EnvironmentError } from "../../errors.ts";

const SYMBOLS = {
  c2pa_error: { parameters: [], result: "pointer" },
  c2pa_string_free: { parameters: ["pointer"], result: "void" },
  c2pa_free: { parameters: ["pointer"], result: "i32" },
  c2pa_manifest_bytes_free: { parameters: ["pointer"], result: "void" },
  c2pa_settings_new: { parameters: [], result: "pointer" },
  c2pa_settings_update_from_string: { parameters: ["pointer", "buffer", "buffer"], result: "i32" },
  c2pa_context_builder_new: { parameters: [], result: "pointer" },
  c2pa_context_builder_set_settings: { parameters: ["pointer", "pointer"], result: "i32" },
  c2pa_context_builder_build: { parameters: ["pointer"], result: "pointer" },
  c2pa_create_stream: {
    parameters: ["pointer", "function", "function", "function", "function"],
    result: "pointer",
  },
  c2pa_release_stream: { parameters: ["pointer"], result: "void" },
  c2pa_reader_from_context: { parameters: ["pointer"], result: "pointer" },
  c2pa_reader_with_stream: { parameters: ["pointer", "buffer", "pointer"], result: "pointer" },
  c2pa_reader_with_manifest_data_and_stream: {
    parameters: ["pointer", "buffer", "pointer", "buffer", "usize"],
    result: "pointer",
  },
  c2pa_reader_json: { parameters: ["pointer"], result: "pointer" },
  c2pa_builder_from_context: { parameters: ["pointer"], result: "pointer" },
  c2pa_builder_with_definition: { parameters: ["pointer", "buffer"], result: "pointer" },
  c2pa_builder_add_ingredient_from_stream: {
    parameters: ["pointer", "buffer", "buffer", "pointer"],
    result: "i32",
  },
  c2pa_signer_from_info: { parameters: ["buffer"], result: "pointer" },
  c2pa_builder_sign: {
    parameters: ["pointer", "buffer", "pointer", "pointer", "pointer", "buffer"],
    result: "i64",
  },
  c2pa_builder_data_hashed_placeholder: {
    parameters: ["pointer", "usize", "buffer", "buffer"],
    result: "i64",
  },
  c2pa_builder_sign_data_hashed_embeddable: {
    parameters: ["pointer", "pointer", "buffer", "buffer", "pointer", "buffer"],
    result: "i64",
  },
} as const;

/** The C functions, typed. */
export type C2paSymbols = Deno.StaticForeignLibraryInterface<typeof SYMBOLS>;

const opened = new Map<string, C2paSymbols>();

/**
 * The functions of the library at `path`, opened once.
 * @throws {EnvironmentError} when it cannot be opened or lacks a function
 */
export function c2paSymbols(path: string): C2paSymbols {
  const there = opened.get(path);
  if (there) return there;
  try {
    const { symbols } = Deno.dlopen(path, SYMBOLS);
    opened.set(path, symbols);
    return symbols;
  } catch (cause) {
    throw new EnvironmentError(
      `cannot open the library of Content Credentials ${path}: ${(cause as Error).message}`,
      { cause },
    );
  }
}
