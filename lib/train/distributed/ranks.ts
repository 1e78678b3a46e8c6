/**
 * The processes that train together, as the rest of the training sees them; one alone is a group of
 * one.
 * @module
 */
import { ConfigError } from "../../errors.ts";
import {
  clone,
  detach,
  type Device,
  mul_,
  noGrad,
  ProcessGroup,
  type Tensor,
  zeros,
} from "../../tensor/mod.ts";
import type { RankPlace } from "./place.ts";

/** Some of the samples of a batch: those that one rank computes. */
export interface BatchPart {
  /** The first of them. */
  readonly first: number;
  /** How many. */
  readonly count: number;
  /** Samples of the whole batch. */
  readonly of: number;
}

/** Limits of {@linkcode Ranks.join}, seconds. */
export interface RankLimits {
  /** Without a sign of life a process is taken for dead. Default: 15. */
  readonly silenceSeconds?: number;
  /** Without any work, outside of exchanges, a rank hangs. Default: 45. */
  readonly stuckSeconds?: number;
  /** How long the ranks wait for each other at the start. Default: 300. */
  readonly joinSeconds?: number;
}

/**
 * Who this process is among those that train together. All call the same methods in the same order.
 * @internal
 */
export class Ranks {
  /** The group; undefined for a process alone. */
  readonly group: ProcessGroup | undefined;

  private constructor(group: ProcessGroup | undefined) {
    this.group = group;
  }

  /** A process that trains alone. */
  static readonly alone: Ranks = new Ranks(undefined);

  /** Joins the other ranks; blocks until all are there. */
  static join(
    place: RankPlace,
    { device = "cpu", ...limits }: RankLimits & { readonly device?: Device } = {},
  ): Ranks {
    return new Ranks(
      new ProcessGroup({
        ...limits,
        device,
        address: place.address,
        port: place.port,
        rank: place.rank,
        world: place.world,
        serves: place.rank === 0 && !place.hosted,
        prefix: `isa4d/${place.attempt}`,
      }),
    );
  }

  /** From 0. */
  get rank(): number {
    return this.group?.rank ?? 0;
  }

  /** Number of processes. */
  get world(): number {
    return this.group?.world ?? 1;
  }

  /** The samples of a batch of `of` that are this rank's. */
  part(of: number): BatchPart {
    const { rank, world } = this;
    if (of % world !== 0) {
      throw new ConfigError(
        `a batch of ${of} does not split over ${world} ranks; make it a multiple of ${world}`,
      );
    }
    return { first: rank * of / world, count: of / world, of };
  }

  /** Sums of numbers over all ranks. */
  sum(values: readonly number[]): number[] {
    return this.group?.sum(values) ?? [...values];
  }

  /** Mean of a tensor over all ranks, of its shape and without its graph. */
  mean(x: Tensor): Tensor {
    const { group } = this;
    if (!group) return x;
    return noGrad(() => {
      const sum = clone(detach(x));
      group.allReduce(sum).wait();
      return mul_(sum, 1 / group.world);
    });
  }

  /** Gives everyone rank 0's values. */
  copyFromFirst(tensors: Iterable<Tensor>): void {
    const { group } = this;
    if (!group) return;
    noGrad(() => {
      const exchanges = [...tensors].map((x) => group.broadcast(x));
      for (const exchange of exchanges) exchange.wait();
    });
  }

  /** Waits for all ranks, leaving the event loop free. */
  async barrier(): Promise<void> {
    await this.group?.barrier();
  }

  /** A sign of work, for what takes long and calls no operator, such as decoding videos. */
  sign(): void {
    if (this.group) zeros([1]).dispose();
  }

  /** Tells the others why this rank ends. */
  fail(reason: string): void {
    this.group?.fail(reason);
  }

  /** Leaves the others. */
  dispose(): void {
    this.group?.dispose();
  }

  /** For `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
