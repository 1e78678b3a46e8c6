import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { join } from "node:path";
import { bodyPath } from "../../lib/data/mod.ts";
import { writePng } from "../../lib/io/mod.ts";
import { parseJob } from "../../lib/pipelines/job/mod.ts";
import { loadScene, type Scene } from "../../lib/pipelines/mod.ts";
import { measureDrift } from "../../bench/measures/drift.ts";
import { measureIdentity } from "../../bench/measures/identity.ts";
import { meanColour, personMap } from "../../bench/measures/person_colours.ts";
import { trendOf } from "../../bench/measures/trend.ts";
import { withFolder } from "../support/folders.ts";
import { writeJobFiles } from "../support/job_files.ts";

Deno.test("trend: slope and 95 % interval are those of numpy's least squares and Student's table", () => {
  const { mean, slope, margin, change } = trendOf([3.1, 2.9, 3.6, 3.2, 4.1, 3.8, 4.4]);
  const near = (a: number, b: number, by: number) => ok(Math.abs(a - b) < by, `${a} and ${b}`);
  near(mean, 3.585714, 1e-6);
  near(slope, 0.22142857, 1e-8);
  near(change, 1.32857143, 1e-8);
  near(margin, 0.14666069, 2e-4);
  throws(() => trendOf([1, 2]), /at least 3/);
});

/** A walk of three seconds on 32×32 pixels. */
async function walk(): Promise<Scene> {
  let scene: Scene | undefined;
  await withFolder(async (folder) => {
    await writeJobFiles(folder);
    const job = parseJob({
      reference: { image: join(folder, "me.png"), pose: join(folder, "me.json") },
      persons: [{ motion: "builtin:walk" }],
      ...{ width: 32, height: 32, frames: 24, output: "-" },
    });
    scene = await loadScene(job, { bodyPath });
  });
  return scene!;
}

Deno.test("drift: an even video is steady, one that brightens is not, and the change is what it is", async () => {
  const scene = await walk();
  const video = (level: (frame: number) => number) => ({
    ...{ width: 32, height: 32, fps: 8 },
    frames: Array.from(
      { length: 24 },
      (_, frame) => new Uint8Array(32 * 32 * 3).fill(level(frame)),
    ),
  });
  const even = await measureDrift(scene, video(() => 90));
  ok(even.every(({ steady, values }) => steady && values.length === 3));
  const names = even.map(({ name }) => name);
  ok(["mean red", "spread", "person 1 blue", "person 1 identity"].every((n) => names.includes(n)));
  const rising = await measureDrift(scene, video((frame) => 90 + Math.floor(frame / 8)));
  const red = rising.find(({ name }) => name === "mean red")!;
  deepEqual([red.values, red.steady, red.trend.change], [[90, 91, 92], false, 2]);
  const short = { ...video(() => 0), frames: [new Uint8Array(32 * 32 * 3)] };
  await rejects(measureDrift(scene, short), /drift over 1 frames of 24/);
});

Deno.test("colours: a person's is the mean over the pixels of the person's body alone", async () => {
  const scene = await walk();
  const person = personMap(scene, 5);
  const picture = Uint8Array.from(
    { length: 32 * 32 * 3 },
    (_, i) => person[Math.floor(i / 3)] === 0 ? [200, 100, 50][i % 3] : 7,
  );
  const found = meanColour(picture, { person, is: 0 });
  deepEqual(found.rgb, [200, 100, 50]);
  equal(found.pixels, person.filter((who) => who === 0).length);
  ok(found.pixels > 20);
});

Deno.test("identity: painted as the references say, all are their own, and the nearer one covers", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const colours = [[200, 40, 40], [40, 60, 220]];
    for (const [i, rgb] of colours.entries()) {
      const data = Uint8Array.from({ length: 48 * 32 * 3 }, (_, at) => rgb[at % 3]);
      await writePng(join(folder, `${i}.png`), { width: 48, height: 32, count: 1, fps: 1, data });
    }
    const reference = (i: number) => ({
      image: join(folder, `${i}.png`),
      pose: join(folder, "me.json"),
    });
    const job = parseJob({
      reference: reference(0),
      persons: [
        { motion: "builtin:walk", offset: [-0.15, 0, 0.5] },
        { motion: "builtin:wave", offset: [0.15, 0, -0.5], reference: reference(1) },
      ],
      ...{ width: 32, height: 32, frames: 2, output: "-" },
    });
    const scene = await loadScene(job, { bodyPath });
    const painted = (order: readonly number[]) => ({
      ...{ width: 32, height: 32, fps: 8 },
      frames: [0, 1].map((frame) => {
        const map = personMap(scene, frame);
        return Uint8Array.from({ length: 32 * 32 * 3 }, (_, at) => {
          const who = map[Math.floor(at / 3)];
          return who < 0 ? 128 : colours[order[who]][at % 3];
        });
      }),
    });
    const right = await measureIdentity(scene, painted([0, 1]));
    equal(right.own, 1);
    ok(right.distances.every((row, k) => row[k] < 1 && row[1 - k] > 100));
    ok(right.overlap!.pixels > 0 && right.overlap!.front < 1 && right.overlap!.behind > 100);
    const swapped = await measureIdentity(scene, painted([1, 0]));
    equal(swapped.own, 0);
    ok(swapped.overlap!.front > 100);
  }));
