/**
 * Which owners have stopped to give signs of life.
 * @module
 */
import type { LedgerRow } from "./ledger_rows.ts";
import { isGone } from "./owner.ts";

/**
 * Watches the beats of running jobs with this process's own clock, so that the clocks of several
 * machines need not agree: a job is free when its beat has not moved for as long as a lease lasts.
 */
export class LeaseWatch {
  readonly #leaseMs: number;
  readonly #now: () => number;
  readonly #seen = new Map<string, { readonly beat: string; readonly since: number }>();

  /** `now` in milliseconds, from anywhere. */
  constructor(leaseMs: number, now: () => number = () => performance.now()) {
    this.#leaseMs = leaseMs;
    this.#now = now;
  }

  /** Whether the process that holds a job has vanished, or has not been heard of for a lease. */
  expired({ id, attempts, beat, ownerKey }: LedgerRow): boolean {
    if (ownerKey === undefined || isGone(ownerKey)) return true;
    const current = `${ownerKey} ${attempts} ${beat}`;
    const seen = this.#seen.get(id);
    if (seen?.beat === current) return this.#now() - seen.since > this.#leaseMs;
    this.#seen.set(id, { beat: current, since: this.#now() });
    return false;
  }
}
