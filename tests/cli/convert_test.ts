import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { HELD_OUT_SEED, readBody, renderClip } from "../../lib/data/mod.ts";
import { type Camera, parseCameraText, projectPoints } from "../../lib/geometry/mod.ts";
import { npyToFloat32, readNpz, writePng } from "../../lib/io/mod.ts";
import { isa4d, textOf } from "../support/cli.ts";
import { root } from "../support/commands.ts";
import { namesIn, withFolder } from "../support/folders.ts";

const realEstate = join(root, "tests/fixtures/geometry/realestate10k.txt");
const tracks = join(root, "tests/fixtures/motion/phalp.pkl");

/** Converts and returns the record; fails where the command does. */
async function convert(cwd: string, ...args: string[]) {
  const { code, stdout, stderr } = await isa4d(["convert", ...args, "--json"], { cwd });
  equal(code, 0, stderr);
  return { record: JSON.parse(textOf(stdout)), stderr };
}

/** What a failing conversion says. */
async function refused(cwd: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await isa4d(["convert", ...args], { cwd });
  ok(code > 0 && stdout.length === 0);
  match(stderr, /^isa4d convert: [^\n]*[^.\n]\n$/);
  return `${code} ${stderr.trim()}`;
}

async function camerasOf(path: string): Promise<readonly Camera[]> {
  return parseCameraText(await Deno.readTextFile(path), path).cameras;
}

function apart(a: readonly Camera[], b: readonly Camera[]): number {
  const numbers = ({ rotation, translation, fx, fy, cx, cy }: Camera) => [
    ...[fx, fy, cx, cy],
    ...rotation,
    ...translation,
  ];
  equal(a.length, b.length);
  return Math.max(
    ...a.flatMap((camera, i) => {
      const other = numbers(b[i]);
      return numbers(camera).map((value, k) => Math.abs(value - other[k]));
    }),
  );
}

Deno.test("isa4d convert: cameras go round through every kind and come back", async () => {
  await withFolder(async (folder) => {
    const { record, stderr } = await convert(folder, realEstate, "a.json", "--fps", "24");
    const { output, ...rest } = record;
    deepEqual(rest, { kind: "isa4d-cameras", frames: 5, fps: 24, width: 1280, height: 720 });
    deepEqual([output, stderr], [join(folder, "a.json"), ""]);
    match((await convert(folder, "a.json", "transforms.json")).stderr, /not say where its cameras/);
    equal((await convert(folder, "transforms.json", "b.txt")).record.kind, "realestate10k");
    const back = ["b.txt", "c.json", "-W", "1280", "-H", "720"];
    equal((await convert(folder, ...back)).record.frames, 5);
    const first = await camerasOf(join(folder, "a.json"));
    ok(apart(first, await camerasOf(join(folder, "c.json"))) < 1e-9);
    await convert(folder, "a.json", "twice.json", "--scale", "2");
    const [one, two] = [first[3], (await camerasOf(join(folder, "twice.json")))[3]];
    deepEqual(two.translation, one.translation.map((value) => value * 2));
    const plain = await isa4d(["convert", "a.json", "transforms.json", "-y"], { cwd: folder });
    equal(textOf(plain.stdout), "transforms.json: nerf, 5 frames at 24 a second\n");
    deepEqual(namesIn(folder), ["a.json", "b.txt", "c.json", "transforms.json", "twice.json"]);
  });
});

Deno.test("isa4d convert: a COLMAP model is written as three files, read back, and kept", async () => {
  await withFolder(async (folder) => {
    const model = join(root, "tests/fixtures/geometry/colmap/images.txt");
    const { record } = await convert(folder, model, "a.json");
    deepEqual([record.kind, record.frames, record.width], ["isa4d-cameras", 3, 640]);
    equal((await convert(folder, "a.json", "images.txt")).record.kind, "colmap");
    deepEqual(namesIn(folder), ["a.json", "cameras.txt", "images.txt", "points3D.txt"]);
    await convert(folder, "images.txt", "b.json");
    const [a, b] = await Promise.all(
      ["a.json", "b.json"].map((name) => camerasOf(join(folder, name))),
    );
    a.forEach(({ translation }, i) =>
      translation.forEach((value, k) => ok(Math.abs(value - b[i].translation[k]) < 1e-9))
    );
    // The lenses of a model that is read are an input, whatever -y says.
    match(await refused(folder, "images.txt", "cameras.txt", "-y", "--fps", "8"), /^2 /);
    await Deno.remove(join(folder, "images.txt"));
    match(await refused(folder, "a.json", "images.txt"), /^2 .*cameras\.txt/);
  });
});

