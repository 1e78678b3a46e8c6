/**
 * Time and view: what goes to a frame, plays, and changes the view.
 * @module
 */
/// <reference lib="dom" />
import type { PageData } from "../page_data.ts";
import type { Clip } from "./clip.ts";

/** The bar below the stage. */
export function Transport({ data, clip }: { readonly data: PageData; readonly clip: Clip }) {
  const { frames, fps, views } = data;
  const last = frames - 1;
  const seconds = (frame: number) => (frame / fps).toFixed(2);
  const valueOf = (event: Event) => Number((event.currentTarget as HTMLInputElement).value);
  return (
    <div class="transport" role="group" aria-label="Time and view">
      <button
        type="button"
        class="play"
        onClick={clip.toggle}
        disabled={frames < 2}
        aria-label={clip.playing ? "Stop" : "Play"}
      >
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d={clip.playing ? "M6 4h3v12H6zM11 4h3v12h-3z" : "M6 3.6v12.8L16.4 10z"} />
        </svg>
      </button>
      <label class="time">
        <span class="hidden">Frame</span>
        <input
          type="range"
          min={0}
          max={last}
          step={1}
          value={clip.frame}
          disabled={frames < 2}
          style={{ "--share": last > 0 ? clip.frame / last : 0 }}
          aria-valuetext={`frame ${clip.frame} of ${frames}, ${seconds(clip.frame)} seconds`}
          onInput={(event) => clip.seek(valueOf(event))}
        />
      </label>
      <output class="count">
        <b>{clip.frame}</b> / {last}
        <span class="quiet">{seconds(clip.frame)} s</span>
      </output>
      {views.length > 1 && (
        <label class="view">
          <span>View</span>
          <input
            type="range"
            min={0}
            max={views.length - 1}
            step={1}
            value={clip.view}
            style={{ "--share": clip.view / (views.length - 1) }}
            aria-valuetext={views[clip.view].name}
            onInput={(event) => clip.setView(valueOf(event))}
          />
          <output>
            <b>{clip.view}</b> / {views.length - 1}
          </output>
        </label>
      )}
    </div>
  );
}
