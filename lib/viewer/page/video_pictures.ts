/**
 * When a video has a new picture, whether it runs or was sent to another place.
 * @module
 */
/// <reference lib="dom" />

/** Milliseconds after a jump at which the picture is looked at again: some browsers tell too early. */
const AGAIN = [80, 400];

/** Tells each new picture's time in seconds; returns what ends it. */
export function watchPictures(
  video: HTMLVideoElement,
  onPicture: (seconds: number) => void,
): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  let timers: number[] = [];
  const look = () => {
    const ready = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    if (ready && !signal.aborted) onPicture(video.currentTime);
  };
  const lookAgain = () => {
    timers.forEach(clearTimeout);
    look();
    timers = AGAIN.map((ms) => self.setTimeout(look, ms));
  };
  for (const name of ["loadeddata", "seeked"]) video.addEventListener(name, lookAgain, { signal });
  look();
  if ("requestVideoFrameCallback" in video) everyPicture(video, onPicture, signal);
  else everyMoment(video, look, signal);
  return () => {
    stop.abort();
    timers.forEach(clearTimeout);
  };
}

function everyPicture(
  video: HTMLVideoElement,
  onPicture: (seconds: number) => void,
  signal: AbortSignal,
): void {
  const told = (_: number, { mediaTime }: VideoFrameCallbackMetadata) => {
    if (signal.aborted) return;
    onPicture(mediaTime);
    video.requestVideoFrameCallback(told);
  };
  video.requestVideoFrameCallback(told);
}

/** For browsers that do not tell of pictures: while the video runs, at each drawing of the page. */
function everyMoment(video: HTMLVideoElement, look: () => void, signal: AbortSignal): void {
  const next = () => {
    if (signal.aborted || video.paused) return;
    look();
    requestAnimationFrame(next);
  };
  video.addEventListener("playing", () => requestAnimationFrame(next), { signal });
}
