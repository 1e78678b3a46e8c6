import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { bodyPath, readBody } from "../../lib/data/mod.ts";
import {
  bodyLayer,
  type BodyPose,
  builtinMotion,
  type Camera,
  lookAt,
  motionFrame,
  projectPoints,
} from "../../lib/geometry/mod.ts";
import { encodeRgbaPng, writePng } from "../../lib/io/mod.ts";
import { fitFile, landmarksOf, readKeypoints } from "../../lib/track/mod.ts";
import { fitReference } from "../../lib/preview/reference_checks.ts";
import { body25Order, cocoOrder } from "../../lib/track/keypoints/names.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";
import { isa4d } from "../support/cli.ts";
import { withFolder } from "../support/folders.ts";
import { writeJobFiles } from "../support/job_files.ts";
import { ramps } from "../support/pictures.ts";

const body = await readBody(bodyPath);
const landmarks = landmarksOf(body);
const size = { width: 320, height: 400 };

/** Where the spots of a posed body lie in a picture, by the mesh itself. */
function spots(pose: Pick<BodyPose, "pose" | "shape" | "translation">, camera: Camera) {
  const { vertices, joints } = body.pose(pose);
  const points = landmarks.flatMap(({ joints: own, vertex }) =>
    [0, 1, 2].map((c) =>
      vertex === undefined
        ? own.reduce((sum, j) => sum + joints[j * 3 + c], 0) / own.length
        : vertices[vertex * 3 + c]
    )
  );
  const { uv } = projectPoints(camera, Float32Array.from(points));
  return new Map(landmarks.map(({ spot }, i) => [spot, [uv[i * 2], uv[i * 2 + 1]] as const]));
}

/** A body in a built-in motion, seen from an angle; key points, and pixels of its height. */
function seen(name: string, frame: number, yaw: number) {
  const { pose, translation } = motionFrame(
    builtinMotion(name, { body, fps: 8, frames: 17 }),
    frame,
  );
  const shape = Float32Array.of(0.8, -0.5, 0.3, 0, 0, 0.4, 0, 0, 0, 0);
  const eye = [4 * Math.sin(yaw), 1.3, 4 * Math.cos(yaw)] as const;
  const camera = lookAt(eye, [0, 0.9, 0], { ...size, fovYDegrees: 36 });
  const found = spots({ pose, shape, translation }, camera);
  return { found, tall: camera.fy * 1.75 / 4 };
}

const openPose = (people: number[][]) => ({
  version: 1.3,
  people: people.map((pose_keypoints_2d) => ({ pose_keypoints_2d })),
});
type Found = ReturnType<typeof spots>;
const rows = (order: typeof cocoOrder, found: Found, confidence = (_: string) => 0.9) =>
  order.flatMap((spot) => [...found.get(spot)!, confidence(spot)]);

async function fitted(folder: string, content: unknown, fragment = "") {
  const path = join(folder, "k.json");
  await Deno.writeTextFile(path, JSON.stringify(content));
  return await fitFile(path + fragment, { body, ...size });
}

Deno.test("key points: bodies that walk, squat and turn away are fitted within 3 % of their height", () =>
  withFolder(async (folder) => {
    const live = liveTensors();
    const cases = [
      ["walk", 5, 0.4, cocoOrder],
      ["squat", 9, -0.6, body25Order],
      ["dance", 10, Math.PI, cocoOrder],
    ] as const;
    for (const [name, frame, yaw, order] of cases) {
      const { found, tall } = seen(name, frame, yaw);
      const flat = rows(order, found);
      const file = order === cocoOrder ? [{ keypoints: flat }] : openPose([flat]);
      const fit = await fitted(folder, file);
      const there = spots(fit.body, fit.camera);
      const distances = order.map((spot) => {
        const [a, b] = [found.get(spot)!, there.get(spot)!];
        return Math.hypot(a[0] - b[0], a[1] - b[1]);
      });
      const mean = distances.reduce((sum, d) => sum + d, 0) / distances.length / tall;
      ok(mean < 0.03, `${name}: ${mean}`);
      ok(Math.abs(mean - fit.error) < 0.01, `${mean} and ${fit.error}`);
      const chest = fit.body.pose[1];
      const turn = Math.abs(Math.atan2(Math.sin(chest + yaw), Math.cos(chest + yaw)));
      ok(name === "squat" || turn < 0.9, `${name} faces ${chest}, seen from ${yaw}`);
    }
    equal(liveTensors(), live);
  }));

Deno.test("key points: hidden legs and a wrong hand leave the rest where it is", () =>
  withFolder(async (folder) => {
    const { found, tall } = seen("wave", 8, 0.3);
    const wrong = new Map(found).set("left_wrist", [5, 395]);
    const hidden = (spot: string) => /knee|ankle/.test(spot) ? 0.02 : 0.9;
    const fit = await fitted(folder, [{ keypoints: rows(cocoOrder, wrong, hidden) }]);
    equal(fit.marks.length, 13);
    const there = spots(fit.body, fit.camera);
    for (const spot of ["nose", "left_shoulder", "right_elbow", "left_hip"] as const) {
      const [a, b] = [found.get(spot)!, there.get(spot)!];
      ok(Math.hypot(a[0] - b[0], a[1] - b[1]) < 0.05 * tall, `${spot}: ${a} and ${b}`);
    }
  }));

