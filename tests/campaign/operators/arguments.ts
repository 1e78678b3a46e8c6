/**
 * Arguments for libtorch's operators, by what their schemas ask for: mostly what fits, now and then what
 * no caller would send.
 * @module
 */
import {
  type Device,
  type DType,
  full,
  generator,
  type OperatorArgument,
  type Tensor,
  zeros,
} from "../../../lib/tensor/mod.ts";
import type { Random } from "../random.ts";

const dtypes: readonly DType[] = [
  ...["float32", "float32", "float32", "float64", "float16", "bfloat16"] as const,
  ...["int8", "uint8", "int16", "int32", "int64", "int64", "bool"] as const,
];

/** At the edges, and none between them of which a tensor would fill this machine. */
const numbers = [-1, 0, 1, 2, 3, 5, -3, 2 ** 40, -(2 ** 40), 2 ** 53, 0.5, NaN, Infinity, -0];

/** Tensors that stay for some calls. */
const KEPT = 48;

/** Names of an operator's arguments' types, `["Tensor", "Scalar", "SymInt[]"]`. */
export function argumentTypes(schema: string): string[] {
  const inside = schema.slice(schema.indexOf("(") + 1, schema.lastIndexOf(") ->"));
  return inside.split(/, (?![^[]*\])/).map((argument) => argument.trim().split(" ")[0])
    .filter((type) => type !== "*" && type !== "")
    .map((type) => type.replace(/\([a-z]!?$|\([a-z]!?\)/, ""));
}

/** Makes arguments out of tensors that it holds. */
export class Arguments {
  readonly #random: Random;
  readonly #held: Tensor[] = [];
  readonly #gone: Tensor;
  readonly #generator = generator(1, "cpu");

  constructor(random: Random) {
    this.#random = random;
    this.#gone = zeros([1]);
    this.#gone.dispose();
    while (this.#held.length < KEPT) this.#held.push(this.#fresh());
  }

  /** One for each type. */
  make(types: readonly string[]): OperatorArgument[] {
    return types.map((type) =>
      this.#random.chance(0.03)
        ? this.#any()
        : type.endsWith("?") && this.#random.chance(0.5)
        ? undefined
        : this.#of(type.replace(/\?$/, ""))
    );
  }

  /** Keeps a result in place of a held tensor, or frees it. */
  take(result: Tensor): void {
    const keep = result.numel < 5000 && this.#random.chance(0.2);
    if (keep) this.#replace(result);
    else result.dispose();
    if (this.#random.chance(0.05)) this.#replace(this.#fresh());
  }

  /** Frees what is held. */
  [Symbol.dispose](): void {
    for (const tensor of this.#held) tensor.dispose();
    this.#generator.dispose();
  }

  #replace(tensor: Tensor): void {
    const at = this.#random.below(this.#held.length);
    this.#held[at].dispose();
    this.#held[at] = tensor;
  }

  #fresh(): Tensor {
    const random = this.#random;
    const shape = Array.from({ length: random.below(5) }, () => random.pick([0, 1, 2, 3, 4, 4]));
    const device: Device = random.chance(0.05) ? "meta" : "cpu";
    return full(shape, random.pick([0, 1, 2, -1]), { dtype: random.pick(dtypes), device });
  }

  #tensor(): Tensor {
    return this.#random.chance(0.01) ? this.#gone : this.#random.pick(this.#held);
  }

  #number(): number {
    const random = this.#random;
    return random.chance(0.9) ? random.pick([-1, 0, 1, 1, 2, 3]) : random.pick(numbers);
  }

  #list<T>(one: () => T, length = this.#random.below(5)): T[] {
    return Array.from({ length }, one);
  }

  #of(type: string): OperatorArgument {
    const random = this.#random;
    const sized = /^(?:SymInt|int|float|bool)\[(\d*)\]$/.exec(type);
    if (sized) {
      const length = sized[1] && random.chance(0.9) ? Number(sized[1]) : undefined;
      return type.startsWith("bool")
        ? this.#list(() => random.chance(0.5), length)
        : this.#list(() => this.#number(), length);
    }
    if (type.startsWith("Tensor[]")) return this.#list(() => this.#tensor());
    if (type.startsWith("Tensor?[]")) {
      return this.#list(() => random.chance(0.3) ? undefined : this.#tensor());
    }
    switch (type) {
      case "Tensor":
        return this.#tensor();
      case "bool":
        return random.chance(0.5);
      case "str":
        return random.pick(["none", "tanh", "floor", "trunc", "linear", "", "\0", "é".repeat(99)]);
      case "ScalarType":
        return { dtype: random.pick(dtypes) };
      case "Device":
        return { device: random.pick(["cpu", "meta", "cuda"]) };
      case "Generator":
        return this.#generator;
      default:
        return this.#number();
    }
  }

  /** Of a type that was not asked for. */
  #any(): OperatorArgument {
    const types = ["Tensor", "Tensor[]", "bool", "str", "ScalarType", "Device", "Generator"];
    return this.#of(this.#random.pick([...types, "SymInt", "SymInt[]", "bool[]", "Tensor?[]"]));
  }
}
