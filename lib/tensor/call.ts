/** What the generated wrappers are written in: arguments in, a call, and an observer. */

import {
  beginArguments,
  invoke,
  openTensors,
  type Operator,
  putHandle,
  putNumber,
  putNumbers,
  putOmitted,
  putString,
  putTensor,
} from "../native/mod.ts";
import { type Device, deviceCode, type DType, dtypeBytes, dtypeCode } from "./dtype.ts";
import type { Generator } from "./random.ts";
import { beginResults, nextAny, nextNumber, nextTensor, nextTensors } from "./results.ts";
import { handleOf, Tensor } from "./tensor.ts";

/** What an operator was called with, and what it gave. */
export interface OperatorCall {
  /** The operator, as `aten::conv2d`. */
  readonly op: string;
  /** Shapes of the tensor arguments, those in lists too, in order. */
  readonly inputs: readonly (readonly number[])[];
  /** Shapes of the new tensors. */
  readonly outputs: readonly (readonly number[])[];
  /** Bytes that the tensor arguments and the new tensors span together. */
  readonly bytes: number;
}

/** One operator call, as an observer sees it. */
export interface CallRecord extends OperatorCall {
  /** When it was called, as `performance.now()`. */
  readonly startMs: number;
  /** How long it took, milliseconds. */
  readonly ms: number;
}

/** Is told of each operator call. */
export type Observer = (call: CallRecord) => void;

let observer: Observer | undefined;
let seenInputs: Tensor[] = [];
let startMs = 0;

/**
 * Runs `fn` with an observer of each operator called, to count FLOPs on the meta device; off, it
 * costs next to nothing. An outer observer does not see what an inner one sees.
 */
export function onCall<T>(observe: (call: CallRecord) => void, fn: () => T): T {
  const before = setObserver(observe);
  try {
    return fn();
  } finally {
    setObserver(before);
  }
}

/** Sets who is told of each call, or nobody; gives the former one. */
export function setObserver(next: Observer | undefined): Observer | undefined {
  const before = observer;
  observer = next;
  return before;
}

/** Starts an argument list. */
export function begin(): void {
  beginArguments();
  if (observer !== undefined) seenInputs = [];
}

/** A tensor. */
export function argTensor(value: Tensor): void {
  putTensor(handleOf(value));
  if (observer !== undefined) seenInputs.push(value);
}

/** A tensor, or a number that takes part in type promotion as Python's would. */
export function argValue(value: Tensor | number): void {
  if (typeof value === "number") putNumber(value);
  else argTensor(value);
}

/** A tensor or nothing. */
export function argOptional(value: Tensor | undefined): void {
  if (value === undefined) putOmitted();
  else argTensor(value);
}

/** A list of tensors. */
export function argTensors(values: readonly Tensor[] | undefined): void {
  if (values === undefined) return putOmitted();
  openTensors(values.length);
  for (const value of values) {
    putHandle(handleOf(value));
    if (observer !== undefined) seenInputs.push(value);
  }
}

/** A list of tensors with gaps. */
export function argSparseTensors(values: readonly (Tensor | undefined)[]): void {
  openTensors(values.length);
  for (const value of values) putHandle(value === undefined ? 0 : handleOf(value));
}

/** A number. */
export function argNumber(value: number | undefined): void {
  if (value === undefined) putOmitted();
  else putNumber(value);
}

/** A boolean. */
export function argBool(value: boolean | undefined): void {
  if (value === undefined) putOmitted();
  else putNumber(value ? 1 : 0);
}

/** A list of numbers; a lone number stands for a list of one, or fills a list of known length. */
export function argNumbers(value: number | readonly number[] | undefined): void {
  if (value === undefined) putOmitted();
  else if (typeof value === "number") putNumber(value);
  else putNumbers(value);
}

/** A list of booleans. */
export function argBools(value: readonly boolean[] | undefined): void {
  if (value === undefined) putOmitted();
  else putNumbers(value.map(Number));
}

/** A string. */
export function argString(value: string | undefined): void {
  if (value === undefined) putOmitted();
  else putString(value);
}

/** A dtype. */
export function argDtype(value: DType | undefined): void {
  if (value === undefined) putOmitted();
  else putNumber(dtypeCode(value));
}

/** A device. */
export function argDevice(value: Device | undefined): void {
  if (value === undefined) putOmitted();
  else putNumber(deviceCode(value));
}

/** A generator. */
export function argGenerator(value: Generator | undefined): void {
  if (value === undefined) putOmitted();
  else putNumber(value.handle);
}

/** An argument that the wrapper does not offer. */
export function argOmitted(): void {
  putOmitted();
}

function run(op: Operator): void {
  if (observer !== undefined) startMs = performance.now();
  invoke(op);
  beginResults();
}

function report({ name }: Pick<Operator, "name">, outputs: readonly Tensor[]): void {
  if (observer === undefined) return;
  const ms = performance.now() - startMs;
  const shapes = (tensors: readonly Tensor[]) => tensors.map(({ shape }) => shape);
  const bytes = [...seenInputs, ...outputs]
    .reduce((sum, { numel, dtype }) => sum + numel * dtypeBytes(dtype), 0);
  observer({
    ...{ op: name, inputs: shapes(seenInputs), outputs: shapes(outputs), bytes },
    ...{ startMs, ms },
  });
}

/** Runs what is no operator and is told of as one: `inputs` → tensors, or undefined among them. */
export function callAs(
  name: string,
  inputs: readonly Tensor[],
  fn: () => (Tensor | undefined)[],
): (Tensor | undefined)[] {
  if (observer === undefined) return fn();
  startMs = performance.now();
  const outputs = fn();
  seenInputs = [...inputs];
  report({ name }, outputs.filter((output) => output !== undefined));
  return outputs;
}

/** Calls an operator that gives one tensor. */
export function callTensor(op: Operator): Tensor {
  run(op);
  const tensor = nextTensor();
  if (observer !== undefined) report(op, [tensor]);
  return tensor;
}

/** Calls an operator that gives a list of tensors. */
export function callTensors(op: Operator): Tensor[] {
  run(op);
  const tensors = nextTensors();
  report(op, tensors);
  return tensors;
}

/** Calls an operator that gives several tensors, some of which may be absent in some modes. */
export function callTuple(op: Operator, length: number): Tensor[] {
  run(op);
  const tensors: Tensor[] = [];
  for (let i = 0; i < length; i++) tensors.push(nextTensor());
  report(op, tensors);
  return tensors;
}

/** Calls an operator that gives nothing, or what it was given. */
export function callVoid(op: Operator): void {
  run(op);
  report(op, []);
}

/** Calls an operator that gives a number. */
export function callNumber(op: Operator): number {
  run(op);
  const value = nextNumber();
  report(op, []);
  return value;
}

/** Calls an operator that gives a boolean. */
export function callBool(op: Operator): boolean {
  return callNumber(op) !== 0;
}

/** Calls an operator that gives `count` results of any kind. */
export function callAny(op: Operator, count: number): ReturnType<typeof nextAny>[] {
  run(op);
  const results = Array.from({ length: count }, nextAny);
  if (observer !== undefined) {
    report(op, results.flat().filter((result) => result instanceof Tensor));
  }
  return results;
}