Deno.test("isa4d convert: motions go from our JSON to SMPL, to AMASS and back", async () => {
  await withFolder(async (folder) => {
    await convert(folder, "builtin:walk", "a.json", "--fps", "20");
    await convert(folder, "a.json", "smpl.npz");
    await convert(folder, "smpl.npz", "amass.npz", "--to", "amass");
    const { record } = await convert(folder, "amass.npz", "b.json");
    deepEqual([record.kind, record.frames, record.fps], ["isa4d-motion", 17, 20]);
    const [a, b] = await Promise.all(
      ["a.json", "b.json"].map(async (name) =>
        JSON.parse(await Deno.readTextFile(join(folder, name)))
      ),
    );
    for (const [frame, pose] of a.poses.entries()) {
      // AMASS has no turns of the hands, the last six numbers.
      pose.slice(0, 66).forEach((value: number, i: number) =>
        ok(Math.abs(value - b.poses[frame][i]) < 1e-5)
      );
      a.translations[frame].forEach((value: number, i: number) =>
        ok(Math.abs(value - b.translations[frame][i]) < 1e-6)
      );
    }
    const amass = await readNpz(join(folder, "amass.npz"));
    deepEqual(amass.get("poses")!.shape, [17, 156]);
    // Z is up there: SMPL's origin lies 0.2233 m above the pelvis, which walks near 0.9 m.
    const [, y, z] = npyToFloat32(amass.get("trans")!);
    ok(z > 0.7 && z < 1.4 && Math.abs(y) < 0.5, `${y} ${z}`);
    await convert(folder, "smpl.npz", "half.npz", "--fps", "10");
    deepEqual((await readNpz(join(folder, "half.npz"))).get("poses")!.shape, [9, 72]);
  });
});

Deno.test("isa4d convert: a tracker's file gives its motion and its camera", async () => {
  await withFolder(async (folder) => {
    const { record, stderr } = await convert(folder, `${tracks}#tid=2&fps=25`, "two.npz");
    deepEqual([record.kind, record.frames, record.fps, stderr], ["smpl", 3, 25, ""]);
    ok((await readNpz(join(folder, "two.npz"))).get("betas"));
    const camera = await convert(folder, `${tracks}#tid=2`, "c.json", "--to", "isa4d-cameras");
    deepEqual([camera.record.frames, camera.record.width], [1, 200]);
    match(camera.stderr, /--placement file/);
  });
});

Deno.test("isa4d convert: GVHMR's file gives its motion, and the cameras that moved", async () => {
  await withFolder(async (folder) => {
    const file = join(root, "tests/fixtures/motion/gvhmr.pt");
    equal((await convert(folder, file, "a.json")).record.frames, 4);
    const { record } = await convert(folder, file, "c.json", "--to", "isa4d-cameras");
    deepEqual([record.frames, record.width, record.height], [4, 320, 240]);
  });
});

Deno.test("isa4d convert: glTF has body, motion and the camera, where its picture is known", async () => {
  await withFolder(async (folder) => {
    const sceneOf = async (name: string) => {
      const { buffer } = await Deno.readFile(join(folder, name));
      const length = new DataView(buffer).getUint32(12, true);
      return JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 20, length)));
    };
    const gvhmr = join(root, "tests/fixtures/motion/gvhmr.pt");
    const { record } = await convert(folder, gvhmr, "a.glb");
    deepEqual([record.kind, record.frames, record.fps], ["gltf", 4, 30]);
    const { nodes, cameras, animations } = await sceneOf("a.glb");
    deepEqual([nodes.length, animations[0].channels.length], [26, 27]);
    ok(Math.abs(cameras[0].perspective.aspectRatio - 320 / 240) < 1e-9);
    const wham = join(root, "tests/fixtures/motion/wham.pkl#tid=0");
    match((await convert(folder, wham, "b.glb")).stderr, /camera is left out \(give -W and -H\)/);
    equal((await sceneOf("b.glb")).cameras, undefined);
    await convert(folder, wham, "c.glb", "-W", "320", "-H", "240");
    equal((await sceneOf("c.glb")).cameras.length, 1);
    match(await refused(folder, "a.glb", "d.json"), /^2 .*glTF is written only/);
  });
});

