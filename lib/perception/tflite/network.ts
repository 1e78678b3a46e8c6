// B batch, H height, W width, C channels

/**
 * Runs a `.tflite` network with libtorch. The file's pictures are [B,H,W,C]; here they are
 * [B,C,H,W] as libtorch's operators want them, but lie in memory as in the file ("channels last"),
 * which its convolutions like best.
 * @module
 */
import { type Device, fromBytes, keep, scope, type Tensor, to } from "../../tensor/mod.ts";
import { borderOf, isBareConvolution, type Step, stepOf } from "./operators.ts";
import { type Graph, readGraph } from "./read.ts";

/** Numbers of operators that only unpack constants. */
const DEQUANTIZE = 6;
const DENSIFY = 124;
const PAD = 34;

/** A step and what it may free: values that nobody needs afterwards. */
interface Move {
  readonly run: Step;
  readonly from: readonly number[];
  readonly to: number;
  readonly last: readonly number[];
}

/** A network with its weights; dispose it. */
export class TfliteNetwork implements Disposable {
  readonly #graph: Graph;
  readonly #moves: readonly Move[];
  readonly #weights: readonly Tensor[];

  /**
   * Of a file's bytes; `path` is what errors call it. Throws {@linkcode InputError} for what is no
   * network, and for operators that none of ours has.
   */
  constructor(
    bytes: Uint8Array,
    { path, device = "cpu" }: { readonly path: string; readonly device?: Device },
  ) {
    this.#graph = readGraph(bytes, path);
    const weights: Tensor[] = [];
    const keepWeight = (value: Tensor): Tensor => {
      weights.push(keep(value));
      return value;
    };
    this.#moves = movesOf(this.#graph, { path, device, keepWeight });
    this.#weights = weights;
  }

  /**
   * Pictures [B,C,H,W] → what the network gives, in its file's order: [B,C,H,W] for pictures, else
   * as the file has it with B in front.
   */
  run(pictures: Tensor): Tensor[] {
    return scope(() => {
      const values = new Map([[this.#graph.inputs[0], pictures]]);
      for (const { run, from, to, last } of this.#moves) {
        values.set(to, run(from.map((i) => values.get(i)!)));
        for (const i of last) if (i !== this.#graph.inputs[0]) values.get(i)!.dispose();
      }
      return this.#graph.outputs.map((i) => values.get(i)!);
    });
  }

  [Symbol.dispose](): void {
    for (const weight of this.#weights) weight.dispose();
  }
}

function movesOf(
  graph: Graph,
  { path, device, keepWeight }: {
    readonly path: string;
    readonly device: Device;
    readonly keepWeight: (value: Tensor) => Tensor;
  },
): Move[] {
  // Constants and what is only another form of them, by number.
  const origin = new Map(graph.tensors.flatMap(({ bytes }, i) => bytes ? [[i, i]] : []));
  const borders = new Map<number, { readonly inner: number; readonly border: [number, number] }>();
  const steps: Omit<Move, "last">[] = [];
  for (const { code, inputs, outputs: [output], options } of graph.operators) {
    const [first] = inputs;
    if ((code === DEQUANTIZE || code === DENSIFY) && origin.has(first)) {
      origin.set(output, origin.get(first)!);
      continue;
    }
    const padded = isBareConvolution(code, options) ? borders.get(first) : undefined;
    const run = stepOf(code, {
      path,
      options,
      border: padded?.border ?? [0, 0],
      shapes: inputs.map((i) => graph.tensors[i]?.shape ?? []),
      result: graph.tensors[output].shape,
      constant: (place) => constantOf(graph, origin.get(inputs[place])),
      weight: (value) => keepWeight(to(value, { device })),
    });
    const from = inputs.filter((i) => i >= 0 && !origin.has(i));
    steps.push({ run, from: padded ? [padded.inner] : from, to: output });
    const border = code === PAD && borderOf(graph.tensors[origin.get(inputs[1])!]);
    if (border) borders.set(output, { inner: first, border });
  }
  return withLast(needed(steps, graph), graph);
}

/** Without steps that lead to no result. */
function needed(steps: readonly Omit<Move, "last">[], { outputs }: Graph): Omit<Move, "last">[] {
  const wanted = new Set(outputs);
  return steps.toReversed().filter(({ from, to }) => {
    if (wanted.has(to)) from.forEach((i) => wanted.add(i));
    return wanted.has(to);
  }).reverse();
}

function constantOf(graph: Graph, i: number | undefined): Tensor | undefined {
  const found = i === undefined ? undefined : graph.tensors[i];
  return found?.bytes && fromBytes(found.bytes, { shape: found.shape, dtype: found.dtype });
}

/** Notes after which step each value is used no more; the caller's and the results are never freed. */
function withLast(steps: readonly Omit<Move, "last">[], { outputs }: Graph): Move[] {
  const lastUse = new Map<number, number>();
  steps.forEach(({ from }, at) => from.forEach((i) => lastUse.set(i, at)));
  return steps.map((step, at) => ({
    ...step,
    last: step.from.filter((i) => lastUse.get(i) === at && !outputs.includes(i)),
  }));
}
