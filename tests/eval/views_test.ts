import assert from "node:assert/strict";
import { join } from "node:path";
import { readBody, renderGroup } from "../../lib/data/mod.ts";
import { ViewComparison, viewScores } from "../../lib/eval/mod.ts";
import { type Camera, cameraCentre, lookAt } from "../../lib/geometry/mod.ts";
import { writeVideo } from "../../lib/io/mod.ts";
import { withFolder } from "../support/folders.ts";

Deno.test("viewScores: views of one scene agree, those of two people do not", () =>
  withFolder(async (folder) => {
    const body = await readBody();
    const options = { width: 64, height: 64, frames: 2, views: 2, kind: "mask" } as const;
    const [ours, others] = [5, 6].map((seed) => renderGroup(body, { ...options, seed }));
    const write = async (name: string, clip: typeof ours[number]) => {
      await writeVideo(join(folder, name), clip.frames);
      return { path: join(folder, name), cameras: clip.cameras };
    };
    const first = await write("first.mp4", ours[0]);
    const second = await write("second.mp4", ours[1]);
    const other = await write("other.mp4", others[1]);
    const { shape } = ours[0];
    const scene = { body, poses: ours[0].poses.map((pose) => [{ shape, ...pose }]) };
    const same = await viewScores([first, second], scene);
    const [pair] = same.pairs;
    assert.ok(pair.spots > 50, `${pair.spots} spots`);
    assert.ok(same.consistency! > 0.4, `consistency ${same.consistency}`);
    const wrong = await viewScores([first, { ...second, path: other.path }], scene);
    assert.ok(wrong.consistency! < same.consistency! - 0.3, `${wrong.consistency}`);
    assert.deepEqual(await viewScores([first, second], scene), same);
    const long = { ...scene, poses: [...scene.poses, scene.poses[0]] };
    const cameras = [...first.cameras, first.cameras[0]];
    await assert.rejects(
      viewScores([{ ...first, cameras }, { ...second, cameras }], long),
      /first\.mp4" has 2 frames, the record asks for 3/,
    );
    await assert.rejects(
      viewScores([first, second], { ...scene, poses: [scene.poses[0]] }),
      /first\.mp4" has more than the 1 frames that the record asks for/,
    );
    await assert.rejects(viewScores([first], scene), /1 view, expected two or more/);
  }));

Deno.test("ViewComparison: matched points lie on their lines in true views, for other cameras or scenes not", async () => {
  const body = await readBody();
  const film = (seed: number) =>
    renderGroup(body, { width: 96, height: 96, frames: 1, views: 2, seed });
  const [ours, others] = [film(5), film(2)];
  const [{ cameras: [front], frames: { data } }, second] = ours;
  const agreement = (picture: Uint8Array, camera: Camera) => {
    const comparison = new ViewComparison(body, 2);
    const poses = ours[0].persons.map(({ poses }) => poses[0]);
    comparison.add({ poses, views: [{ camera: front, picture: data }, { camera, picture }] });
    return comparison.result();
  };
  const truth = agreement(second.frames.data, second.cameras[0]);
  const { epipolar, pairs: [{ angle }] } = truth;
  assert.ok(angle > 5 && angle < 60, `${angle}°`);
  assert.ok(epipolar.matches >= 10, `${epipolar.matches} matches`);
  assert.ok(epipolar.error! < 0.6, `${epipolar.error} pixels`);
  assert.ok(epipolar.byChance! > 10 * epipolar.error!, `${epipolar.byChance} by chance`);
  assert.ok(epipolar.near! > 0.8 && epipolar.nearByChance! < 0.5);
  assert.equal(epipolar.person.matches + epipolar.background.matches, epipolar.matches);
  assert.deepEqual(agreement(second.frames.data, second.cameras[0]), truth);

  const [x, , z] = cameraCentre(second.cameras[0]);
  const above = lookAt([x, 3.5, z], [0, 0.9, 0], { width: 96, height: 96, fovYDegrees: 40 });
  const wrong = agreement(second.frames.data, above).epipolar;
  assert.ok(wrong.error! > 5, `${wrong.error} pixels for a camera that did not take it`);
  const mixed = agreement(others[1].frames.data, second.cameras[0]).epipolar;
  assert.ok(mixed.matches < epipolar.matches / 4, `${mixed.matches} matches of another scene`);
});
