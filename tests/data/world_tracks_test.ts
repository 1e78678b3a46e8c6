import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadMotion, readBody, smplMotion } from "../../lib/data/mod.ts";
import { cameraCentre, motionFrame, projectPoints } from "../../lib/geometry/mod.ts";
import { withFolder } from "../support/folders.ts";
import { testRefused } from "../support/refused_motions.ts";
import tracks from "../fixtures/motion/world_tracks.json" with { type: "json" };

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const wham = fixture("motion/wham.pkl"), gvhmr = fixture("motion/gvhmr.pt");
const [ourBody, smpl] = await Promise.all([readBody(), readBody(fixture("body/smpl.npz"))]);
const size = { width: tracks.width, height: tracks.height };

function near(actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  equal(actual.length, expected.length);
  expected.forEach((value, i) =>
    ok(Math.abs(actual[i] - value) <= tolerance, `${i}: ${actual[i]}, expected ${value}`)
  );
}

for (const placement of ["keep", "origin"] as const) {
  Deno.test(`WHAM: joints come where smplx puts them before the camera, placement ${placement}`, async () => {
    for (const [tid, { frames, pixels }] of Object.entries(tracks.wham)) {
      const { motion, shape, cameras } = await loadMotion(`${wham}#tid=${tid}`, {
        ...{ body: smpl, placement },
      });
      equal(motion.frames, frames.at(-1)! - frames[0] + 1);
      const seen = cameras!(size);
      frames.forEach((id, i) => {
        const frame = id - frames[0];
        const { joints } = smpl.pose({ ...motionFrame(motion, frame), shape });
        near(Float32Array.from(projectPoints(seen[frame], joints).uv), pixels[i], 0.02);
      });
    }
  });
}

Deno.test("WHAM: on the own body the cameras are those that moved in its world", async () => {
  const { cameras } = await loadMotion(`${wham}#tid=0`, { body: ourBody, placement: "keep" });
  cameras!(size).forEach((camera, frame) => {
    const { rotation, translation } = tracks.wham[0].cameras[frame];
    near(camera.rotation, rotation, 1e-5);
    near(camera.translation, translation, 1e-5);
  });
});

Deno.test("WHAM: without a track the longest is taken, and what is lost interpolated; both are told", async () => {
  const { motion, shape, notices, begins } = await loadMotion(wham, { body: smpl });
  equal(motion.frames, 6);
  equal(begins, 2 / 30);
  near(shape!, tracks.wham[3].betas, 1e-6);
  match(notices.join("\n"), /tracks 3 \(5 frames\), 0 \(3 frames\): the longest, 3, is used/);
  match(notices.join("\n"), /track 3 of ".*wham.pkl" is lost in 1 of 6 frames: they are interp/);
  match(notices[0], /names no frame rate: 30 a second are assumed/);
});

Deno.test("GVHMR: the pelvis stands where SMPL-X's does, and turns as its joints do", async () => {
  const { motion, notices } = await loadMotion(gvhmr, { body: ourBody, placement: "keep" });
  const { rotvecs, pelvis } = tracks.gvhmr;
  equal(motion.frames, 4);
  match(notices.join("\n"), /betas in ".*" are ignored/);
  for (let frame = 0; frame < motion.frames; frame++) {
    const { joints } = ourBody.pose(motionFrame(motion, frame));
    near(joints.subarray(0, 3), pelvis.slice(frame * 3, frame * 3 + 3), 1e-5);
    near(
      motion.poses.subarray(frame * 72, frame * 72 + 66),
      rotvecs.slice(frame * 66, frame * 66 + 66),
      1e-5,
    );
  }
});

Deno.test("GVHMR: the cameras and their lens are those that saw the person", async () => {
  const { cameras, motion } = await loadMotion(gvhmr, { body: ourBody, placement: "keep" });
  cameras!({ width: 1, height: 1 }).forEach((camera, frame) => {
    const { rotation, translation } = tracks.gvhmr.cameras[frame];
    near(camera.rotation, rotation, 1e-5);
    near(camera.translation, translation, 1e-5);
    deepEqual([camera.width, camera.height, camera.fx, camera.cx], [320, 240, 400, 160]);
  });
  // Set on the floor, person and cameras move by one and the same shift.
  const floor = await loadMotion(gvhmr, { body: ourBody });
  const [kept, moved] = [cameras, floor.cameras].map((of) => cameraCentre(of!(size)[2]));
  near(
    moved.map((value, axis) => value - floor.motion.translations[6 + axis]),
    kept.map((value, axis) => value - motion.translations[6 + axis]),
    1e-5,
  );
});

Deno.test("GVHMR: written as SMPL the pelvis stays where it was", async () => {
  const { motion } = await smplMotion(gvhmr, { body: ourBody });
  const pelvis = [-0.0018, -0.2233, 0.0282];
  near(motion.translations.map((v, i) => v + pelvis[i % 3]), tracks.gvhmr.pelvis, 1e-5);
});

const tram = fixture("motion/tram/hps/hps_track_0.npy");

for (const placement of ["keep", "origin"] as const) {
  Deno.test(`TRAM: joints come where smplx puts them before the camera, placement ${placement}`, async () => {
    const { motion, shape, cameras } = await loadMotion(tram, { body: smpl, placement });
    const { frames, pixels } = tracks.tram;
    equal(motion.frames, 4);
    const seen = cameras!(size);
    frames.forEach((id, i) => {
      const { joints } = smpl.pose({ ...motionFrame(motion, id - 1), shape });
      near(Float32Array.from(projectPoints(seen[id - 1], joints).uv), pixels[i], 0.02);
    });
  });
}

Deno.test("TRAM: on the own body the cameras are those of camera.npy, in a world with Y up", async () => {
  const { cameras, notices } = await loadMotion(tram, { body: ourBody, placement: "keep" });
  const seen = cameras!(size);
  match(notices.join("\n"), /is lost in 1 of 4 frames: they are interpolated/);
  tracks.tram.frames.forEach((id, i) => {
    near(seen[id - 1].rotation, tracks.tram.cameras[i].rotation, 1e-5);
    near(seen[id - 1].translation, tracks.tram.cameras[i].translation, 1e-5);
  });
});

Deno.test("TRAM: without camera.npy the camera is taken for still, and that is told", () =>
  withFolder(async (folder) => {
    const path = join(folder, "hps_track_0.npy");
    await Deno.copyFile(tram, path);
    const { cameras, notices } = await loadMotion(path, { body: smpl });
    equal(cameras, undefined);
    match(notices.join("\n"), /has no camera.npy in the folder above/);
  }));

const wrong: [string, string, RegExp][] = [
  ["a track that WHAM lacks", `${wham}#tid=9`, /no track 9; its tracks are 3 \(5 frames\), 0 \(3/],
  ["a track of GVHMR, which has one person", `${gvhmr}#tid=1`, /has no tracks, but #tid=1/],
  ["weights as a motion", fixture("io/torch.pt"), /has no smpl_params_global.body_pose, expected/],
];

testRefused(wrong, { body: smpl });

Deno.test("loadMotion: an empty .pt gets one clear line", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.pt");
    await Deno.writeFile(path, new Uint8Array());
    await rejects(loadMotion(path, { body: smpl }), /cannot read ".*a.pt"/);
  }));
