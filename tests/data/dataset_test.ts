import assert from "node:assert/strict";
import { join } from "node:path";
import {
  HELD_OUT_SEED,
  openDataset,
  readBody,
  renderClip,
  renderGroup,
  type SynthClip,
  type SynthPerson,
  writeDataset,
} from "../../lib/data/mod.ts";
import type { BodyPose, Camera } from "../../lib/geometry/mod.ts";
import { InputError } from "../../lib/errors.ts";
import { readSafetensors, sha256File, writeSafetensors } from "../../lib/io/mod.ts";

const size = { width: 16, height: 16, frames: 2, fps: 8 };

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A clip with the precision of float32. */
function stored(clip: SynthClip): SynthClip {
  const camera = (exact: Camera): Camera => ({
    ...exact,
    fx: Math.fround(exact.fx),
    fy: Math.fround(exact.fy),
    rotation: exact.rotation.map(Math.fround),
    translation: exact.translation.map(Math.fround),
  });
  const pose = ({ pose, translation: [x, y, z], shape }: BodyPose): BodyPose => ({
    pose: pose.slice(),
    translation: [Math.fround(x), Math.fround(y), Math.fround(z)],
    shape,
  });
  const person = (exact: SynthPerson): SynthPerson => ({
    ...exact,
    referencePose: pose(exact.referencePose),
    referenceCamera: camera(exact.referenceCamera),
    poses: exact.poses.map(pose),
  });
  const persons = clip.persons.map(person);
  return { ...clip, ...persons[0], persons, cameras: clip.cameras.map(camera) };
}

Deno.test("writeDataset: a clip reads back as it was rendered", () =>
  inFolder(async (folder) => {
    await writeDataset({ ...size, out: folder, clips: 3, seed: 20, shardSize: 2, workers: 2 });
    using dataset = await openDataset(folder);
    assert.equal(dataset.count, 3);
    const rendered = renderClip(await readBody(), { ...size, seed: 22 });
    assert.deepEqual(await dataset.clip(2), stored(rendered));
  }));

Deno.test("writeDataset: several persons seen by several cameras read back as they were rendered", () =>
  inFolder(async (folder) => {
    const many = { persons: [1, 3], views: 2, identities: 9, rooms: 4, kind: "camera" } as const;
    await writeDataset({ ...size, ...many, out: folder, clips: 6, seed: 30, shardSize: 4 });
    using dataset = await openDataset(folder);
    assert.deepEqual([dataset.count, dataset.groups], [6, 3]);
    const body = await readBody();
    const { identities, rooms, ...options } = many;
    const pools = { identities, rooms };
    for (const [group, seed] of [30, 31, 32].entries()) {
      const rendered = renderGroup(body, { ...size, ...options, pools, seed });
      assert.deepEqual(await dataset.group(group), rendered.map(stored));
    }
  }));

Deno.test("Dataset: clips asked for at the same time are those that are read one by one", () =>
  inFolder(async (folder) => {
    await writeDataset({ ...size, out: folder, clips: 6, seed: 20, shardSize: 4 });
    using dataset = await openDataset(folder);
    const all = () => Array.from({ length: 6 }, (_, number) => dataset.clip(number));
    const [fresh, opened] = [await Promise.all(all()), await Promise.all(all())];
    for (let number = 0; number < 6; number++) {
      const alone = await dataset.clip(number);
      assert.deepEqual(fresh[number], alone);
      assert.deepEqual(opened[number], alone);
    }
  }));

Deno.test("Dataset: a record of more persons than the index allows is refused", () =>
  inFolder(async (folder) => {
    await writeDataset({ ...size, out: folder, clips: 1, seed: 0, kind: "mask" });
    const path = join(folder, "shard-00000.safetensors");
    const { tensors } = await readSafetensors(path);
    const persons = { ...tensors.get("persons")!, bytes: Uint8Array.of(9) };
    await writeSafetensors(path, new Map([...tensors, ["persons", persons]]));
    using dataset = await openDataset(folder);
    await assert.rejects(
      dataset.clip(0),
      (error) => error instanceof InputError && /9 persons, expected 1 to 1/.test(error.message),
    );
  }));

Deno.test("writeDataset: resumed or written at once, the files are the same", () =>
  inFolder(async (folder) => {
    const [once, twice] = [join(folder, "once"), join(folder, "twice")];
    await writeDataset({ ...size, out: once, clips: 4, seed: 0, shardSize: 2 });
    await writeDataset({ ...size, out: twice, clips: 2, seed: 0, shardSize: 2 });
    using growing = await openDataset(twice);
    assert.equal(growing.count, 2);
    const seen: number[] = [];
    await writeDataset({
      ...size,
      out: twice,
      clips: 4,
      seed: 0,
      shardSize: 2,
      onShard: ({ clips }) => seen.push(clips),
    });
    assert.deepEqual(seen, [4]);
    for (const { name } of Deno.readDirSync(once)) {
      assert.equal(await sha256File(join(once, name)), await sha256File(join(twice, name)), name);
    }
  }));

Deno.test("Dataset: only finished shards count", () =>
  inFolder(async (folder) => {
    await writeDataset({ ...size, out: folder, clips: 4, seed: 0, shardSize: 2 });
    await Deno.remove(join(folder, "shard-00000.safetensors"));
    using dataset = await openDataset(folder);
    assert.deepEqual([dataset.count, ...dataset.shards], [2, 1]);
    assert.equal((await dataset.clip(0)).seed, 2);
    await assert.rejects(dataset.clip(2), /has no clip 2, expected 0 to 1/);
  }));

Deno.test("writeDataset: wrong settings are refused before any work", () =>
  inFolder(async (folder) => {
    const good = { ...size, out: folder, clips: 2, seed: 0, shardSize: 2 };
    await writeDataset(good);
    const wrong: [Partial<typeof good> & { workers?: number; body?: string }, RegExp][] = [
      [{ frames: 3 }, /holds a data set with frames 2, not 3/],
      [{ clips: 1 }, /cannot become 1 clips/],
      [{ clips: 0 }, /clips: /],
      [{ workers: 0 }, /0 threads/],
      [{ seed: HELD_OUT_SEED - 1 }, /where the held-out ones start/],
      [{ clips: 4, body: join(folder, "no.safetensors") }, /no\.safetensors/],
    ];
    for (const [change, message] of wrong) {
      await assert.rejects(
        writeDataset({ ...good, ...change }),
        (error) => error instanceof InputError && message.test(error.message),
      );
    }
  }));

Deno.test("writeDataset: aborted, it leaves complete shards and no part files", () =>
  inFolder(async (folder) => {
    const stop = new AbortController();
    const work = writeDataset({
      ...size,
      out: folder,
      clips: 400,
      seed: 0,
      shardSize: 1,
      signal: stop.signal,
      onShard: () => stop.abort(),
    });
    await assert.rejects(work, { name: "AbortError" });
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assert.ok(names.every((name) => !name.endsWith(".part")));
    using dataset = await openDataset(folder);
    assert.ok(dataset.count >= 1 && dataset.count < 400);
    await dataset.clip(0);
  }));

Deno.test("openDataset: a folder that holds no data set is refused", () =>
  inFolder(async (folder) => {
    await assert.rejects(openDataset(folder), InputError);
    await Deno.writeTextFile(join(folder, "index.json"), '{"format":"other"}');
    await assert.rejects(openDataset(folder), /index\.json": format: /);
  }));
