import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { bodyPath, HELD_OUT_SEED, readBody, renderClip } from "../../../lib/data/mod.ts";
import { projectPoints } from "../../../lib/geometry/mod.ts";
import { frameAt, type Frames, writePng } from "../../../lib/io/mod.ts";
import { type JobInput, parseJob } from "../../../lib/pipelines/job/mod.ts";
import { loadScene, openBackground, type Scene } from "../../../lib/pipelines/mod.ts";
import { namesIn, withEnv, withFolder } from "../../support/folders.ts";

const body = await readBody();
const size = { width: 448, height: 256 };
const photo = renderClip(body, {
  ...{ seed: HELD_OUT_SEED + 3, ...size, frames: 1, kind: "video" as const },
  persons: [2, 2],
});

/** Runs `test` with a function that loads a job on the picture, in a folder with caches of its own. */
function withPhoto(
  picture: Frames,
  test: (
    load: (change?: Partial<JobInput> & { pose?: string }) => Promise<Loaded>,
    folder: string,
  ) => Promise<void>,
): Promise<void> {
  return withFolder((folder) =>
    withEnv({ XDG_CACHE_HOME: join(folder, "caches") }, async () => {
      const image = join(folder, "photo.png");
      await writePng(image, picture);
      await test(async ({ pose, ...change } = {}) => {
        const job = parseJob({
          reference: { image, ...(pose ? { pose } : {}) },
          persons: [{ motion: "builtin:wave" }],
          ...{ ...size, frames: 5, fps: 8, output: "-" },
          ...change,
        });
        const notices: string[] = [];
        const onNotice = (text: string) => notices.push(text);
        const scene = await loadScene(job, { bodyPath, onNotice });
        const background = await (await openBackground(job, onNotice))?.next();
        return { scene, background: background?.value, notices: notices.join("\n") };
      }, folder);
    })
  );
}

interface Loaded {
  readonly scene: Scene;
  readonly background?: Uint8Array;
  readonly notices: string;
}

/** Where a body's pelvis is in the picture, pixels. */
function pelvis(
  { poses, cameras }: Pick<Scene, "cameras"> & Pick<Scene["persons"][number], "poses">,
) {
  const [x, y] = projectPoints(cameras[0], body.poseJoints(poses[0]).subarray(0, 3)).uv;
  return { x, y };
}

Deno.test("--ref-pose auto: the largest person of a photo is fitted, another on demand, once and for all", () =>
  withPhoto(photo.frames, async (load, folder) => {
    const truth = photo.persons.map(({ poses }) => pelvis({ ...photo, poses }));
    const found = [];
    for (const pose of ["auto", "auto#person=2"]) {
      const { scene: { persons: [{ reference }] }, notices } = await load({ pose });
      match(notices, /fitted the body to the person of ".*photo\.png": the landmarks are \d\.\d %/);
      equal(/shows 2 people: the largest is used/.test(notices), pose === "auto", notices);
      const { body: own, camera } = reference.known!;
      found.push(pelvis({ poses: [own], cameras: [camera] }));
      equal(reference.whole?.mask?.width, size.width);
    }
    const off = found.map(({ x, y }) =>
      truth.map((there) => Math.hypot(x - there.x, y - there.y) / size.height)
    );
    ok(Math.max(...off.map((each) => Math.min(...each))) < 0.04, `${off}`);
    ok(Math.hypot(found[0].x - found[1].x, found[0].y - found[1].y) > 20, "both are one");
    await rejects(load({ pose: "auto#person=3" }), /has no person 3: it shows 2, #person=1 to 2/);
    const kept = namesIn(join(folder, "caches", "isa4d", "photo"));
    deepEqual(
      kept.map((name) => name.replace(/^\w{64}/, "")).filter((name) => /json/.test(name)).length,
      2,
    );
    ok(kept.some((name) => name.endsWith(".npz")), `${kept}`);
  }));

Deno.test("--background auto: the photo without its people where the camera stands, else grey", () =>
  withPhoto(photo.frames, async (load) => {
    const { background, notices } = await load();
    match(notices, /the background is the photo's own scene/);
    const [seen, empty] = [photo.frames, photo.background].map((frames) => frameAt(frames, 0));
    const off = (here: (at: number) => boolean, than: Uint8Array) => {
      const places = [...photo.mask.keys()].filter(here);
      const sum = places.reduce((all, at) => all + Math.abs(background![at * 3] - than[at * 3]), 0);
      return sum / places.length;
    };
    ok(off((at) => photo.mask[at] > 0, empty) < off((at) => photo.mask[at] > 0, seen));
    ok(off((at) => at % size.width < 8, seen) < 2, "the scene itself has changed");
    const moving = await load({ camera: "orbit:deg=30" });
    match(moving.notices, /the camera moves .* the background is plain #808080/);
    deepEqual([...moving.background!.subarray(0, 3)], [128, 128, 128]);
    equal((await load({ pose: "none" })).background, undefined);
    ok((await load({ pose: "none", background: "photo" })).background);
  }));

Deno.test("--camera auto: the photo's own, in which its person stands where it stood", () =>
  withPhoto(photo.frames, async (load) => {
    const { scene, notices } = await load();
    const [{ poses, reference }] = scene.persons;
    const { body: own, camera } = reference.known!;
    const [there, here] = [
      pelvis({ poses: [own], cameras: [camera] }),
      pelvis({ poses, cameras: scene.cameras }),
    ];
    ok(Math.abs(there.x - here.x) < 12 && Math.abs(there.y - here.y) < 12, `${[there.x, here.x]}`);
    ok(!/on the spot/.test(notices));
    const far = { frames: 65, persons: [{ motion: "builtin:run" }] };
    match(
      (await load(far)).notices,
      /would leave the view of ".*photo\.png" and moves on the spot/,
    );
    ok(!/on the spot/.test((await load({ ...far, follow: false })).notices));
  }));

Deno.test("--ref-pose auto: a picture that shows nobody is as one without a pose", () =>
  withPhoto(photo.background, async (load) => {
    const { scene: { persons: [{ reference }] }, background, notices } = await load();
    match(
      notices,
      /nobody is seen in ".*photo\.png": the person in the video will not be recognisable/,
    );
    deepEqual([reference.known, background], [undefined, undefined]);
    await rejects(
      load({ camera: "photo" }),
      /--camera photo: nobody knows how ".*photo\.png" was taken/,
    );
  }));
