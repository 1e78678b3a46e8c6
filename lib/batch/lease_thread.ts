/**
 * Gives signs of life for the job that its process holds. A thread of its own: an operator of libtorch
 * may keep the main one for minutes.
 * @module
 */
import { type Claim, Ledger } from "./ledger.ts";

/** What the main thread tells this one. */
export type LeaseMessage =
  | { readonly kind: "begin"; readonly path: string; readonly everyMs: number }
  | { readonly kind: "hold"; readonly claim?: Claim };

const thread = self as unknown as {
  onmessage: (event: MessageEvent<LeaseMessage>) => void;
  postMessage: (lost: Claim) => void;
};

let ledger: Ledger | undefined;
let held: Claim | undefined;

thread.onmessage = ({ data }) => {
  if (data.kind === "hold") held = data.claim;
  else {
    ledger = Ledger.open(data.path, { create: false });
    setInterval(beat, data.everyMs);
  }
};

function beat(): void {
  if (!held || !ledger) return;
  try {
    if (!ledger.beat(held)) thread.postMessage(held);
  } catch { // a disk that is away now may be there at the next beat
  }
}
