/**
 * What the server says of the clip, asked again and again.
 * @module
 */
/// <reference lib="dom" />
import { useEffect, useState } from "preact/hooks";
import type { LiveState } from "../../live_data.ts";

type Clip = Extract<LiveState, { kind: "clip" }>;

/** A state of the server, and when it was told. */
export type Shown =
  | { readonly kind: "waiting" }
  | (Clip & {
    /** By the page's clock, milliseconds. */
    readonly seen: number;
    /** The picture's address. */
    readonly source: string;
  });

/** What the page knows. */
export interface Known {
  readonly state?: Shown;
  /** The server gives no answer. */
  readonly lost: boolean;
  /** By the page's clock, milliseconds. */
  readonly now: number;
}

/** Milliseconds from one question to the next. */
const EVERY = 500;

/** The clip as it is; the page is drawn again at every answer, so that its times go on. */
export function useLive(): Known {
  const [known, setKnown] = useState<Known>({ lost: false, now: performance.now() });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let ended = false;
    const ask = async () => {
      const state = await latest().catch(() => undefined);
      if (ended) return;
      setKnown((before) => ({
        state: state ?? before.state,
        lost: state === undefined,
        now: performance.now(),
      }));
      timer = setTimeout(ask, EVERY);
    };
    ask();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, []);
  return known;
}

async function latest(): Promise<Shown> {
  const answer = await fetch("state");
  if (!answer.ok) throw new Error(await answer.text());
  const state = await answer.json() as LiveState;
  if (state.kind === "waiting") return state;
  const source = `clip/${state.version}`;
  // Only a picture that is there whole takes the other's place.
  if (state.form === "picture") await Object.assign(new Image(), { src: source }).decode();
  return { ...state, seen: performance.now(), source };
}
