import { deepEqual, equal, notEqual, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { HELD_OUT_SEED, loadMotion, readBody, renderClip } from "../../lib/data/mod.ts";
import { frameAt, type Frames, readVideo, writePng, writeVideo } from "../../lib/io/mod.ts";
import { drawTrackSheet } from "../../lib/preview/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";
import type { SeenPerson } from "../../lib/perception/mod.ts";
import { judgeClip } from "../../lib/track/clip/frame_fits.ts";
import { doubtfulFrames, trackClip, trackFiles, writeTrack } from "../../lib/track/mod.ts";
import { namesIn, withFolder } from "../support/folders.ts";

const body = await readBody();
const size = { width: 320, height: 256 };
const { frames, background } = renderClip(body, {
  ...{ ...size, seed: HELD_OUT_SEED + 1, frames: 7, kind: "video" as const },
});

const empty = { ...background, count: 1, data: frameAt(background, 0) };

/** A folder with the rendered clip in it. */
async function withClip(
  test: (paths: { folder: string; clip: string; cache: string }) => Promise<void>,
  video: Frames = frames,
): Promise<void> {
  await withFolder(async (folder) => {
    const clip = join(folder, "clip.mp4");
    await writeVideo(clip, video);
    await test({ folder, clip, cache: join(folder, "cache") });
  });
}

Deno.test("trackClip: a video gives a motion, cameras, mask and scene; a second call looks at nothing", async () => {
  await withClip(async ({ folder, clip, cache }) => {
    const live = liveTensors();
    const track = await trackClip(clip, { body, cache });
    equal(track.motion.frames, 7);
    deepEqual(track.persons, [{ number: 1, id: 1, frames: 7 }]);
    for (const { error, overlap, doubt } of track.fits) {
      ok(error! < 0.02 && overlap! > 0.6 && !doubt, `${error} ${overlap} ${doubt}`);
    }
    equal(liveTensors(), live);
    const out = join(folder, "out");
    const files = await writeTrack(out, track, { body });
    for (const file of files) ok((await Deno.stat(file)).size > 100, file);
    const loaded = await loadMotion(join(out, trackFiles.motion), { body, placement: "keep" });
    equal(loaded.motion.frames, 7);
    equal(loaded.cameras!(size).length, 7);
    const amass = await loadMotion(join(out, trackFiles.amass), { body, placement: "keep" });
    ok(
      amass.motion.translations.every((v, i) => Math.abs(v - loaded.motion.translations[i]) < 1e-3),
    );
    const mask = await readVideo(join(out, trackFiles.mask));
    deepEqual([mask.count, mask.width, mask.height], [7, 320, 256]);
    const sheet = await drawTrackSheet({ track, body });
    ok(sheet.width > 800 && sheet.height > 500);
    let looks = 0;
    const again = await trackClip(clip, {
      body,
      cache,
      onFrame: () => looks++,
      onFit: () => looks++,
    });
    equal(looks, 0);
    deepEqual(again.fits, track.fits);
    const edged = await trackClip(clip, { body, cache, outlines: true });
    notEqual(edged.file, track.file);
    const mean = ({ fits }: typeof track) => fits.reduce((sum, fit) => sum + fit.overlap!, 0) / 7;
    ok(mean(edged) > mean(track), `${mean(edged)}, without edges ${mean(track)}`);
    deepEqual(namesIn(folder).sort(), [
      "cache",
      "clip.mp4",
      "out",
    ]);
  });
});

Deno.test("trackClip: who was cut off goes on behind the frames that were seen, with the same result", async () => {
  await withClip(async ({ folder, clip, cache }) => {
    const cut = new AbortController();
    const onFrame = ({ frame }: { frame: number }) => {
      if (frame === 3) cut.abort(new DOMException("cut", "AbortError"));
    };
    await rejects(trackClip(clip, { body, cache, signal: cut.signal, onFrame }), /cut/);
    const seen = [...Deno.readDirSync(join(cache, "v1"))];
    equal(seen.length, 1);
    const resumed = await trackClip(clip, { body, cache });
    const whole = await trackClip(clip, { body, cache: join(folder, "other") });
    deepEqual(resumed.motion.poses, whole.motion.poses);
    deepEqual(resumed.fits, whole.fits);
  });
});

Deno.test("trackClip: a picture, a scene without anybody and a person who is not there get one clear line", async () => {
  await withClip(async ({ folder, clip, cache }) => {
    const picture = join(folder, "photo.png");
    await writePng(picture, empty);
    await rejects(
      trackClip(picture, { body, cache }),
      /photo.png" is a picture, which does not move/,
    );
    await rejects(trackClip(clip, { body, cache }), /found nobody in ".*clip.mp4"/);
  }, empty);
  await withClip(async ({ clip, cache }) => {
    await rejects(
      trackClip(clip, { body, cache, maxFrames: 2, person: 2 }),
      /shows 1 person, expected 1, found #person=2/,
    );
    const one = await trackClip(clip, { body, cache, maxFrames: 1 });
    equal(one.motion.frames, 1);
    ok(one.notices.includes("the video has one frame: a pose, and no motion"), `${one.notices}`);
  });
});

Deno.test("judgeClip: a head out of the picture is said, and one that is seen now and then is not", () => {
  const person = (y: number): SeenPerson => {
    const one = new Float32Array(33).fill(1);
    // Nose, eyes, ears and mouth come first.
    const image = Float32Array.from({ length: 99 }, (_, i) => i % 3 === 1 && i < 33 ? y : 50);
    return {
      ...{ id: 1, box: { x: 0, y: 0, width: 9, height: 9 }, score: 1 },
      body: { image, world: new Float32Array(99), presence: one, visibility: one },
    };
  };
  const fits = [1, 2, 3].map(() => ({ error: 0.01, overlap: 0.8 }));
  const notices = (...heads: readonly number[]) =>
    judgeClip(fits, { seen: heads.map(person), unseen: [], width: 100, height: 80 });
  deepEqual(notices(-20, -5, 90), [
    "the person's head is out of the picture: how it is turned is a guess",
  ]);
  deepEqual(notices(-20, 10, -3), []);
});

Deno.test("doubtfulFrames: frames come in stretches, by why they are not trusted", () => {
  const [good, unseen] = [{ error: 0.01, overlap: 0.8 }, { doubt: "not seen" as const }];
  const off = { error: 0.05, overlap: 0.8, doubt: "off the landmarks" as const };
  deepEqual(doubtfulFrames([good, unseen, unseen, good, off, unseen]), [
    "not seen: 1–2, 5",
    "off the landmarks: 4",
  ]);
});
