/**
 * The page of a clip that is being made.
 * @module
 */
/// <reference lib="dom" />
import { useEffect, useState } from "preact/hooks";
import type { LiveData } from "../../live_data.ts";
import { ThemeButton } from "../theme.tsx";
import { countdown, duration } from "./time.ts";
import { useLive } from "./use_live.ts";

/** The whole page. */
export function Live({ data }: { readonly data: LiveData }) {
  const { state, lost, now } = useLive();
  const clip = state?.kind === "clip" ? state : undefined;
  const progress = clip?.progress;
  const left = clip && progress && countdown(progress, clip.age + now - clip.seen);
  useEffect(() => {
    const count = progress && !clip?.finished ? `${progress.step}/${progress.of} · ` : "";
    document.title = `${count}${data.title}`;
  }, [progress?.step, clip?.finished]);
  return (
    <>
      <header>
        <div class="title">
          <h1>{data.title}</h1>
          <ul aria-live="polite">
            {lost && <li class="alarm">isa4d view has ended</li>}
            {!clip && !lost && <li>waiting for the first picture</li>}
            {clip?.finished && <li>{clip.name === data.title ? "" : `${clip.name}: `}finished</li>}
            {progress && <li>step {progress.step} of {progress.of}</li>}
            {left !== undefined && (
              <li>{left > 0 ? `about ${duration(left)} left` : "being decoded"}</li>
            )}
            {clip && !clip.finished && <li>shown {duration(clip.age + now - clip.seen)} ago</li>}
          </ul>
        </div>
        <ThemeButton />
      </header>
      <main class="live">
        {progress && <progress value={progress.step} max={progress.of} aria-label="Steps" />}
        <div class="screen">
          {clip
            ? clip.form === "video"
              ? <Video source={`clip/${clip.version}`} />
              : <img src={clip.source} alt={clip.name} />
            : <p>Nothing there yet. The page shows it as soon as it is.</p>}
        </div>
      </main>
    </>
  );
}

/** A video that goes on where the one before it was. */
function Video({ source }: { readonly source: string }) {
  const [at, setAt] = useState(0);
  return (
    <video
      src={source}
      autoplay
      muted
      loop
      playsInline
      onTimeUpdate={({ currentTarget }) => setAt(currentTarget.currentTime)}
      onLoadedMetadata={({ currentTarget }) => {
        if (at < currentTarget.duration) currentTarget.currentTime = at;
        // A browser that plays nothing unasked shows the first frame.
        currentTarget.play().catch(() => {});
      }}
    />
  );
}
