/**
 * The meta device, watched: what a stage would hold, and what it calls.
 * @module
 */
import { MemoryTrace, type OperatorCall, type Tensor } from "../tensor/mod.ts";
import type { CallTally } from "./call_tally.ts";
import type { Chunks, PlanSize } from "./plan_size.ts";
import { workspaceOf } from "./workspace.ts";

/** What a stage is rehearsed with. */
export interface Setting {
  readonly size: PlanSize;
  /** Variables of both models: they are counted apart. */
  readonly resident: readonly Tensor[];
  readonly chunks: Chunks;
}

/** What one stage takes besides weights. */
export interface StageCost {
  /** The most bytes that are held at once. */
  readonly working: number;
  /** Floating-point operations, a multiply-add as two. */
  readonly flops: number;
  /** Every kind of call and how often it is made. */
  readonly calls: CallTally;
  /** The same at the least, where what is computed depends on the pictures. */
  readonly least?: CallTally;
}

/** A trace of a stage; `seen` is told of each call and the bytes that it made. */
export function traced(
  { size: { device }, resident }: Setting,
  seen: (call: OperatorCall, made: number) => void,
): MemoryTrace {
  const workspace = (call: OperatorCall) => workspaceOf(call, device);
  // What is made on the CPU and moved to meta would be one tensor, or lie outside the device.
  return new MemoryTrace({ resident, device: "meta", workspace, onCall: seen });
}
