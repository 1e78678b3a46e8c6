/** What a program's operators take, one by one, as a trace that browsers show. */

import { type CallRecord, setObserver } from "./call.ts";

/** An operator in the sum of a {@link Profile}. */
export interface OperatorTime {
  /** As `aten::conv2d`. */
  readonly op: string;
  /** How often it was called. */
  readonly calls: number;
  /** Milliseconds, all calls together. */
  readonly ms: number;
}

/** Calls that are kept one by one; later ones are summed only. */
const MOST = 500_000;

/**
 * Follows each operator call while it runs. On CUDA calls return before their work is done: what is
 * seen there is the time to launch it.
 */
export class Profile {
  readonly #begin = performance.now();
  readonly #most: number;
  readonly #calls: CallRecord[] = [];
  readonly #sums = new Map<string, { calls: number; ms: number }>();
  #left = 0;

  /** Keeps at most `most` calls one by one. */
  constructor({ most = MOST }: { readonly most?: number } = {}) {
    this.#most = most;
  }

  /** Follows from now on, until what this returns is called. */
  start(): () => void {
    const before = setObserver((call) => this.#see(call));
    return () => setObserver(before);
  }

  /** Operators by the time they took, the longest first. */
  operators(): OperatorTime[] {
    return [...this.#sums].map(([op, sums]) => ({ op, ...sums })).sort((a, b) => b.ms - a.ms);
  }

  /**
   * The calls in Chrome's trace format, which `chrome://tracing` and Perfetto open: complete events,
   * with microseconds since the profile began and the shapes of tensors.
   */
  trace(): Record<string, unknown> {
    const micro = (ms: number) => Math.round(ms * 1000);
    return {
      format: PROFILE_FORMAT,
      displayTimeUnit: "ms",
      otherData: { left: this.#left },
      traceEvents: this.#calls.map(({ op, inputs, outputs, bytes, startMs, ms }) => ({
        ...{ name: op, cat: "operator", ph: "X", pid: Deno.pid, tid: 0 },
        ts: micro(startMs - this.#begin),
        dur: micro(ms),
        args: { inputs: shown(inputs), outputs: shown(outputs), bytes },
      })),
    };
  }

  #see(call: CallRecord): void {
    const sums = this.#sums.get(call.op) ?? { calls: 0, ms: 0 };
    sums.calls++;
    sums.ms += call.ms;
    this.#sums.set(call.op, sums);
    if (this.#calls.length < this.#most) this.#calls.push(call);
    else this.#left++;
  }
}

/** What the trace's `format` says. */
export const PROFILE_FORMAT = "isa4d-profile";

function shown(shapes: readonly (readonly number[])[]): string {
  return shapes.map((shape) => `[${shape.join(", ")}]`).join(" ");
}
