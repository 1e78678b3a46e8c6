import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import type { Job } from "../../lib/pipelines/job/mod.ts";
import { isa4d, textOf } from "../support/cli.ts";
import { withFolder } from "../support/folders.ts";
import { writeJobFiles } from "../support/job_files.ts";

const rest = ["-W", "32", "-H", "32", "--frames", "3", "--steps", "2"];

async function printed(folder: string, ...args: string[]): Promise<Job> {
  const { code, stdout, stderr } = await isa4d(
    ["generate", ...args, "-o", "x.mp4", "--print-job"],
    { cwd: folder },
  );
  equal(code, 0, stderr);
  return JSON.parse(textOf(stdout));
}

Deno.test("isa4d generate --person: a picture, a pose, a motion and a place in one flag each", () =>
  withFolder(async (folder) => {
    const job = await printed(
      folder,
      ...["--person", "ref=a.png,pose=a.json,motion=builtin:walk,at=-0.5:0:0.25"],
      ...["--person", "motion=t.pkl#tid=2&fps=25,placement=file"],
      ...["--person", "ref=c,d.png,camera=orbit:deg=9,fov=30,motion=builtin:run"],
    );
    const at = (name: string) => join(folder, name);
    deepEqual(job.reference, { image: at("a.png"), pose: at("a.json") });
    deepEqual(job.persons, [
      { motion: "builtin:walk", offset: [-0.5, 0, 0.25], placement: "floor" },
      { motion: `${at("t.pkl")}#tid=2&fps=25`, offset: [0, 0, 0], placement: "file" },
      {
        motion: "builtin:run",
        reference: { image: at("c,d.png"), pose: "auto", camera: "orbit:deg=9,fov=30" },
        offset: [0, 0, 0],
        placement: "floor",
      },
    ]);
    await Deno.writeTextFile(at("job.json"), JSON.stringify(job));
    const again = await printed(folder, "--job", "job.json", "--seed", "4");
    deepEqual(again, { ...job, seed: 4 });
  }));

Deno.test("isa4d generate --person: what it does not know is refused in one line", () =>
  withFolder(async (folder) => {
    const cases = [
      [["--person", "ref=a.png"], /motion= is missing/],
      [["--person", "motion=builtin:walk"], /missing --ref-image FILE/],
      [["--person", "motion=builtin:walk,at=1:2"], /at=1:2: expected metres x:y:z/],
      [["--person", "motion=builtin:walk,pose=a.json"], /ref= is missing/],
      [["--person", "who=me"], /"who=me" is none of ref=/],
      [["--person", "ref=a.png,motion=builtin:walk,motion=b.npz"], /motion= is given twice/],
      [["--person", "ref=a.png,mtion=builtin:walk"], /motion= is missing; there is mtion=/],
      [
        ["--person", "ref=a.png,motion=builtin:walk", "--motion", "builtin:run"],
        /--person and --motion both describe persons/,
      ],
    ] as const;
    for (const [args, says] of cases) {
      const { code, stderr } = await isa4d(["generate", ...args, "-o", "x.mp4"], { cwd: folder });
      match(stderr, says);
      equal(code, 2);
    }
  }));

Deno.test("isa4d generate: two persons with references of their own make a video", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const person = (
      place: string,
    ) => ["--person", `ref=me.png,pose=me.json,motion=builtin:walk,at=${place}`];
    const args = [...person("-0.4:0:0"), ...person("0.4:0:0"), "--weights", "./weights", ...rest];
    const { code, stdout, stderr } = await isa4d(
      ["generate", ...args, "-o", "-", "--format", "rgb24"],
      { cwd: folder },
    );
    equal(code, 0, stderr);
    ok(stdout.length === 3 * 32 * 32 * 3);
  }));
