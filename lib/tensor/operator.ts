/** The door to all of libtorch's operators, also those that have no wrapper of their own. */

import { Operator, operatorSchema } from "../native/mod.ts";
import {
  argBool,
  argBools,
  argDevice,
  argDtype,
  argGenerator,
  argNumber,
  argNumbers,
  argOmitted,
  argSparseTensors,
  argString,
  argTensor,
  begin,
  callAny,
} from "./call.ts";
import type { Device, DType } from "./dtype.ts";
import { Generator } from "./random.ts";
import { Tensor } from "./tensor.ts";

/** What an operator takes; `undefined` leaves the schema's default. */
export type OperatorArgument =
  | Tensor
  | number
  | boolean
  | string
  | undefined
  | Generator
  | readonly number[]
  | readonly boolean[]
  | readonly (Tensor | undefined)[]
  | { readonly dtype: DType }
  | { readonly device: Device };

/** What an operator gives; `undefined` for none, and for an argument that it wrote to. */
export type OperatorResult = Tensor | Tensor[] | number | number[] | undefined;

/**
 * One of libtorch's operators as a function of its schema's arguments, in order. It looks the
 * operator up once: keep the function. `Results` says what the schema gives.
 *
 * @example
 * ```ts
 * import { operator, type Tensor, tensor, toNumbers } from "./mod.ts";
 * // aten::topk(Tensor self, SymInt k, int dim=-1, bool largest=True, …) -> (Tensor, Tensor)
 * const topk = operator<[Tensor, Tensor]>("topk");
 * using x = tensor([3, 1, 2]);
 * const [values, places] = topk(x, 2);
 * toNumbers(values); // [3, 2]
 * values.dispose();
 * places.dispose();
 * ```
 *
 * @throws NativeError for a name that this libtorch lacks
 */
export function operator<Results extends readonly OperatorResult[] = [Tensor]>(
  name: string,
  overload = "",
): (...args: readonly OperatorArgument[]) => Results {
  const op = new Operator(`aten::${name}`, overload);
  const count = resultCount(operatorSchema(op.name, overload));
  return (...args) => {
    begin();
    for (const arg of args) put(arg);
    return callAny(op, count) as readonly OperatorResult[] as Results;
  };
}

/** `… -> (Tensor, Tensor)` has 2 results, `… -> ()` none. */
function resultCount(schema: string): number {
  const given = schema.slice(schema.lastIndexOf(" -> ") + 4);
  return given === "()" ? 0 : given.split(",").length;
}

function put(arg: OperatorArgument): void {
  if (arg === undefined) argOmitted();
  else if (typeof arg === "number") argNumber(arg);
  else if (typeof arg === "boolean") argBool(arg);
  else if (typeof arg === "string") argString(arg);
  else if (arg instanceof Tensor) argTensor(arg);
  else if (arg instanceof Generator) argGenerator(arg);
  else if ("dtype" in arg) argDtype(arg.dtype);
  else if ("device" in arg) argDevice(arg.device);
  else putList(arg);
}

function putList(list: readonly (number | boolean | Tensor | undefined)[]): void {
  if (list.every((value) => typeof value === "number")) argNumbers(list);
  else if (list.every((value) => typeof value === "boolean")) argBools(list);
  else argSparseTensors(list as readonly (Tensor | undefined)[]);
}
