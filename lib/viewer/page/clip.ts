/**
 * Where the page stands in a clip: frame, view, and whether it runs. The videos follow, and what they
 * show is drawn onto one picture.
 * @module
 */
/// <reference lib="dom" />
import { useEffect, useMemo, useState } from "preact/hooks";
import type { PageData } from "../page_data.ts";
import { mediaAddress } from "./decode.ts";
import { watchPictures } from "./video_pictures.ts";

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
  /** The current picture, in the page and in the scene. */
  readonly picture: HTMLCanvasElement;
  /** Counts the pictures drawn; 0 while there is none. */
  readonly drawn: number;
  attach(view: number, element: HTMLVideoElement | null): void;
  markBroken(view: number): void;
  /** Goes to a frame and stops there. */
  seek(frame: number): void;
  /** Goes so many frames on and stops there; keys may follow faster than the page is drawn. */
  moveFrames(by: number): void;
  setView(view: number): void;
  /** Goes so many views down, and round. */
  moveViews(by: number): void;
  toggle(): void;
}

/** The state of a page's clip. */
export function useClip({ frames, fps, views }: PageData): Clip {
  const [frame, setFrame] = useState(0);
  const [view, showView] = useState(0);
  const [playing, setPlaying] = useState(false);
  const [drawn, setDrawn] = useState(0);
  const [broken, setBroken] = useState<ReadonlySet<number>>(new Set());
  const [videos, setVideos] = useState<ReadonlyMap<number, HTMLVideoElement>>(new Map());
  const [seen, setSeen] = useState<ReadonlySet<number>>(new Set([0]));
  const sources = useMemo(() => views.map(({ source }) => mediaAddress(source)), []);
  const picture = useMemo(() => document.createElement("canvas"), []);
  const clamp = (value: number) => Math.max(0, Math.min(frames - 1, value));
  const around = (value: number) => (value % views.length + views.length) % views.length;
  const current = broken.has(view) ? undefined : videos.get(view);

  useEffect(() => {
    if (!current) return;
    return watchPictures(current, (seconds) => {
      drawOnto(picture, current);
      setDrawn((count) => count + 1);
      // A picture's time is its beginning, but for rounding.
      if (!current.paused) setFrame(clamp(Math.floor(seconds * fps + 0.01)));
    });
  }, [current]);

  useEffect(() => {
    setSeen((before) => before.has(view) ? before : new Set([...before, view]));
  }, [view]);

  useEffect(() => {
    if (playing) return;
    for (const video of videos.values()) video.pause();
    // A frame's middle: at its first moment some browsers still show the one before.
    if (current) current.currentTime = (frame + 0.5) / fps;
  }, [playing, frame, current]);

  useEffect(() => {
    if (!playing) return;
    if (!current) return runByClock({ fps, frames, from: frame, setFrame });
    current.loop = true;
    current.currentTime = (frame + 0.5) / fps;
    // A pause that comes at once breaks the promise; nobody needs to know.
    current.play().catch(() => {});
    return () => current.pause();
  }, [playing, current]);

  return {
    ...{ frame, view, playing, sources, seen, broken, picture },
    drawn: current ? drawn : 0,
    seek: (to) => {
      setPlaying(false);
      setFrame(clamp(Math.round(to)));
    },
    attach: (index, element) => {
      if (!element || videos.get(index) === element) return;
      setVideos((known) => new Map(known).set(index, element));
    },
    markBroken: (index) => setBroken((known) => new Set([...known, index])),
    moveFrames: (by) => {
      setPlaying(false);
      setFrame((now) => clamp(now + by));
    },
    setView: (to) => showView(around(to)),
    moveViews: (by) => showView((now) => around(now + by)),
    toggle: () => setPlaying((now) => frames > 1 && !now),
  };
}

function drawOnto(canvas: HTMLCanvasElement, video: HTMLVideoElement): void {
  const { videoWidth: width, videoHeight: height } = video;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.getContext("2d")?.drawImage(video, 0, 0);
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