Deno.test("key points: flat, in rows, with visibilities or scores apart, they are the same", () =>
  withFolder(async (folder) => {
    const path = join(folder, "k.json");
    const { found } = seen("walk", 0, 0);
    const points = cocoOrder.map((spot) => found.get(spot)!);
    const files = [
      [{ keypoints: points.flatMap(([x, y]) => [x, y, 1]) }],
      { annotations: [{ keypoints: points.flatMap(([x, y]) => [x, y, 2]), image_id: 3 }] },
      { keypoints: points.map(([x, y]) => [x, y, 1]) },
      { instances: [{ keypoints: points, keypoint_scores: points.map(() => 1) }] },
    ];
    const read = [];
    for (const file of files) {
      await Deno.writeTextFile(path, JSON.stringify(file));
      read.push(await readKeypoints(path));
    }
    equal(read[0][0].length, 17);
    for (const other of read.slice(1)) deepEqual(other, read[0]);
  }));

Deno.test("key points: what is wrong is named", () =>
  withFolder(async (folder) => {
    const { found } = seen("walk", 0, 0);
    const good = rows(body25Order, found);
    const few = rows(body25Order, found, (spot) => /nose|eye/.test(spot) ? 0.9 : 0);
    const cases = [
      [
        { persons: [] },
        "",
        /expected OpenPose's .* or COCO's keypoints, found an object with "persons"/,
      ],
      [openPose([]), "", /has no people in it/],
      [openPose([good.slice(0, 54)]), "", /person 0 has 18 key points, expected 25/],
      [openPose([good, good]), "#person=2", /expected #person=0 to #person=1/],
      [
        openPose([few]),
        "",
        /k\.json" \(person 0\): 3 key points are sure enough \(nose, .*at least 6/,
      ],
      [openPose([good.map((v, i) => i % 3 < 2 ? v * 9 : v)]), "", /outside the picture of 320×400/],
    ] as const;
    for (const [content, fragment, says] of cases) {
      await rejects(fitted(folder, content, fragment), { name: "InputError", message: says });
    }
  }));

Deno.test("isa4d preview --ref-pose fit: draws the fit and says how well it lies", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    await writePng(join(folder, "me.png"), ramps({ ...size, count: 1 }));
    const { found } = seen("walk", 3, 0.2);
    const content = openPose([rows(body25Order, found, () => 0.3), rows(body25Order, found)]);
    await Deno.writeTextFile(join(folder, "k.json"), JSON.stringify(content));
    const args = ["-i", "me.png", "--ref-pose", "fit:k.json", "--motion", "builtin:walk"];
    const small = ["-W", "32", "-H", "32", "--frames", "2", "--weights", "./weights"];
    const { code, stderr } = await isa4d(["preview", ...args, ...small, "-o", "look.png"], {
      cwd: folder,
    });
    equal(code, 0, stderr);
    match(stderr, /has 2 people: number 1 is used; choose with #person=N/);
    match(
      stderr,
      /fitted the body to 25 key points of ".*k\.json": they are off by \d\.\d % of its height/,
    );
    ok((await Deno.stat(join(folder, "look.png"))).size > 1000);
  }));

Deno.test("preview: of several people in a picture, the fitted one is compared alone", () =>
  withFolder(async (folder) => {
    // Two silhouettes, shoulder to shoulder; their picture is opaque where they are.
    const camera = lookAt([0, 1, 4], [0, 0.9, 0], { ...size, fovYDegrees: 40 });
    const people = [-0.3, 0.3].map((x) => ({
      pose: motionFrame(builtinMotion("walk", { body, fps: 8, frames: 17 }), 4).pose,
      translation: [x, 0, 0] as const,
    }));
    const { person } = bodyLayer(body, people.map((one) => body.pose(one).vertices), camera);
    const data = Uint8Array.from(
      { length: person.length * 4 },
      (_, i) => i % 4 === 3 ? (person[i >> 2] >= 0 ? 255 : 0) : 60 * (i % 4),
    );
    await Deno.writeFile(join(folder, "two.png"), await encodeRgbaPng({ ...size, data }));
    const content = openPose(people.map((one) => rows(body25Order, spots(one, camera))));
    await Deno.writeTextFile(join(folder, "k.json"), JSON.stringify(content));
    for (const index of [0, 1]) {
      const reference = {
        image: join(folder, "two.png"),
        pose: `fit:${join(folder, "k.json")}#person=${index}`,
      };
      const fit = await fitReference(reference, { job: { ...size, frameOn: "full" }, body });
      ok(fit!.covered! > 0.9 && fit!.hit! > 0.8, JSON.stringify(fit));
    }
  }));

Deno.test("isa4d convert fit: key points become a pose that --ref-pose takes", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    await writePng(join(folder, "me.png"), ramps({ ...size, count: 1 }));
    const { found } = seen("walk", 3, 0.2);
    const content = openPose([rows(body25Order, found)]);
    await Deno.writeTextFile(join(folder, "k.json"), JSON.stringify(content));
    const run = (...args: string[]) => isa4d(args, { cwd: folder });
    const sizes = ["-W", `${size.width}`, "-H", `${size.height}`];
    const made = await run("convert", "fit:k.json", "me.body.json", ...sizes);
    equal(made.code, 0, made.stderr);
    const small = ["-W", "32", "-H", "32", "--frames", "1", "--motion", "me.body.json"];
    const args = ["-i", "me.png", "--ref-pose", "me.body.json", ...small, "-o", "look.png"];
    const shown = await run("preview", ...args);
    equal(shown.code, 0, shown.stderr);
    match((await run("convert", "fit:k.json", "x.json")).stderr, /give -W and -H/);
  }));
