import assert from "node:assert/strict";
import {
  HELD_OUT_NUMBER,
  HELD_OUT_SEED,
  personShape,
  readBody,
  renderClip,
  renderGroup,
  seedOfNumber,
  type SynthClip,
} from "../../lib/data/mod.ts";
import { InputError } from "../../lib/errors.ts";
import {
  cameraCentre,
  motionFrame,
  projectPoints,
  rasterise,
  rasterTarget,
} from "../../lib/geometry/mod.ts";
import { drawCast } from "../../lib/data/synth/cast.ts";

const body = await readBody();
const small = { width: 48, height: 48, frames: 3 };
const pools = { identities: 12, rooms: 5 };
const groups = [3, 4, 5].map((seed) =>
  renderGroup(body, { ...small, seed, pools, persons: [2, 3], views: 3 })
);
const heldOut = [0, 1].map((seed) =>
  renderClip(body, { ...small, seed: HELD_OUT_SEED + seed, pools, persons: [2, 2] })
);

Deno.test("renderGroup: the same options give the same bytes", () => {
  const again = renderGroup(body, { ...small, seed: 4, pools, persons: [2, 3], views: 3 });
  assert.deepEqual(again, groups[1]);
});

Deno.test("renderGroup: a numbered person has one body, whatever the clip", () => {
  const people = [...groups.map(([first]) => first), ...heldOut].flatMap(({ persons }) => persons);
  for (const { identity, shape } of people) {
    assert.deepEqual(shape, personShape(seedOfNumber(identity)));
  }
  assert.equal(new Set(people.map(({ shape }) => shape[0])).size, countOf(people, "identity"));
});

Deno.test("renderGroup: people and places of held-out seeds are in no training pool", () => {
  const training = groups.map(([first]) => first);
  for (const [clips, first] of [[training, 0], [heldOut, HELD_OUT_NUMBER]] as const) {
    for (const { persons, room } of clips) {
      assert.ok(room >= first && room < first + pools.rooms, `place ${room}`);
      for (const { identity } of persons) {
        assert.ok(identity >= first && identity < first + pools.identities, `person ${identity}`);
      }
    }
  }
});

Deno.test("renderGroup: a place has its own look, whoever is there", () => {
  const clips = [6, 7, 8].map((seed) =>
    renderClip(body, { ...small, frames: 1, seed, pools: { identities: 3, rooms: 1 } })
  );
  assert.ok(clips.every(({ room }) => room === 0));
  // The lowest row shows the floor of the one place: its mean colour changes by light falloff alone.
  const floors = clips.map(({ background }) => {
    const row = background.data.subarray(47 * 48 * 3, 48 * 48 * 3);
    return row.reduce((sum, value) => sum + value, 0) / row.length;
  });
  assert.ok(Math.max(...floors) - Math.min(...floors) < 25, `floors of ${floors}`);
});

Deno.test("renderGroup: persons of a clip differ and are as many as asked", () => {
  for (const [{ persons }] of groups) {
    assert.ok(persons.length >= 2 && persons.length <= 3);
    assert.equal(countOf(persons, "identity"), persons.length);
    assert.equal(
      new Set(persons.map(({ reference }) => reference.data.join())).size,
      persons.length,
    );
  }
  assert.throws(
    () =>
      renderGroup(body, { ...small, seed: 1, pools: { identities: 2, rooms: 0 }, persons: [3, 3] }),
    (error) => error instanceof InputError && /2 identities .* 3 persons/.test(error.message),
  );
});

Deno.test("drawCast: nobody stands inside somebody else, nor far away", () => {
  for (const seed of [20, 21, 22]) {
    const actors = drawCast(body, { seed, persons: [3, 3], frames: 3, fps: 8 });
    for (let frame = 0; frame < 3; frame++) {
      const owners = new Map<string, number>();
      for (const [who, { figure, motion, subject }] of actors.entries()) {
        const { vertices } = figure.pose(motionFrame(motion, frame));
        for (const corner of figure.drawn) {
          const cell = [0, 1, 2].map((k) => Math.floor(vertices[corner * 3 + k] / 0.05)).join();
          assert.equal(owners.get(cell) ?? who, who, `seed ${seed}, frame ${frame}, cell ${cell}`);
          owners.set(cell, who);
        }
        const [dx, dz] = [0, 2].map((k) =>
          subject.centres[frame * 3 + k] - actors[0].subject.centres[frame * 3 + k]
        );
        assert.ok(Math.hypot(dx, dz) < 4, `seed ${seed}: person ${who} is far away`);
      }
    }
  }
});

