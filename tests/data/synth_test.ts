import assert from "node:assert/strict";
import { HELD_OUT_SEED, readBody, renderClip, renderReference } from "../../lib/data/mod.ts";
import { InputError } from "../../lib/errors.ts";
import { builtinMotion, parseCameraPath, projectPoints } from "../../lib/geometry/mod.ts";
import { drawOutfit } from "../../lib/data/synth/outfit.ts";
import { dressPerson } from "../../lib/data/synth/person.ts";
import { Random } from "../../lib/geometry/mod.ts";

const body = await readBody();
const small = { width: 48, height: 48, frames: 5 };
const seeds = [0, 1, 2, 3, HELD_OUT_SEED, HELD_OUT_SEED + 1];
const clips = seeds.map((seed) => renderClip(body, { ...small, seed }));

Deno.test("renderClip: the same seed gives the same bytes, another seed another person", () => {
  assert.deepEqual(renderClip(body, { ...small, seed: 1 }), clips[1]);
  assert.notDeepEqual(clips[0].shape, clips[1].shape);
  assert.equal(new Set(clips.map(({ identity }) => identity)).size, clips.length);
});

Deno.test("renderClip: identities of held-out seeds lie apart from those of training seeds", () => {
  for (const { seed, identity } of clips) assert.equal(identity >= 2 ** 30, seed >= HELD_OUT_SEED);
});

Deno.test("renderClip: outside the person a frame is the empty scene but for a faint shadow", () => {
  for (const { frames, background, mask } of clips) {
    let covered = 0;
    for (let pixel = 0; pixel < mask.length; pixel++) {
      if (mask[pixel]) covered++;
      // Pixels beside the mask are partly covered; those further away show floor and shadow alone.
      const x = pixel % 48, y = Math.floor(pixel / 48) % 48;
      if (x < 1 || y < 1 || x > 46 || y > 46) continue;
      const near = [-49, -48, -47, -1, 0, 1, 47, 48, 49].some((step) => mask[pixel + step]);
      if (near) continue;
      for (let k = 0; k < 3; k++) {
        const change = background.data[pixel * 3 + k] - frames.data[pixel * 3 + k];
        // Thin fingers cover less than half of a pixel; hence few may be brighter or darker.
        if (change > 0.08 * 255 || change < 0) assert.ok(Math.abs(change) < 128);
      }
    }
    const share = covered / mask.length;
    assert.ok(share > 0.02 && share < 0.5, `the person covers ${share} of the picture`);
  }
});

Deno.test("renderClip: the mask lies where cameras and poses say the body is", () => {
  for (const { mask, poses, cameras } of clips) {
    for (const [frame, pose] of poses.entries()) {
      const { joints } = body.pose(pose);
      const { uv } = projectPoints(cameras[frame], joints);
      // Hips, spine and chest are inside the silhouette from everywhere.
      for (const joint of [0, 3, 6, 9]) {
        const x = Math.floor(uv[joint * 2]), y = Math.floor(uv[joint * 2 + 1]);
        assert.equal(mask[frame * 48 * 48 + y * 48 + x], 255, `frame ${frame}, joint ${joint}`);
      }
    }
  }
});

Deno.test("renderClip: given motion and cameras are the ones that are seen", () => {
  const motion = builtinMotion("wave", { frames: 3, fps: 8 });
  const cameras = parseCameraPath("orbit:deg=40", {
    frames: 3,
    width: 40,
    height: 32,
    subject: { min: [-0.6, 0, -0.4], max: [0.6, 1.9, 0.4] },
  });
  const clip = renderClip(body, { seed: 5, width: 40, height: 32, motion, cameras });
  assert.equal(clip.cameras, cameras);
  assert.equal(clip.frames.count, 3);
  assert.deepEqual(clip.poses[2].pose, motion.poses.slice(144));
  assert.deepEqual([clip.motionName, clip.cameraKind], ["given", "given"]);
});

Deno.test("renderReference: shows the clip's person, and another scene seed changes no person", () => {
  const { reference, referencePose } = renderReference(body, { seed: 2, width: 48, height: 48 });
  assert.deepEqual(reference, clips[2].reference);
  assert.deepEqual(referencePose.shape, clips[2].shape);
  const elsewhere = renderClip(body, { ...small, seed: 2, sceneSeed: 99 });
  assert.deepEqual(elsewhere.mask, clips[2].mask);
  assert.notDeepEqual(elsewhere.background, clips[2].background);
});

Deno.test("dressPerson: a body without hair and skirt shells is refused", () => {
  const bare = { ...body, shellNames: ["body"] };
  const dress = () => dressPerson(bare, drawOutfit(new Random(1)));
  assert.throws(
    dress,
    (error) => error instanceof InputError && /no shell eyes/.test(error.message),
  );
});
