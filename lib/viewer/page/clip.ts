/**
 * Where the page stands in a clip: frame, view, and whether it runs. The videos follow.
 * @module
 */
/// <reference lib="dom" />
import { useEffect, useMemo, useState } from "preact/hooks";
import type { PageData } from "../page_data.ts";
import { mediaAddress } from "./decode.ts";

/** The clip as parts of the page use it. */
export interface Clip {
  readonly frame: number;
  readonly view: number;
  readonly playing: boolean;
  /** One address a view. */
  readonly sources: readonly string[];
  /** Views that have been looked at: only those load their videos. */
  readonly seen: ReadonlySet<number>;
  /** Views whose video this browser cannot play; their small pictures are shown. */
  readonly broken: ReadonlySet<number>;
  /** The video of a view, where it is in the page. */
  video(view: number): HTMLVideoElement | undefined;
  attach(view: number, element: HTMLVideoElement | null): void;
  markBroken(view: number): void;
  /** Goes to a frame and stops there. */
  seek(frame: number): void;
  setView(view: number): void;
  toggle(): void;
}

/** The state of a page's clip. */
export function useClip({ frames, fps, views }: PageData): Clip {
  const [frame, setFrame] = useState(0);
  const [view, showView] = useState(0);
  const [playing, setPlaying] = useState(false);
  const [broken, setBroken] = useState<ReadonlySet<number>>(new Set<number>());
  const sources = useMemo(() => views.map(({ source }) => mediaAddress(source)), []);
  const [videos, setVideos] = useState<ReadonlyMap<number, HTMLVideoElement>>(new Map());
  const [seen, setSeen] = useState<ReadonlySet<number>>(new Set([0]));
  const clamp = (value: number) => Math.max(0, Math.min(frames - 1, Math.round(value)));
  const current = broken.has(view) ? undefined : videos.get(view);

  // A frame's middle: at its first moment some browsers still show the one before.
  const place = (video: HTMLVideoElement | undefined, at: number) => {
    if (video) video.currentTime = (at + 0.5) / fps;
  };
  const seek = (to: number) => {
    setPlaying(false);
    setFrame(clamp(to));
  };

  useEffect(() => {
    if (playing) return;
    for (const video of videos.values()) video.pause();
    place(current, frame);
  }, [playing, frame, view, current]);

  useEffect(() => {
    if (!playing) return;
    if (!current) return runByClock({ fps, frames, from: frame, setFrame });
    place(current, frame);
    return runByVideo(current, (seconds) => setFrame(clamp(seconds * fps)));
  }, [playing, view, current]);

  return {
    ...{ frame, view, playing, sources, seen, broken, seek },
    video: (index) => broken.has(index) ? undefined : videos.get(index),
    attach: (index, element) => {
      if (!element || videos.get(index) === element) return;
      setVideos((known) => new Map(known).set(index, element));
    },
    markBroken: (index) => setBroken((known) => new Set([...known, index])),
    setView: (to) => {
      const next = (to % views.length + views.length) % views.length;
      showView(next);
      setSeen((before) => before.has(next) ? before : new Set([...before, next]));
    },
    toggle: () => setPlaying((now) => frames > 1 && !now),
  };
}

/** Plays a video over and over and tells the time of each picture shown; returns what stops it. */
function runByVideo(video: HTMLVideoElement, onPicture: (seconds: number) => void): () => void {
  let stopped = false;
  video.loop = true;
  // A pause that comes at once breaks the promise; nobody needs to know.
  video.play().catch(() => {});
  if ("requestVideoFrameCallback" in video) {
    const told = (_: number, { mediaTime }: VideoFrameCallbackMetadata) => {
      if (stopped) return;
      onPicture(mediaTime);
      video.requestVideoFrameCallback(told);
    };
    video.requestVideoFrameCallback(told);
  } else {
    const element = video as HTMLVideoElement;
    const look = () => {
      if (stopped) return;
      onPicture(Math.max(0, element.currentTime));
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }
  return () => {
    stopped = true;
    video.pause();
  };
}

/** Runs without a video, by the clock. */
function runByClock({ fps, frames, from, setFrame }: {
  readonly fps: number;
  readonly frames: number;
  readonly from: number;
  readonly setFrame: (frame: number) => void;
}): () => void {
  let at = from;
  const timer = setInterval(() => setFrame(at = (at + 1) % frames), 1000 / fps);
  return () => clearInterval(timer);
}
