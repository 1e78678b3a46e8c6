/** The C functions of several processes that train together; the other side is distributed.cpp. */

import {
  argumentArena as words,
  check,
  checkRoom,
  native,
  resultArena as results,
} from "./library.ts";

/** How a rank joins the others. */
export interface JoinRequest {
  /** Host of the store at which the ranks meet. */
  readonly address: string;
  /** Its TCP port. */
  readonly port: number;
  /** Put before all keys, where the store serves others too. */
  readonly prefix: string;
  /** Who this process is, from 0. */
  readonly rank: number;
  /** How many there are. */
  readonly world: number;
  /** Whether this rank opens the store, rather than finds one there. */
  readonly serves: boolean;
  /** NCCL between CUDA devices, else Gloo. */
  readonly nccl: boolean;
  /** CUDA device of this rank. */
  readonly device: number;
  /** How long the ranks wait for each other at the start, ms. */
  readonly joinMs: number;
  /** After how long without a sign of life a process is taken for dead, ms. */
  readonly silenceMs: number;
  /** After how long without a native call, outside of exchanges, a rank is taken to hang, ms. */
  readonly stuckMs: number;
}

const cString = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text + "\0");

/** Joins the ranks; blocks until all are there. The group's handle. */
export function newGroup(join: JoinRequest): number {
  words.set([
    join.port,
    join.rank,
    join.world,
    join.serves ? 1 : 0,
    join.nccl ? 1 : 0,
    join.device,
    join.joinMs,
    join.silenceMs,
    join.stuckMs,
  ]);
  check(native().isa4d_group_new(cString(join.address), cString(join.prefix)));
  return results[0];
}

/** Leaves the group. */
export function freeGroup(group: number): void {
  check(native().isa4d_group_free(group));
}

/** Tells the other ranks why this one ends. */
export function failGroup(group: number, message: string): void {
  check(native().isa4d_group_fail(group, cString(message)));
}

/** Throws where another rank has ended; a sign of life in any case. */
export function checkGroup(group: number): void {
  check(native().isa4d_group_check(group));
}

/** Codes of the reductions in distributed.cpp. */
export const REDUCTIONS = { sum: 0, max: 1, min: 2 } as const;

/** Starts reducing over all ranks into each of them, in place. The exchange's handle. */
export function startAllReduce(
  group: number,
  tensor: number,
  op: keyof typeof REDUCTIONS,
): number {
  check(native().isa4d_all_reduce(group, tensor, REDUCTIONS[op]));
  return results[0];
}

/** Starts summing over all ranks into rank `root`, in place. The exchange's handle. */
export function startReduce(group: number, tensor: number, root: number): number {
  check(native().isa4d_reduce(group, tensor, root));
  return results[0];
}

/** Starts copying rank `root`'s values to all, in place. The exchange's handle. */
export function startBroadcast(group: number, tensor: number, root: number): number {
  check(native().isa4d_broadcast(group, tensor, root));
  return results[0];
}

/** Starts gathering all ranks' `input` into `output`, by rank. The exchange's handle. */
export function startAllGather(group: number, output: number, input: number): number {
  check(native().isa4d_all_gather(group, output, input));
  return results[0];
}

/** Starts waiting for all ranks. The exchange's handle. */
export function startBarrier(group: number): number {
  check(native().isa4d_barrier(group));
  return results[0];
}

/** Blocks until an exchange is done; throws where it failed or a rank has ended. */
export function waitExchange(exchange: number): void {
  check(native().isa4d_exchange_wait(exchange));
}

/** Whether an exchange is done; throws as {@link waitExchange}. */
export function exchangeDone(exchange: number): boolean {
  check(native().isa4d_exchange_done(exchange));
  return results[0] !== 0;
}

/** Forgets an exchange. */
export function freeExchange(exchange: number): void {
  check(native().isa4d_exchange_free(exchange));
}

/** Which rank owns each bucket, and which bucket takes each parameter. */
export interface BucketRequest {
  /** By bucket. */
  readonly owners: readonly number[];
  /** By parameter: its handle and its bucket. */
  readonly parameters: readonly (readonly [handle: number, bucket: number])[];
}

/** Buckets for the gradients of parameters. Their handle. */
export function newBuckets(group: number, { owners, parameters }: BucketRequest): number {
  const list = [owners.length, ...owners, parameters.length, ...parameters.flat()];
  checkRoom(list.length);
  words.set(list);
  check(native().isa4d_buckets_new(group));
  return results[0];
}

/** Frees buckets and their hooks. */
export function freeBuckets(buckets: number): void {
  check(native().isa4d_buckets_free(buckets));
}

/** Each parameter's part of the buckets: tensors in the arena. */
export function bucketViews(buckets: number): void {
  check(native().isa4d_buckets_views(buckets));
}

/** Begins a step. */
export function clearBuckets(buckets: number): void {
  check(native().isa4d_buckets_clear(buckets));
}

/** Begins a backward pass; in the last one of a step full buckets set out. */
export function beginPass(buckets: number, last: boolean): void {
  check(native().isa4d_buckets_begin(buckets, last ? 1 : 0));
}

/** Ends a backward pass; after the last one of a step all buckets are on their way. */
export function endPass(buckets: number): void {
  check(native().isa4d_buckets_end(buckets));
}

/** Waits for the buckets; tells for each of `count` parameters whether it had a gradient here. */
export function waitBuckets(buckets: number, count: number): boolean[] {
  check(native().isa4d_buckets_wait(buckets));
  return Array.from(results.subarray(0, count), (word) => word !== 0);
}

/** Starts copying each bucket from its owner to all. */
export function broadcastBuckets(buckets: number): void {
  check(native().isa4d_buckets_broadcast(buckets));
}
