/**
 * Holding a job while it is made.
 * @module
 */
import type { LeaseMessage } from "./lease_thread.ts";
import type { Claim } from "./ledger.ts";

/** Signs of life in one lease: some may be late. */
const BEATS = 4;

/** Keeps this process's job its own, from a thread beside. */
export class Lease {
  readonly #thread: Worker;
  #held?: { readonly claim: Claim; readonly lost: AbortController };

  /** Begins a thread on the ledger at `path`. */
  constructor(path: string, { leaseMs }: { readonly leaseMs: number }) {
    this.#thread = new Worker(new URL("./lease_thread.ts", import.meta.url), { type: "module" });
    this.#thread.onmessage = ({ data }: MessageEvent<Claim>) => this.#onLost(data);
    this.#thread.onerror = (event) => {
      // Without signs of life another process takes the job, and this one finds it so at its end.
      event.preventDefault();
      if (this.#held) this.#onLost(this.#held.claim);
    };
    this.#tell({ kind: "begin", path, everyMs: leaseMs / BEATS });
  }

  /** Holds a job; the signal is aborted when another process has taken it. */
  hold(claim: Claim): AbortSignal {
    const lost = new AbortController();
    this.#held = { claim, lost };
    this.#tell({ kind: "hold", claim });
    return lost.signal;
  }

  /** Holds none. */
  drop(): void {
    this.#held = undefined;
    this.#tell({ kind: "hold" });
  }

  /** Ends the thread. */
  [Symbol.dispose](): void {
    this.#thread.terminate();
  }

  #onLost({ id, attempt }: Claim): void {
    const { claim, lost } = this.#held ?? {};
    if (claim?.id === id && claim.attempt === attempt) {
      lost!.abort(new Error(`another process has taken job "${id}"`));
    }
  }

  #tell(message: LeaseMessage): void {
    this.#thread.postMessage(message);
  }
}
