import assert from "node:assert/strict";
import { join } from "node:path";
import { readBody, renderGroup } from "../../lib/data/mod.ts";
import { viewScores } from "../../lib/eval/mod.ts";
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
    await assert.rejects(viewScores([first], scene), /1 view, expected two or more/);
  }));
