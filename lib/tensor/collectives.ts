/** Several processes that train together: joining them, and operations over all of them. */

import { ConfigError, IsaError } from "../errors.ts";
import {
  checkGroup,
  exchangeDone,
  failGroup,
  freeExchange,
  freeGroup,
  newGroup,
  startAllGather,
  startAllReduce,
  startBarrier,
  startBroadcast,
  startReduce,
  waitExchange,
} from "../native/mod.ts";
import { tensor } from "./create.ts";
import { type Device, deviceCode } from "./dtype.ts";
import { toNumbers } from "./host.ts";
import { scope } from "./scope.ts";
import { handleOf, type Tensor } from "./tensor.ts";

/** How a rank joins the others. */
export interface JoinOptions {
  /** Host of rank 0, where the ranks meet. */
  readonly address: string;
  /** A free TCP port there. */
  readonly port: number;
  /** Who this process is, 0 to `world` − 1. */
  readonly rank: number;
  /** Number of processes. */
  readonly world: number;
  /** Where the tensors lie: Gloo joins CPUs, NCCL CUDA devices. Default: "cpu". */
  readonly device?: Device;
  /** Whether this rank opens the meeting place; false where a launcher has. Default: rank 0. */
  readonly serves?: boolean;
  /** Put before all names at the meeting place. Default: "isa4d". */
  readonly prefix?: string;
  /** How long ranks wait for each other at the start, seconds. Default: 300. */
  readonly joinSeconds?: number;
  /** Seconds without a sign of life after which a process is taken for dead. Default: 15. */
  readonly silenceSeconds?: number;
  /** Seconds without any work, outside of exchanges, after which a rank hangs. Default: 45. */
  readonly stuckSeconds?: number;
}

/** Milliseconds between two signs of life while the event loop is free. */
const TICK_MS = 1000;

/** Milliseconds between two looks at an exchange that is awaited. */
const LOOK_MS = 5;

/** This process among others. All ranks call the same operations in the same order. */
export class ProcessGroup {
  #handle: number;
  readonly #ticker: ReturnType<typeof setInterval>;
  /** Who this process is, from 0. */
  readonly rank: number;
  /** How many there are. */
  readonly world: number;
  /** Where its tensors lie. */
  readonly device: Device;

  /**
   * Joins, and blocks until all ranks have.
   * @throws {NativeError} that names the ranks which did not come
   */
  constructor(options: JoinOptions) {
    const { rank, world, device = "cpu", joinSeconds = 300 } = options;
    const { silenceSeconds = 15, stuckSeconds = 45 } = options;
    if (!(world >= 1 && rank >= 0 && rank < world)) {
      throw new ConfigError(`rank is ${rank} of ${world}, expected 0 to ${world - 1}`);
    }
    const cuda = device.startsWith("cuda");
    this.#handle = newGroup({
      ...options,
      prefix: options.prefix ?? "isa4d",
      serves: options.serves ?? rank === 0,
      nccl: cuda,
      device: cuda ? deviceCode(device === "cuda" ? "cuda:0" : device) % 256 - 1 : 0,
      joinMs: joinSeconds * 1000,
      silenceMs: silenceSeconds * 1000,
      stuckMs: stuckSeconds * 1000,
    });
    this.rank = rank;
    this.world = world;
    this.device = device;
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    // It must not keep a process alive that has nothing else to do.
    this.#ticker.unref();
  }

  /** Reduces `x` over all ranks, in place in each of them. */
  allReduce(x: Tensor, options: { readonly op?: "sum" | "max" | "min" } = {}): Exchange {
    return new Exchange(startAllReduce(this.#open(), handleOf(x), options.op ?? "sum"));
  }

  /** Sums `x` over all ranks into rank `root`'s; in the others it is spoilt. */
  reduce(x: Tensor, root = 0): Exchange {
    return new Exchange(startReduce(this.#open(), handleOf(x), root));
  }

  /** Copies rank `root`'s `x` into everyone's. */
  broadcast(x: Tensor, root = 0): Exchange {
    return new Exchange(startBroadcast(this.#open(), handleOf(x), root));
  }

  /** Gathers all ranks' `x` [N…] into `out` [world · N…], by rank. */
  allGather(out: Tensor, x: Tensor): Exchange {
    return new Exchange(startAllGather(this.#open(), handleOf(out), handleOf(x)));
  }

  /** Waits for all ranks, leaving the event loop free: one of them may take hours. */
  async barrier(): Promise<void> {
    using exchange = new Exchange(startBarrier(this.#open()));
    while (!exchange.done()) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }

  /** Sums of numbers over all ranks, in float64. */
  sum(values: readonly number[]): number[] {
    return scope(() => {
      const device = this.device;
      const x = tensor([...values], { dtype: "float64", device });
      using exchange = this.allReduce(x);
      exchange.wait();
      return toNumbers(x);
    });
  }

  /** Throws where another rank has ended. */
  check(): void {
    checkGroup(this.#open());
  }

  /**
   * Tells the other ranks why this one ends: their next operation throws it. The group is not left
   * in order any more; the process should end.
   */
  fail(message: string): void {
    if (this.#handle === 0) return;
    clearInterval(this.#ticker);
    failGroup(this.#handle, message);
    this.#handle = 0;
  }

  /** Leaves. Rank 0 waits a little, so that the others can leave first. */
  dispose(): void {
    if (this.#handle === 0) return;
    clearInterval(this.#ticker);
    freeGroup(this.#handle);
    this.#handle = 0;
  }

  /** For `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** The native handle; throws when the group was left. */
  get handle(): number {
    return this.#open();
  }

  #open(): number {
    if (this.#handle === 0) throw new IsaError("a group of ranks was used after it was left");
    return this.#handle;
  }

  /** A sign of life; what it throws, the next exchange throws again where it can be caught. */
  #tick(): void {
    try {
      checkGroup(this.#handle);
    } catch { // told by the next exchange
    }
  }
}

/** An operation over all ranks that is under way. */
export class Exchange {
  #handle: number;

  /** Takes over a native handle; exchanges are made by {@link ProcessGroup}. */
  constructor(handle: number) {
    this.#handle = handle;
  }

  /** Blocks until it is done. Throws where it failed or a rank has ended, naming that rank. */
  wait(): void {
    if (this.#handle === 0) return;
    try {
      waitExchange(this.#handle);
    } finally {
      this.dispose();
    }
  }

  /** Whether it is done; throws as {@link Exchange.wait}. */
  done(): boolean {
    return this.#handle === 0 || exchangeDone(this.#handle);
  }

  /** Forgets it; the operation itself goes on. */
  dispose(): void {
    if (this.#handle === 0) return;
    freeExchange(this.#handle);
    this.#handle = 0;
  }

  /** For `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