Deno.test("renderGroup: in every view each body lies in its own mask, the nearer one in front", () => {
  for (const clip of groups.flat()) {
    for (const frame of [0, 2]) {
      const depths = clip.persons.map(({ poses }) => {
        const target = rasterTarget(48, 48);
        const { vertices } = body.pose(poses[frame]);
        rasterise(target, clip.cameras[frame], { vertices, faces: body.bodyFaces });
        return target.depth;
      });
      const seen = clip.personMask.subarray(frame * 48 * 48, (frame + 1) * 48 * 48);
      clip.persons.forEach(({ poses }, k) => {
        const { uv } = projectPoints(clip.cameras[frame], body.pose(poses[frame]).joints);
        // Hips, spine and chest are inside the silhouette from everywhere.
        for (const joint of [0, 3, 6, 9]) {
          const [x, y] = [Math.floor(uv[joint * 2]), Math.floor(uv[joint * 2 + 1])];
          const order = depths.map((depth) => depth[y * 48 + x]);
          const nearer = order.indexOf(Math.min(...order));
          const gap = Math.min(...order.filter((_, i) => i !== nearer)) - order[nearer];
          // Clothes stand off by centimetres, and a pixel's edge may belong to either.
          if (gap < 0.05) continue;
          const who = seen[y * 48 + x];
          assert.ok(who > 0, `view ${clip.view}, person ${k}, joint ${joint}: nobody is seen`);
          if (isInside(depths[nearer], x, y)) assert.equal(who, nearer + 1);
        }
      });
    }
  }
});

Deno.test("renderGroup: views share time, people and place, and stand apart", () => {
  for (const views of groups) {
    assert.deepEqual(views.map(({ view }) => view), [0, 1, 2]);
    for (const view of views) {
      assert.equal(view.persons, views[0].persons);
      assert.deepEqual([view.seed, view.room], [views[0].seed, views[0].room]);
      assert.deepEqual(view.mask, view.personMask.map((who) => who ? 255 : 0));
    }
    const eyes = views.map(({ cameras }) => cameraCentre(cameras[0]));
    const apart = Math.hypot(...eyes[0].map((value, k) => value - eyes[1][k]));
    assert.ok(apart > 0.4, `cameras ${apart} m apart`);
  }
});

Deno.test("renderClip: video has a still camera, camera a moving one, mask no background", () => {
  for (const seed of [0, 1]) {
    const clipOf = (kind: "video" | "camera" | "mask"): SynthClip =>
      renderClip(body, { ...small, width: 16, height: 16, seed, kind });
    const [still, moving, bare] = [clipOf("video"), clipOf("camera"), clipOf("mask")];
    assert.deepEqual(still.cameras[0], still.cameras[2]);
    assert.deepEqual(still.background.data.subarray(0, 768), still.background.data.subarray(1536));
    assert.notDeepEqual(moving.cameras[0], moving.cameras[2]);
    assert.ok(bare.background.data.every((value) => value === 128));
    assert.deepEqual(still.persons[0].poses, bare.persons[0].poses);
  }
});

function countOf<K extends string>(items: readonly Record<K, unknown>[], key: K): number {
  return new Set(items.map((item) => item[key])).size;
}

/** Whether all pixels around show the same surface, so that averaging keeps it. */
function isInside(depth: Float32Array, x: number, y: number): boolean {
  const here = depth[y * 48 + x];
  return [-49, -48, -47, -1, 1, 47, 48, 49].every((step) =>
    Math.abs(depth[y * 48 + x + step] - here) < 0.1
  );
}
