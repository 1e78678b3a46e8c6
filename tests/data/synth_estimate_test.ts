import assert from "node:assert/strict";
import { join } from "node:path";
import { openDataset, readBody, renderClip } from "../../lib/data/mod.ts";
import { projectPoints } from "../../lib/geometry/mod.ts";
import { isa4d } from "../support/cli.ts";

const body = await readBody();
const small = { width: 64, height: 64, frames: 2 };

Deno.test("renderClip: an estimate of the reference is a little wrong and fits the picture", () => {
  let exact = 0;
  for (const frameOn of ["full", "face"] as const) {
    for (const seed of [0, 1, 2, 3]) {
      const { estimate, referencePose, referenceCamera, referenceMask } = renderClip(body, {
        ...small,
        seed,
        frameOn,
        estimates: true,
      });
      const { pose, camera, mask } = estimate!;
      assert.notDeepEqual(pose.pose, referencePose.pose);
      const turned = pose.pose.map((angle, i) => Math.abs(angle - referencePose.pose[i]));
      assert.ok(Math.max(...turned) < 0.25, `a joint is off by ${Math.max(...turned)} radians`);
      assert.ok(Math.abs(camera.fx / referenceCamera.fx - 1) < 0.15);
      const [head, truth] = [body.poseJoints(pose), body.poseJoints(referencePose)].map((
        joints,
        i,
      ) => projectPoints([camera, referenceCamera][i], joints.subarray(45, 48)).uv);
      const off = Math.hypot(head[0] - truth[0], head[1] - truth[1]);
      assert.ok(off < 6, `the head is off by ${off} pixels`);
      let both = 0, either = 0;
      for (let at = 0; at < mask.length; at++) {
        both += Number(mask[at] > 0 && referenceMask[at] > 0);
        either += Number(mask[at] > 0 || referenceMask[at] > 0);
      }
      assert.ok(both / either > 0.75, `the masks' IoU is ${both / either}`);
      exact += Number(both === either);
    }
  }
  assert.ok(exact < 4, `${exact} of 8 masks are the true ones`);
});

Deno.test("renderClip: estimates and a drawn rate leave the pictures as they are", () => {
  const plain = renderClip(body, { ...small, seed: 6 });
  const { estimate, ...rest } = renderClip(body, { ...small, seed: 6, estimates: true });
  assert.ok(estimate);
  const withoutEstimate = rest.persons.map(({ estimate: _, ...person }) => person);
  assert.deepEqual({ ...rest, persons: withoutEstimate }, plain);
  const drawn = renderClip(body, { ...small, seed: 6, fps: [8, 16] });
  assert.deepEqual(drawn, renderClip(body, { ...small, seed: 6, fps: drawn.frames.fps }));
});

Deno.test("isa4d synth: rates and estimates are recorded, and the set goes on with them alone", async () => {
  const cwd = await Deno.makeTempDir();
  try {
    const flags = ["-W", "16", "-H", "16", "--frames", "2", "--workers", "1", "--shard-size", "8"];
    const args = ["synth", "-o", "set", ...flags, "--clips", "8", "--fps", "8,16"];
    const end = await isa4d([...args, "--estimates"], { cwd });
    assert.equal(end.code, 0, end.stderr);
    using dataset = await openDataset(join(cwd, "set"));
    assert.deepEqual([dataset.index.fps, dataset.index.estimates], [[8, 16], true]);
    const found = new Set<number>();
    for (let number = 0; number < 8; number++) {
      const { frames, seed, estimate, persons } = await dataset.clip(number);
      found.add(frames.fps);
      const sized = { width: 16, height: 16, frames: 2 };
      const rendered = renderClip(body, { ...sized, seed, fps: [8, 16], estimates: true });
      assert.equal(frames.fps, rendered.frames.fps);
      assert.deepEqual(estimate!.mask, rendered.estimate!.mask);
      assert.deepEqual(estimate!.pose.pose, rendered.estimate!.pose.pose);
      assert.deepEqual(persons[0].estimate!.pose.shape, rendered.estimate!.pose.shape);
    }
    assert.deepEqual([...found].sort((a, b) => a - b), [8, 16]);
    const other = await isa4d(args, { cwd });
    assert.match(other.stderr, /a data set with estimates true, not false/);
    const rate = await isa4d([...args, "--fps", "8,none"], { cwd });
    assert.match(rate.stderr, /expected frames a second above 0, or several such as 8,16/);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});
