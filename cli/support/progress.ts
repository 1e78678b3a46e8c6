/**
 * Progress for people: a bar that moves on a terminal, now and then a line elsewhere.
 * @module
 */
import process from "node:process";
import cliProgress from "cli-progress";
import type { Context } from "./context.ts";

/** One state of one piece of work. */
export interface ProgressState {
  /** What is being done, for example "sampling". */
  readonly label: string;
  readonly done: number;
  readonly of: number;
  /** Milliseconds since this piece began. */
  readonly elapsedMs: number;
}

/** Takes states as they come; `stop` ends a bar that is on screen. */
export interface Progress {
  update(state: ProgressState): void;
  stop(): void;
}

/** Milliseconds between two plain lines. */
const LINE_EVERY_MS = 2000;

/** Chooses by `--quiet` and terminal. */
export function makeProgress(context: Context): Progress {
  if (context.quiet) return { update: () => {}, stop: () => {} };
  if (context.io.terminal && context.log === "text") return bars();
  return lines((state, line) => context.event("progress", { ...state }, line));
}

function bars(): Progress {
  let bar: cliProgress.SingleBar | undefined;
  let label = "";
  const stop = () => {
    bar?.stop();
    bar = undefined;
  };
  return {
    update(state) {
      if (!bar || label !== state.label) {
        stop();
        label = state.label;
        bar = new cliProgress.SingleBar({
          format: "{label} {bar} {value}/{total} {left}",
          stream: process.stderr,
          hideCursor: true,
        }, cliProgress.Presets.rect);
        bar.start(state.of, state.done, { label: label.padEnd(9), left: timeLeft(state) });
      } else bar.update(state.done, { left: timeLeft(state) });
      if (state.done >= state.of) stop();
    },
    stop,
  };
}

function lines(write: (state: ProgressState, line: string) => void): Progress {
  let label = "";
  let lastAt = -Infinity;
  return {
    update(state) {
      const fresh = state.label !== label;
      if (fresh) [label, lastAt] = [state.label, -Infinity];
      const last = state.done >= state.of;
      if (!last && state.elapsedMs - lastAt < LINE_EVERY_MS) return;
      lastAt = state.elapsedMs;
      const left = last || state.done === 0 ? "" : `, ${timeLeft(state)}`;
      write(state, `${state.label} ${state.done}/${state.of}${left}`);
    },
    stop: () => {},
  };
}

function timeLeft({ done, of, elapsedMs }: ProgressState): string {
  if (done <= 0) return "";
  const seconds = Math.ceil(elapsedMs / done * (of - done) / 1000);
  const clock = seconds < 60
    ? `${seconds} s`
    : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
  return `${clock} left`;
}
