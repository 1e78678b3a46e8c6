import { equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bodyPath } from "../../../lib/data/mod.ts";
import { projectPoints } from "../../../lib/geometry/mod.ts";
import { parseJob } from "../../../lib/pipelines/job/mod.ts";
import { loadScene } from "../../../lib/pipelines/mod.ts";
import tracks from "../../fixtures/motion/tracks.json" with { type: "json" };
import { withFolder } from "../../support/folders.ts";
import { writeJobFiles } from "../../support/job_files.ts";

const phalp = fileURLToPath(new URL("../../fixtures/motion/phalp.pkl", import.meta.url));

Deno.test("scene: tracks of one file keep their times and their places before the camera", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const smpl = fileURLToPath(new URL("../../fixtures/body/smpl.npz", import.meta.url));
    const found = tracks.phalp as Record<string, { from: number; detected: number[] }>;
    const [a, b] = Object.keys(found).sort((x, y) => found[x].from - found[y].from);
    const late = found[b].from - found[a].from;
    ok(late > 0);
    for (const placement of ["floor", "file"] as const) {
      const notices: string[] = [];
      const job = parseJob({
        reference: { image: join(folder, "me.png"), pose: "none" },
        persons: [a, b].map((tid) => ({ motion: `${phalp}#tid=${tid}`, placement })),
        ...{ body: smpl, camera: "motion", frames: late + 2, fps: 30, output: "-" },
        ...{ width: 128, height: 128 },
      });
      const scene = await loadScene(job, { bodyPath, onNotice: (text) => notices.push(text) });
      const pelvis = (person: number, frame: number) => {
        const joints = scene.body.poseJoints(scene.persons[person].poses[frame]).subarray(0, 3);
        return [...projectPoints(scene.cameras[frame], joints).uv];
      };
      // Alone, with the camera that saw it, each track lies where the tracker saw it.
      const alone = async (tid: string, frame: number) => {
        const single = { ...job, persons: [{ ...job.persons[0], motion: `${phalp}#tid=${tid}` }] };
        const { body, persons, cameras } = await loadScene(single, { bodyPath });
        const joints = body.poseJoints(persons[0].poses[frame]).subarray(0, 3);
        return [...projectPoints(cameras[frame], joints).uv];
      };
      for (const [person, tid, frame, own] of [[0, a, 0, 0], [1, b, late + 1, 1]] as const) {
        const [here, there] = [pelvis(person, frame), await alone(tid, own)];
        ok(Math.hypot(here[0] - there[0], here[1] - there[1]) < 0.05, `${here} and ${there}`);
      }
      const first = pelvis(1, 0);
      ok(pelvis(1, late).every((value, i) => Math.abs(value - first[i]) < 1e-3));
      match(notices.join("\n"), /is seen 0\.\d+ s later: its first pose is held until then/);
      equal(scene.persons.length, 2);
    }
  }));
