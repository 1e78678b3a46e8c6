/**
 * Content Credentials (C2PA) by c2pa-rs: reads and checks the manifests of files, and signs files.
 * Files and JSON in, JSON out; what the JSON says is documented with c2pa-rs.
 * @module
 */
import { C2paError } from "../../errors.ts";
import { FileStream } from "./file_stream.ts";
import { type C2paSymbols, c2paSymbols } from "./library.ts";

/** Who signs. */
export interface C2paSigner {
  /** `es256`, `es384`, `es512`, `ps256` or `ed25519`. */
  readonly algorithm: string;
  /** PEM, the signer's certificate first. */
  readonly certificates: string;
  /** PEM, PKCS #8, not encrypted. */
  readonly privateKey: string;
}

/** A file that went into the signed one. */
export interface C2paIngredient {
  /** Path of the file. */
  readonly path: string;
  /** MIME type. */
  readonly format: string;
  /** `title`, `relationship` and `label`, which actions name. */
  readonly ingredient: object;
}

/** A manifest that is to be signed. */
export interface C2paManifest {
  /** c2pa-rs's manifest definition. */
  readonly definition: object;
  readonly ingredients: readonly C2paIngredient[];
  readonly signer: C2paSigner;
}

/** What every call takes: the library's file, and c2pa-rs's settings. */
export interface C2paCall {
  readonly library: string;
  readonly settings: object;
}

/**
 * The manifest store of a file as JSON, checked; of `sidecar` where the manifest lies beside the file.
 * @throws {C2paError} where there is none or it cannot be read
 */
export function readManifest(
  path: string,
  { library, settings, format, sidecar }: C2paCall & {
    readonly format: string;
    readonly sidecar?: Uint8Array<ArrayBuffer>;
  },
): string {
  const c2pa = c2paSymbols(library);
  using file = Deno.openSync(path);
  using stream = new FileStream(c2pa, file);
  using reader = new Handle(c2pa, withContext(c2pa, settings, c2pa.c2pa_reader_from_context));
  reader.swap((pointer) =>
    sidecar
      ? c2pa.c2pa_reader_with_manifest_data_and_stream(
        ...[pointer, cString(format), stream.pointer] as const,
        ...[sidecar, BigInt(sidecar.length)] as const,
      )
      : c2pa.c2pa_reader_with_stream(pointer, cString(format), stream.pointer)
  );
  const text = c2pa.c2pa_reader_json(reader.pointer);
  if (text === null) throw lastError(c2pa);
  return takeString(c2pa, text);
}

/**
 * Writes `path` with the signed manifest in it to `target`, which must not be there yet.
 * @throws {C2paError} where the manifest, the certificate or the file will not do
 */
export function signFile(
  path: string,
  { target, format, manifest, ...call }: C2paCall & {
    readonly target: string;
    readonly format: string;
    readonly manifest: C2paManifest;
  },
): void {
  const c2pa = c2paSymbols(call.library);
  using source = Deno.openSync(path);
  using out = Deno.openSync(target, { read: true, write: true, createNew: true });
  using from = new FileStream(c2pa, source);
  using to = new FileStream(c2pa, out);
  using builder = builderOf(c2pa, manifest, call.settings);
  using signer = signerOf(c2pa, manifest.signer);
  using bytes = new ManifestBytes(c2pa);
  bytes.check(c2pa.c2pa_builder_sign(
    ...[builder.pointer, cString(format), from.pointer, to.pointer] as const,
    ...[signer.pointer, bytes.address] as const,
  ));
}

/** Room that c2pa-rs keeps for a manifest before it signs; it is cut to what is needed. */
const PLACEHOLDER_BYTES = 20_000n;

/**
 * A signed manifest for a file of any kind, to be kept beside it; `sha256` is the file's.
 * @throws {C2paError} where the manifest or the certificate will not do
 */
export function signHash(
  sha256: Uint8Array,
  { manifest, ...call }: C2paCall & { readonly manifest: C2paManifest },
): Uint8Array {
  const c2pa = c2paSymbols(call.library);
  using builder = builderOf(c2pa, manifest, call.settings);
  using signer = signerOf(c2pa, manifest.signer);
  const format = cString("application/c2pa");
  {
    using placeholder = new ManifestBytes(c2pa);
    const { address } = placeholder;
    placeholder.check(
      c2pa.c2pa_builder_data_hashed_placeholder(
        builder.pointer,
        PLACEHOLDER_BYTES,
        format,
        address,
      ),
    );
  }
  const hash = { exclusions: [], name: "whole file", alg: "sha256", hash: [...sha256], pad: [] };
  using bytes = new ManifestBytes(c2pa);
  const length = bytes.check(c2pa.c2pa_builder_sign_data_hashed_embeddable(
    ...[builder.pointer, signer.pointer, cString(JSON.stringify(hash)), format] as const,
    ...[null, bytes.address] as const,
  ));
  return bytes.read(length);
}