Deno.test("isa4d convert: a BVH goes out and comes back", async () => {
  await withFolder(async (folder) => {
    const { record } = await convert(folder, "builtin:walk", "a.bvh", "--fps", "20");
    equal(record.kind, "bvh");
    const back = await convert(folder, "a.bvh", "b.json");
    deepEqual([back.record.frames, Math.round(back.record.fps)], [record.frames, 20]);
  });
});

Deno.test("isa4d convert: --from decides where a .npz could be either", async () => {
  await withFolder(async (folder) => {
    await convert(folder, "builtin:wave", "a.npz");
    const same = await convert(folder, "a.npz", "same.npz", "--from", "smpl");
    equal(same.record.frames, 17);
    await convert(folder, "a.npz", "turned.npz", "--from", "amass");
    const place = async (
      name: string,
    ) => [...npyToFloat32((await readNpz(join(folder, name))).get("trans")!).subarray(0, 3)];
    const [a, turned] = [await place("a.npz"), await place("turned.npz")];
    // What was Z is up now, both about SMPL's pelvis.
    ok(Math.abs(turned[1] - (a[2] + 0.0282 + 0.2233)) < 1e-5, `${a} ${turned}`);
  });
});

Deno.test("isa4d convert: what cannot be converted is said, and nothing is written", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "x.json"), "{}");
    const cases: [string[], RegExp][] = [
      [
        ["x.json", "y.json"],
        /^1 .*cannot tell what ".*x\.json" is: expected cameras .* or a motion/,
      ],
      [["gone.json", "y.json"], /^1 .*gone\.json": there is no such file/],
      [["x.json", "y.json", "--from", "nerf"], /^1 .*x\.json": frames: /],
      [[realEstate, "y.npz"], /^2 .*"y\.npz" names no kind of file for cameras: .*\.json or \.txt/],
      [["builtin:walk", "y.txt"], /^2 .*"y\.txt" names no kind of file for a motion/],
      [[realEstate, "y.npz", "--to", "smpl"], /^2 .*holds cameras, --to smpl is for motions/],
      [["builtin:walk", "y.pkl", "--to", "tracks"], /^2 .*read only/],
      [["builtin:walk", "y.json", "--to", "nerf"], /^1 .*has no camera, only a motion/],
      [["builtin:walk", "y.json", "--scale", "2"], /^2 .*--scale is for cameras/],
      [[realEstate, "y.json", "-W", "64"], /^2 .*takes both, --width and --height/],
      [[tracks, "y.npz", "--from", "amass"], /^1 .*no amass \.npz/],
      [[realEstate, "y.json", "--to", "realestate10k"], /^2 .*y\.json": .* ending in \.txt/],
      [["x.json", "x.json", "-y"], /^2 .*x\.json" would overwrite the input/],
      [[realEstate, "y.json", "--to", "fbx"], /^2 .*--to.*isa4d-cameras, realestate10k, nerf/],
    ];
    for (const [args, says] of cases) match(await refused(folder, ...args), says);
    deepEqual(namesIn(folder), ["x.json"]);
  });
});

Deno.test("isa4d convert: a photo becomes the pose of its person, with a camera of the photo's size", () =>
  withFolder(async (cwd) => {
    const body = await readBody();
    const clip = renderClip(body, {
      ...{ seed: HELD_OUT_SEED + 1, width: 320, height: 256, frames: 1, kind: "video" as const },
    });
    await writePng(join(cwd, "me.png"), clip.frames);
    const { code, stdout } = await isa4d(["convert", "me.png", "me.json", "--json"], { cwd });
    equal(code, 0);
    ok(JSON.parse(textOf(stdout)).error < 0.02);
    const pose = JSON.parse(await Deno.readTextFile(join(cwd, "me.json")));
    equal(pose.format, "isa4d-pose");
    const [camera] = parseCameraText(JSON.stringify(pose.camera), "me.json").cameras;
    deepEqual([camera.width, camera.height], [320, 256]);
    // The pelvis lies on the person in the picture.
    const posed = body.pose({ pose: pose.pose, translation: pose.translation, shape: pose.shape });
    const [x, y] = projectPoints(camera, posed.joints.slice(0, 3)).uv;
    ok(clip.mask[Math.floor(y) * 320 + Math.floor(x)] > 0, `pelvis at ${x}, ${y}`);
    for (
      const [input, says] of [
        ["me.png#tid=2", /is a picture: expected me\.png#person=N/],
        ["me.png#person=2", /has no person 2: it shows one/],
      ] as const
    ) {
      const { code, stderr } = await isa4d(["convert", input, "other.json"], { cwd });
      ok(code > 0);
      match(stderr, says);
    }
  }));
