/**
 * Which rank keeps the optimiser's state of which parameters (ZeRO stage 1, Rajbhandari et al. 2020),
 * and how gradients travel there.
 * @module
 */
import type { Tensor } from "../../tensor/mod.ts";

/** Parameters that travel together, and their owner. */
export interface Bucket {
  /** In the order in which the backward pass is expected to reach them. */
  readonly names: readonly string[];
  /** Rank that keeps their moments and averages. */
  readonly owner: number;
}

/** Values of a bucket at most: 25 MB of float32, as PyTorch's DistributedDataParallel has it. */
const LARGEST = 6_553_600;

/** Buckets a rank at least, so that owners can be balanced and exchanges overlap. */
const BUCKETS_A_RANK = 4;

/**
 * Cuts the parameters, last one first, into buckets of one dtype and gives each to the rank with the
 * least so far, large ones first. The same on all ranks.
 */
export function planBuckets(parameters: ReadonlyMap<string, Tensor>, world: number): Bucket[] {
  let total = 0;
  for (const { numel } of parameters.values()) total += numel;
  const target = Math.min(LARGEST, Math.ceil(total / (BUCKETS_A_RANK * world)));
  const cuts: { names: string[]; size: number; dtype: string }[] = [];
  for (const [name, { numel, dtype }] of [...parameters].reverse()) {
    const open = cuts.at(-1);
    // A large one beside a few small ones would make a bucket of twice the size.
    if (open && open.dtype === dtype && open.size + numel <= target) {
      open.names.push(name);
      open.size += numel;
    } else cuts.push({ names: [name], size: numel, dtype });
  }
  const loads = new Array<number>(world).fill(0);
  const owners = new Map<object, number>();
  for (const cut of cuts.toSorted((a, b) => b.size - a.size)) {
    const owner = loads.indexOf(Math.min(...loads));
    loads[owner] += cut.size;
    owners.set(cut, owner);
  }
  return cuts.map((cut) => ({ names: cut.names, owner: owners.get(cut)! }));
}
