/**
 * Whether the cameras see the persons.
 * @module
 */
import type { FrameFacts } from "./facts.ts";
import {
  describeFrames,
  percent,
  personName,
  type PreviewWarning,
  rangesWhere,
  type WarningKind,
} from "./warnings.ts";

/** Hands and hair that leave the picture for a moment are part of any lively shot. */
const PARTLY_OUTSIDE = 0.1;

/** What then is left, a hand or a foot, shows nobody. */
const OUTSIDE = 0.9;

/** With more than half behind the camera nothing of the person can be meant to be seen. */
const BEHIND = 0.5;

/** Share of the picture's height below which a person is no more than a few of the model's tokens high. */
const SMALL_TOKENS = 4;

interface Finding {
  readonly kind: WarningKind;
  readonly holds: (facts: FrameFacts) => boolean;
  readonly say: (name: string, frames: string, worst: FrameFacts) => string;
}

/** From the gravest on: a frame counts for the first that holds. */
const findings: readonly Finding[] = [
  {
    kind: "camera_in_body",
    holds: ({ cameraInside }) => cameraInside,
    say: (name, frames) =>
      `the camera is inside the body of ${name} in ${frames}: move one of them`,
  },
  {
    kind: "behind_camera",
    holds: ({ behind }) => behind > BEHIND,
    say: (name, frames) =>
      `${name} is behind the camera in ${frames}: turn the camera, or leave --no-follow out`,
  },
  {
    kind: "out_of_frame",
    holds: ({ outside }) => outside > OUTSIDE,
    say: (name, frames) =>
      `${name} is out of the picture in ${frames}: check camera, --offset and --placement`,
  },
  {
    kind: "partly_out_of_frame",
    holds: ({ outside }) => outside > PARTLY_OUTSIDE,
    say: (name, frames, { outside }) =>
      `${name} is partly out of the picture in ${frames}, up to ${
        percent(outside)
      } of the body: fine for a close-up, else take a greater distance`,
  },
];

/** Findings about persons that the cameras miss, cut off, or see too small; facts are [persons][frames]. */
export function checkViews(
  facts: readonly (readonly FrameFacts[])[],
  { tokenRows }: { readonly tokenRows: number },
): PreviewWarning[] {
  return facts.flatMap((track, index) => {
    const name = personName(index, facts.length);
    const first = track.map((frame) => findings.findIndex(({ holds }) => holds(frame)));
    const warnings = findings.flatMap(({ kind, say }, rank): PreviewWarning[] => {
      const frames = rangesWhere(track.length, (frame) => first[frame] === rank);
      if (frames.length === 0) return [];
      const worst = track.filter((_, frame) => first[frame] === rank)
        .reduce((a, b) => b.outside > a.outside ? b : a);
      const message = say(name, describeFrames(frames), worst);
      return [{ kind, person: index + 1, frames, value: worst.outside, message }];
    });
    return [...warnings, ...smallPerson(track, { name, index, tokenRows })];
  });
}

/** A person of few tokens has no room for a face, or for arms and legs. */
function smallPerson(
  track: readonly FrameFacts[],
  { name, index, tokenRows }: {
    readonly name: string;
    readonly index: number;
    readonly tokenRows: number;
  },
): PreviewWarning[] {
  const limit = SMALL_TOKENS / tokenRows;
  const frames = rangesWhere(
    track.length,
    (frame) => track[frame].behind === 0 && track[frame].height < limit,
  );
  if (frames.length === 0) return [];
  const value = Math.min(...track.map(({ height }) => height));
  const rows = (value * tokenRows).toFixed(1);
  return [{
    kind: "person_small",
    person: index + 1,
    frames,
    value,
    limit,
    message: `${name} is only ${rows} tokens high in ${
      describeFrames(frames)
    } (a token is 16 pixels): come nearer, or make a larger video`,
  }];
}
