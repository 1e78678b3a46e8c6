/**
 * The reference pictures and the video.
 * @module
 */
/// <reference lib="dom" />
import type { PageData, PageReference, PageStrip } from "../page_data.ts";
import type { Clip } from "./clip.ts";

/** What the persons look like. */
export function References({ references }: { readonly references: readonly PageReference[] }) {
  if (references.length === 0) return null;
  return (
    <div class="references">
      {references.map(({ label, source, width, height }) => (
        <figure class="panel" key={label}>
          <figcaption>{label}</figcaption>
          <div class="picture">
            <img src={source} width={width} height={height} alt={label} />
          </div>
        </figure>
      ))}
    </div>
  );
}

/** The current picture over the videos from which it is drawn. */
export function VideoPanel({ data, clip }: { readonly data: PageData; readonly clip: Clip }) {
  const { views, width, height } = data;
  const { name } = views[clip.view];
  return (
    <figure class="panel video">
      <figcaption>{name}</figcaption>
      <div class="picture">
        {views.map((_, index) =>
          clip.seen.has(index) && !clip.broken.has(index) && (
            <video
              key={index}
              ref={(element) => clip.attach(index, element)}
              src={clip.sources[index]}
              {...{ width, height, muted: true, playsInline: true, preload: "auto" }}
              class={index === clip.view ? "" : "behind"}
              aria-hidden="true"
              onError={() => clip.markBroken(index)}
            />
          )
        )}
        {clip.broken.has(clip.view)
          ? <StripFrame strip={views[clip.view].strip} frame={clip.frame} />
          : (
            <div
              class="screen"
              role="img"
              aria-label={`${name}, frame ${clip.frame} of ${data.frames}`}
              ref={(element) => element?.append(clip.picture)}
              onClick={clip.toggle}
            />
          )}
      </div>
    </figure>
  );
}

/** A frame from the strip, for browsers that cannot play the video. */
function StripFrame({ strip, frame }: { readonly strip: PageStrip; readonly frame: number }) {
  const count = strip.frames.length;
  const column = Math.max(0, strip.frames.findLastIndex((shown) => shown <= frame));
  return (
    <div
      class="strip-frame"
      role="img"
      aria-label={`frame ${strip.frames[column]}`}
      style={{
        aspectRatio: `${strip.width / count} / ${strip.height}`,
        backgroundImage: `url(${strip.source})`,
        backgroundSize: `${count * 100}% 100%`,
        backgroundPosition: `${count > 1 ? column * 100 / (count - 1) : 0}% 0`,
      }}
    />
  );
}
