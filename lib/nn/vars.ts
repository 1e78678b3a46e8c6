/**
 * Variables under explicit dotted paths. One root owns every parameter and buffer of a model; a layer
 * is given the `Vars` of its own path and registers what it needs there.
 * @module
 */

import { ConfigError, InputError } from "../errors.ts";
import {
  type Device,
  type DType,
  empty,
  keep,
  noGrad,
  requireDevice,
  type Tensor,
  toBytes,
} from "../tensor/mod.ts";
import { type Init, materialise } from "./init.ts";
import { copyInto, type StateRecord, type StateSource } from "./state.ts";

/** How the root makes its variables. */
export interface VarsOptions {
  /** Where they live; "meta" only counts. Default "cpu". */
  readonly device?: Device;
  /** Their type. Default "float32". */
  readonly dtype?: DType;
  /**
   * Type of what linear maps and convolutions multiply by. One that autocast would cast it to halves
   * its memory and changes no result under autocast. Default: `dtype`.
   */
  readonly products?: DType;
  /** Seed of all random initial values. Default 0. */
  readonly seed?: number;
  /**
   * Says of a path that {@link Vars.load} will fill it: it gets memory and no first value, which for
   * a large model takes longer to draw than to read. Default: none.
   */
  readonly given?: (path: string) => boolean;
  /** Linear maps get a trainable low-rank part beside their weight. Default: none do. */
  readonly lora?: LoraOptions;
}

/** Which linear maps get a low-rank part, and of what kind (LoRA, Hu et al. 2021). */
export interface LoraOptions {
  /** Holds the low-rank parts, apart from the weights that they are added to. */
  readonly vars: Vars;
  /** r, the rank of the update. */
  readonly rank: number;
  /** The update counts alpha / rank. */
  readonly alpha: number;
  /** Whether the linear map at this path gets one. */
  readonly targets: (path: string) => boolean;
}

/** Given to a root whose every variable comes from a file. */
export function allGiven(): boolean {
  return true;
}

/** How {@link Vars.load} matches names. */
export interface LoadOptions {
  /** Whether a missing or unexpected key is an error. Default true. */
  readonly strict?: boolean;
  /** Only keys below this path of the state are looked at: "vae" takes "vae.x", not "vae2.x". */
  readonly prefix?: string;
}

/** Which names did not match in a load that was not strict. */
export interface LoadReport {
  /** Variables that the state does not hold; they keep their values. */
  readonly missing: readonly string[];
  /** Keys of the state that no variable has. */
  readonly unexpected: readonly string[];
}

interface Entry {
  readonly tensor: Tensor;
  readonly trainable: boolean;
}

interface Store extends Required<Omit<VarsOptions, "lora">>, Pick<VarsOptions, "lora"> {
  readonly entries: Map<string, Entry>;
}

/**
 * A place in the tree of variables.
 *
 * @example
 * ```ts
 * import { Linear, Vars } from "./mod.ts";
 * const vars = Vars.root({ seed: 1 });
 * const proj = new Linear(vars.sub("blocks").sub(0).sub("proj"), 8, 8);
 * vars.named(); // "blocks.0.proj.weight", "blocks.0.proj.bias"
 * vars.dispose();
 * ```
 */
export class Vars {
  readonly #store: Store;
  /** Dotted path of this place; empty for the root. */
  readonly path: string;

  private constructor(store: Store, path: string) {
    this.#store = store;
    this.path = path;
  }

  /** Makes an empty tree. Its variables live until {@link dispose}, whatever scope is open. */
  static root(options: VarsOptions = {}): Vars {
    const { device = "cpu", dtype = "float32", seed = 0, given = () => false, lora } = options;
    const { products = dtype } = options;
    requireDevice(device);
    return new Vars({ device, dtype, products, seed, given, lora, entries: new Map() }, "");
  }

  /** Device of all variables. */
  get device(): Device {
    return this.#store.device;
  }

  /** Type of all variables that did not ask for another. */
  get dtype(): DType {
    return this.#store.dtype;
  }

  /** Type of what linear maps and convolutions multiply by. */
  get products(): DType {
    return this.#store.products;
  }

