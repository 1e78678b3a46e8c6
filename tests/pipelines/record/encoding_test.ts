import { deepEqual, throws } from "node:assert/strict";
import { parseJob } from "../../../lib/pipelines/job/mod.ts";
import { encodingOf } from "../../../lib/pipelines/record/mod.ts";

const soundOf = (background: string, motion: string) =>
  encodingOf(parseJob({
    reference: { image: "me.png" },
    persons: [{ motion }],
    ...{ background, audio: "background", frames: 16, fps: 8, output: "out.mp4" },
  })).sound;

Deno.test("--audio background: the background's own sound, or that of the video that drives", () => {
  deepEqual(soundOf("street.mp4", "builtin:walk"), { path: "street.mp4", seconds: 2 });
  deepEqual(soundOf("driving", "dance.mp4#person=2"), { path: "dance.mp4", seconds: 2 });
  throws(() => soundOf("none", "dance.mp4"), /the background is none, no video; name a file/);
});
