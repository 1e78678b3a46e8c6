import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { bodyPath, readBody, renderReference } from "../../../lib/data/mod.ts";
import { formatCameras } from "../../../lib/geometry/mod.ts";
import { readImage, writePng } from "../../../lib/io/mod.ts";
import { parseJob } from "../../../lib/pipelines/job/mod.ts";
import {
  findJobWeights,
  findWeights,
  formatPose,
  generate,
  generateMatte,
  loadScene,
} from "../../../lib/pipelines/mod.ts";
import { paintScene } from "../../../lib/pipelines/scene/painted_scene.ts";
import { isa4d } from "../../support/cli.ts";
import { withFolder } from "../../support/folders.ts";

const body = await readBody();
// Purple shirt and green trousers before a grey wall, 160 pixels high.
const made = renderReference(body, { seed: 22, width: 120, height: 160 });

/** Writes the picture and its pose, moved by `aside` metres, and gives a job on them. */
async function jobIn(folder: string, { aside = 0, ...change }: { aside?: number } = {}) {
  const { pose, translation: [x, y, z], shape } = made.referencePose;
  await writePng(join(folder, "me.png"), made.reference);
  const camera = JSON.parse(formatCameras([made.referenceCamera]));
  const moved = { pose, translation: [x + aside, y, z] as const, shape };
  await Deno.writeTextFile(join(folder, "me.json"), formatPose(moved, camera));
  return parseJob({
    reference: { image: join(folder, "me.png"), pose: join(folder, "me.json") },
    persons: [{ motion: "builtin:wave" }],
    ...{ weights: "none", width: 90, height: 70, frames: 3, background: "#204060", output: "-" },
    ...change,
  });
}

async function framesOf(job: Awaited<ReturnType<typeof jobIn>>): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  await generate(job, await findJobWeights("none"), async (video) => {
    for await (const frame of video.frames) frames.push(frame.slice());
  });
  return frames;
}

Deno.test("generate: without weights the person stands in the background, which stays as it is", () =>
  withFolder(async (folder) => {
    const job = await jobIn(folder);
    const frames = await framesOf(job);
    equal(frames.length, 3);
    const mattes: Uint8Array[] = [];
    await generateMatte(job, await findJobWeights("none"), async ({ frames }) => {
      for await (const frame of frames) mattes.push(frame);
    });
    for (const [index, frame] of frames.entries()) {
      let person = 0, shadow = 0;
      for (let at = 0; at < 90 * 70; at++) {
        const [r, g, b, alpha] = mattes[index].subarray(at * 4, at * 4 + 4);
        // The video is the matte over the background, which the shadow at the feet darkens alike.
        const over = [r, g, b].map((c, k) => (c * alpha + [32, 64, 96][k] * (255 - alpha)) / 255);
        const off = over.map((c, k) => c - frame[at * 3 + k]);
        const dark = alpha === 0 ? off[2] / 96 : 0;
        ok(
          alpha > 0 && alpha < 255 ||
            off.every((x, k) => Math.abs(x - dark * [32, 64, 96][k]) <= 2),
          `frame ${index}, pixel ${at}: ${off}`,
        );
        ok(Math.min(...off) >= -2 && Math.max(...off) <= 2 + 0.25 * 96, `${off}`);
        if (alpha > 0) person++;
        else if (Math.max(...off) > 2) shadow++;
      }
      ok(shadow < 400, `${shadow} pixels`);
      ok(person > 300 && person < 2500, `${person} pixels`);
    }
  }));

Deno.test("paintScene: a pose half a metre beside the person is reported, the right one is not", () =>
  withFolder(async (folder) => {
    const seen = async (aside: number) => {
      const notices: string[] = [];
      const job = await jobIn(folder, { aside });
      const scene = await loadScene(job, { bodyPath });
      const [{ seenShare }] = await paintScene(job, scene, (text) => notices.push(text));
      return { seenShare, notices };
    };
    const right = await seen(0), wrong = await seen(0.5);
    ok(right.seenShare > 0.6, `${right.seenShare}`);
    deepEqual(right.notices, []);
    ok(wrong.seenShare < 0.3, `${wrong.seenShare}`);
    match(
      wrong.notices[0],
      /^only \d+ % of the body's visible side lies on the person of .*me\.png/,
    );
  }));

Deno.test("paintScene: a picture that does not show which pixels are the person's is reported", () =>
  withFolder(async (folder) => {
    const job = await jobIn(folder);
    const { width, height } = made.reference;
    const data = Uint8Array.from(
      { length: width * height * 3 },
      (_, i) => (i * i * 7 + i) % 256,
    );
    await writePng(join(folder, "me.png"), { ...made.reference, data });
    const scene = await loadScene(job, { bodyPath });
    const notices: string[] = [];
    const [{ offsets }] = await paintScene(job, scene, (text) => notices.push(text));
    equal(offsets, undefined);
    match(notices.join(), /^nothing shows which pixels of ".*me\.png" are the person's/);
  }));

Deno.test("generate: without weights and pose nothing can be drawn; other commands need a model", () =>
  withFolder(async (folder) => {
    const job = await jobIn(folder);
    const unknown = { ...job, reference: { ...job.reference, pose: "none" } };
    await rejects(framesOf(unknown), /no body pose for ".*me\.png": give --ref-pose auto/);
    await rejects(findWeights("none"), /--weights none is for generate and batch/);
  }));

Deno.test("isa4d generate --weights none: any size, and no latents", () =>
  withFolder(async (cwd) => {
    await jobIn(cwd);
    const command = [
      ...["generate", "-i", "me.png", "--ref-pose", "me.json", "--motion", "builtin:walk"],
      ...["--weights", "none", "--frames", "2", "-W", "202", "-H", "94", "-o", "out/%04d.png"],
    ];
    const end = await isa4d([...command, "--over", "#ff0000", "--matte", "m/%04d.png"], { cwd });
    equal(end.code, 0, end.stderr);
    for (const name of ["out", "out.ff0000", "m"]) {
      const { width, height } = await readImage(join(cwd, name, "0002.png"));
      deepEqual([width, height], [202, 94]);
    }
    const record = JSON.parse(await Deno.readTextFile(join(cwd, "out", "metadata.json")));
    equal(record.job.weights, "none");
    const refused = await isa4d([...command, "-y", "--save-latents", "x.safetensors"], { cwd });
    equal(refused.code, 2);
    match(refused.stderr, /--weights none samples no latents: leave out --save-latents/);
  }));
