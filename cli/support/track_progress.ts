/**
 * How tracking a video is shown to people.
 * @module
 */
import type { TrackClipOptions } from "../../lib/track/mod.ts";
import type { Context } from "./context.ts";
import { makeProgress } from "./progress.ts";

/** What `trackClip` reports to, and what ends a bar that is on screen, with a word to who cut it off. */
export function trackProgress(
  context: Context,
): Required<Pick<TrackClipOptions, "onFrame" | "onFit">> & { readonly stop: () => void } {
  const progress = makeProgress(context);
  let [began, fitting] = [0, 0];
  return {
    onFrame: ({ frame, of }) => {
      began ||= performance.now();
      progress.update({
        ...{ label: "looking", done: frame, of },
        elapsedMs: performance.now() - began,
      });
    },
    onFit: ({ step, of }) => {
      if (step === 1) fitting = performance.now();
      progress.update({
        ...{ label: "fitting", done: step, of },
        elapsedMs: performance.now() - fitting,
      });
    },
    stop: () => {
      progress.stop();
      if (began && context.signal.aborted) {
        context.notice("what was seen so far is kept: run the same command to continue");
      }
    },
  };
}