function builderOf(
  c2pa: C2paSymbols,
  { definition, ingredients }: C2paManifest,
  settings: object,
): Handle {
  const builder = new Handle(c2pa, withContext(c2pa, settings, c2pa.c2pa_builder_from_context));
  try {
    const text = cString(JSON.stringify(definition));
    builder.swap((pointer) => c2pa.c2pa_builder_with_definition(pointer, text));
    for (const { path, format, ingredient } of ingredients) {
      using file = Deno.openSync(path);
      using stream = new FileStream(c2pa, file);
      const json = cString(JSON.stringify(ingredient));
      const status = c2pa.c2pa_builder_add_ingredient_from_stream(
        ...[builder.pointer, json, cString(format), stream.pointer] as const,
      );
      if (status !== 0) throw lastError(c2pa);
    }
    return builder;
  } catch (error) {
    builder[Symbol.dispose]();
    throw error;
  }
}

function signerOf(c2pa: C2paSymbols, signer: C2paSigner): Handle {
  const texts = [signer.algorithm, signer.certificates, signer.privateKey].map(cString);
  // struct { alg, sign_cert, private_key, ta_url }, and behind it the texts: no authority stamps the time.
  const words = 4 * BigUint64Array.BYTES_PER_ELEMENT;
  const length = texts.reduce((sum, text) => sum + text.length, words);
  const info = new Uint8Array(length);
  const struct = new BigUint64Array(info.buffer, 0, 4);
  const base = Deno.UnsafePointer.value(Deno.UnsafePointer.of(info));
  let at = words;
  for (const [field, text] of texts.entries()) {
    struct[field] = base + BigInt(at);
    info.set(text, at);
    at += text.length;
  }
  return new Handle(c2pa, c2pa.c2pa_signer_from_info(info));
}

function withContext(
  c2pa: C2paSymbols,
  settings: object,
  make: (context: Deno.PointerValue) => Deno.PointerValue,
): Deno.PointerValue {
  using given = new Handle(c2pa, c2pa.c2pa_settings_new());
  const text = cString(JSON.stringify(settings));
  if (c2pa.c2pa_settings_update_from_string(given.pointer, text, cString("json")) !== 0) {
    throw lastError(c2pa);
  }
  using builder = new Handle(c2pa, c2pa.c2pa_context_builder_new());
  if (c2pa.c2pa_context_builder_set_settings(builder.pointer, given.pointer) !== 0) {
    throw lastError(c2pa);
  }
  using context = new Handle(c2pa, builder.give(c2pa.c2pa_context_builder_build));
  return make(context.pointer);
}

/** An object of the library, freed with the block that holds it. */
class Handle implements Disposable {
  readonly #library: C2paSymbols;
  #pointer: Deno.PointerValue;

  constructor(library: C2paSymbols, pointer: Deno.PointerValue) {
    if (pointer === null) throw lastError(library);
    this.#library = library;
    this.#pointer = pointer;
  }

  get pointer(): Deno.PointerValue {
    return this.#pointer;
  }

  /** Hands the object to a call that takes it over, also where it fails. */
  give(call: (pointer: Deno.PointerValue) => Deno.PointerValue): Deno.PointerValue {
    const pointer = this.#pointer;
    this.#pointer = null;
    return call(pointer);
  }

  /** As {@linkcode Handle.give}, for a call that answers with the object to go on with. */
  swap(call: (pointer: Deno.PointerValue) => Deno.PointerValue): void {
    this.#pointer = this.give(call);
    if (this.#pointer === null) throw lastError(this.#library);
  }

  [Symbol.dispose](): void {
    if (this.#pointer !== null) this.#library.c2pa_free(this.#pointer);
    this.#pointer = null;
  }
}

/** Bytes that a call allocates. */
class ManifestBytes implements Disposable {
  /** Where the call writes the bytes' address. */
  readonly address: BigUint64Array<ArrayBuffer> = new BigUint64Array(1);
  readonly #library: C2paSymbols;

  constructor(library: C2paSymbols) {
    this.#library = library;
  }

  /** The length that a call answered; throws where it is an error's. */
  check(length: bigint): number {
    if (length < 0n) throw lastError(this.#library);
    return Number(length);
  }

  read(length: number): Uint8Array {
    const pointer = Deno.UnsafePointer.create(this.address[0]);
    if (pointer === null) return new Uint8Array();
    return new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(pointer, length).slice(0));
  }

  [Symbol.dispose](): void {
    const pointer = Deno.UnsafePointer.create(this.address[0]);
    if (pointer !== null) this.#library.c2pa_manifest_bytes_free(pointer);
  }
}

function lastError(c2pa: C2paSymbols): C2paError {
  const text = c2pa.c2pa_error();
  return new C2paError(text === null ? "unknown" : takeString(c2pa, text));
}

function takeString(c2pa: C2paSymbols, text: NonNullable<Deno.PointerValue>): string {
  try {
    return new Deno.UnsafePointerView(text).getCString();
  } finally {
    c2pa.c2pa_string_free(text);
  }
}

function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text + "\0");
}
