/**
 * Calls operators by chance and says what went wrong. Arguments: seed, calls, a file that names the
 * operator at hand, operators to leave out.
 * @module
 */
import { fileURLToPath } from "node:url";
import { IsaError } from "../../../lib/errors.ts";
import { operatorSchema } from "../../../lib/native/mod.ts";
import { liveTensors, noGrad, operator, Tensor } from "../../../lib/tensor/mod.ts";
import { Random } from "../random.ts";
import { Arguments, argumentTypes } from "./arguments.ts";

/** What a worker says: how far it is, or a fault. */
export type Line =
  | { readonly calls: number; readonly refused: number; readonly operators: number }
  | { readonly operator: string; readonly fault: string };

/** Calls between two lines. */
const EVERY = 2000;

/** Names of the operators with a typed wrapper, as `native/ops.txt` has them. */
function operatorNames(): string[] {
  const text = Deno.readTextFileSync(
    fileURLToPath(new URL("../../../native/ops.txt", import.meta.url)),
  );
  return text.split("\n").map((line) => line.split(" as ")[0].trim())
    .filter((name) => name !== "" && !name.startsWith("#"));
}

function say(line: Line): void {
  console.log(JSON.stringify(line));
}

/** The message of a refusal must be one that can be shown. */
function faultOf(error: unknown): string | undefined {
  if (!(error instanceof IsaError)) return `throws ${(error as Error)?.stack ?? error}`;
  if (error.message === "") return "is refused without a word";
  return undefined;
}

function* results(value: unknown): Generator<Tensor> {
  if (value instanceof Tensor) yield value;
  else if (Array.isArray(value)) { for (const each of value) yield* results(each); }
}

function call(seed: number, calls: number, file: Deno.FsFile, without: ReadonlySet<string>): void {
  const random = new Random(seed);
  using given = new Arguments(random);
  const all = operatorNames().filter((name) => !without.has(name)).map((name) => {
    const [base, overload] = name.split(".");
    const types = argumentTypes(operatorSchema(`aten::${base}`, overload ?? ""));
    return { name, types, run: operator<readonly Tensor[]>(base, overload) };
  });
  const bytes = new Uint8Array(80);
  let refused = 0;
  for (let i = 1; i <= calls; i++) {
    const { name, types, run } = random.pick(all);
    new TextEncoder().encodeInto(name.padEnd(bytes.length), bytes);
    file.seekSync(0, Deno.SeekMode.Start);
    file.writeSync(bytes);
    try {
      for (const tensor of results(run(...given.make(types)))) given.take(tensor);
    } catch (error) {
      refused++;
      const fault = faultOf(error);
      if (fault) say({ operator: name, fault });
    }
    if (i % EVERY === 0 || i === calls) say({ calls: i, refused, operators: all.length });
  }
}

if (import.meta.main) {
  const [seed, calls, path, ...without] = Deno.args;
  using file = Deno.openSync(path, { write: true, create: true });
  noGrad(() => call(Number(seed), Number(calls), file, new Set(without)));
  if (liveTensors() !== 0) say({ operator: "all", fault: `${liveTensors()} tensors stay` });
}