  /** The place `name` below this one; "to_out.0" is the same as "to_out" and then 0. */
  sub(name: string | number): Vars {
    return new Vars(this.#store, this.#join(String(name)));
  }

  /** How the linear map at this place is adapted, if it is. */
  get lora(): LoraOptions | undefined {
    const { lora } = this.#store;
    return lora?.targets(this.path) ? lora : undefined;
  }

  /**
   * Registers a trainable variable and gives it its first value. Its random numbers depend on the
   * root's seed and its own path alone, so a layer added elsewhere changes nothing here.
   *
   * @throws ConfigError when the path is taken
   */
  parameter(name: string, shape: readonly number[], init: Init): Tensor {
    return this.#register(name, shape, init, { trainable: true, dtype: this.#store.dtype });
  }

  /** As {@link parameter}, for what a linear map or a convolution multiplies by. */
  factor(name: string, shape: readonly number[], init: Init): Tensor {
    return this.#register(name, shape, init, { trainable: true, dtype: this.#store.products });
  }

  /**
   * Registers a variable that is saved and loaded but not trained.
   *
   * @throws ConfigError when the path is taken
   */
  buffer(
    name: string,
    shape: readonly number[],
    init: Init,
    options: { readonly dtype?: DType } = {},
  ): Tensor {
    const dtype = options.dtype ?? this.#store.dtype;
    return this.#register(name, shape, init, { trainable: false, dtype });
  }

  /** Parameters and buffers at or below this place, by their path from here. */
  named(): Map<string, Tensor> {
    return new Map(this.#below().map(([name, { tensor }]) => [name, tensor]));
  }

  /** Trainable variables at or below this place, by their path from here. */
  parameters(): Map<string, Tensor> {
    const trainable = this.#below().filter(([, entry]) => entry.trainable);
    return new Map(trainable.map(([name, { tensor }]) => [name, tensor]));
  }

  /** Number of trainable values at or below this place. */
  countParameters(): number {
    let count = 0;
    for (const tensor of this.parameters().values()) count += tensor.numel;
    return count;
  }

  /** Freezes (false) or thaws (true) the parameters at or below this place. */
  setRequiresGrad(on: boolean): void {
    for (const tensor of this.parameters().values()) tensor.setRequiresGrad(on);
  }

  /**
   * Copies `state` into the variables at or below this place; keys are paths from here, after
   * `prefix`. Types and devices of the variables stay what they are. Nothing is written when
   * anything is wrong. A variable that was `given` must be there even where missing ones are allowed.
   *
   * @throws InputError listing every missing, unexpected and wrongly shaped key together
   */
  load(
    state: ReadonlyMap<string, Tensor | StateRecord | StateSource>,
    options: LoadOptions = {},
  ): LoadReport {
    if (this.#store.device === "meta") {
      throw new InputError("cannot load weights into variables on the meta device");
    }
    const report = this.check(state, options);
    const given = belowPrefix(state, options.prefix ?? "");
    for (const [name, tensor] of this.named()) {
      const value = given.get(name);
      if (value) copyInto(tensor, value);
    }
    return report;
  }

  /** Says whether {@link load} would take `state`, by names and sizes alone; works on meta too. */
  check(
    state: ReadonlyMap<string, { readonly shape: readonly number[] }>,
    { strict = true, prefix = "" }: LoadOptions = {},
  ): LoadReport {
    const own = this.named();
    const given = belowPrefix(state, prefix);
    const missing = [...own.keys()].filter((name) => !given.has(name));
    const unexpected = [...given.keys()].filter((name) => !own.has(name));
    const shapes = [...own].flatMap(([name, tensor]) => {
      const value = given.get(name);
      if (!value || value.shape.join() === tensor.shape.join()) return [];
      return [`${name}: [${value.shape}], expected [${tensor.shape}]`];
    });
    const complaints = [
      ...complaint("missing", missing.filter((name) => strict || this.#isGiven(name))),
      ...(strict ? complaint("unexpected", unexpected) : []),
      ...complaint("of another shape", shapes),
    ];
    if (complaints.length > 0) {
      throw new InputError(`weights do not fit${this.#place()}: ${complaints.join("; ")}`);
    }
    return { missing, unexpected };
  }

  /** Copies of all variables at or below this place, as a safetensors file holds them. */
  save(): Map<string, StateRecord> {
    return new Map(
      [...this.named()].map(([name, tensor]) => [
        name,
        { dtype: tensor.dtype, shape: [...tensor.shape], bytes: toBytes(tensor) },
      ]),
    );
  }

  /** Frees the variables at or below this place and forgets them. Twice is fine. */
  dispose(): void {
    for (const name of this.named().keys()) {
      const path = this.#join(name);
      this.#store.entries.get(path)?.tensor.dispose();
      this.#store.entries.delete(path);
    }
  }

  /** Same as {@link dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #register(
    name: string,
    shape: readonly number[],
    init: Init,
    kind: { readonly trainable: boolean; readonly dtype: DType },
  ): Tensor {
    const path = this.#join(name);
    const { entries, seed, device, given } = this.#store;
    if (entries.has(path)) throw new ConfigError(`variable "${path}" exists already`);
    const { dtype } = kind;
    const tensor = given(path)
      ? empty([...shape], { device, dtype })
      : noGrad(() => materialise(shape, init, { path, seed: seedOf(seed, path), device, dtype }));
    keep(tensor);
    if (kind.trainable) tensor.setRequiresGrad(true);
    entries.set(path, { tensor, trainable: kind.trainable });
    return tensor;
  }

  #join(name: string): string {
    if (name.split(".").some((part) => part === "")) {
      throw new ConfigError(`"${name}" is no variable name: a part of it is empty`);
    }
    return this.path === "" ? name : `${this.path}.${name}`;
  }

  #below(): [string, Entry][] {
    return [...belowPrefix(this.#store.entries, this.path)];
  }

  #isGiven(name: string): boolean {
    return this.#store.given(this.#join(name));
  }

  #place(): string {
    return this.path === "" ? "" : ` "${this.path}"`;
  }
}

/** Entries whose key lies below `prefix`, by the rest of their key. */
function belowPrefix<T>(state: ReadonlyMap<string, T>, prefix: string): Map<string, T> {
  if (prefix === "") return new Map(state);
  // With its dot, so that "blocks.1" does not take "blocks.10".
  const start = prefix.endsWith(".") ? prefix : `${prefix}.`;
  const below = new Map<string, T>();
  for (const [key, value] of state) {
    if (key.startsWith(start)) below.set(key.slice(start.length), value);
  }
  return below;
}

function complaint(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, 20).join(", ");
  const rest = names.length > 20 ? ` and ${names.length - 20} more` : "";
  return [`${names.length} ${what} (${shown}${rest})`];
}

/** 52 bits of FNV-1a over the root's seed and the path. */
function seedOf(seed: number, path: string): number {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(`${seed}:${path}`)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return Number(hash >> 12n);
}
