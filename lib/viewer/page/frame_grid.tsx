/**
 * Time across, views down: all frames at a glance, and a way to go to any of them.
 * @module
 */
/// <reference lib="dom" />
import { useEffect, useRef } from "preact/hooks";
import type { PageData, PageStrip } from "../page_data.ts";
import type { Clip } from "./clip.ts";

/** One row of small frames a view; pointing goes there, over both axes. */
export function FrameGrid({ data, clip }: { readonly data: PageData; readonly clip: Clip }) {
  const { views } = data;
  const marker = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const several = views.length > 1;
  // A still picture is no grid.
  const hidden = !several && data.frames < 2;
  useEffect(() => {
    const box = scroller.current, mark = marker.current;
    if (!box || !mark || box.scrollWidth <= box.clientWidth) return;
    // Only sideways: the page itself stays where it is.
    const at = mark.offsetLeft + mark.offsetWidth / 2;
    const outside = at < box.scrollLeft + 40 || at > box.scrollLeft + box.clientWidth - 40;
    if (outside) box.scrollLeft = at - box.clientWidth / 2;
  }, [clip.frame]);
  const scrub = (event: PointerEvent, view: number) => {
    const pressed = event.type === "pointerdown" || event.type === "click" ||
      (event.buttons & 1) !== 0;
    // A finger that moves scrolls; it goes to a frame by a tap.
    if (!pressed || (event.pointerType === "touch" && event.type !== "click")) return;
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    clip.setView(view);
    clip.seek(frameAt((event.clientX - box.left) / box.width, views[view].strip));
  };
  if (hidden) return null;
  return (
    <section class="panel grid" aria-label={several ? "Time and views" : "Frames"}>
      <h2>
        {several ? "Time × view" : "Frames"}
        <span class="quiet">{several ? "drag over both" : "drag to scrub"}</span>
      </h2>
      <div class="scroller" ref={scroller}>
        {views.map(({ name, strip }, view) => (
          <div class="row" key={view}>
            {several && (
              <button
                type="button"
                class="name"
                aria-pressed={view === clip.view}
                onClick={() => clip.setView(view)}
              >
                {name}
              </button>
            )}
            <div
              class="strip"
              style={{ minWidth: `${strip.frames.length * 44}px`, maxWidth: `${strip.width}px` }}
              onPointerDown={(event) => scrub(event, view)}
              onPointerMove={(event) => scrub(event, view)}
              onClick={(event) => scrub(event as unknown as PointerEvent, view)}
            >
              <img
                src={strip.source}
                width={strip.width}
                height={strip.height}
                draggable={false}
                alt={`${strip.frames.length} frames of ${several ? name : "the video"}`}
              />
              {view === clip.view && (
                <div class="marker" ref={marker} style={markerPlace(clip.frame, strip)} />
              )}
            </div>
          </div>
        ))}
      </div>
    </section>
  );
}

/** The frame under a share of a strip's width. */
export function frameAt(share: number, { frames }: PageStrip): number {
  const column = Math.min(frames.length - 1, Math.max(0, Math.floor(share * frames.length)));
  return frames[column];
}

/** Where a strip is marked for a frame, which may lie between two of its pictures. */
function markerPlace(frame: number, { frames }: PageStrip) {
  const count = frames.length;
  const share = frames[count - 1] > 0 ? frame / frames[count - 1] : 0;
  return { left: `${share * (count - 1) / count * 100}%`, width: `${100 / count}%` };
}
