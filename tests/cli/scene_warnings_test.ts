import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { formatCameras, lookAt, type Vec3 } from "../../lib/geometry/mod.ts";
import { isa4d } from "../support/cli.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";

/** A small job's files, a camera that sees the person and one that looks away. */
const withCameras = (body: (folder: string) => Promise<void>) =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const write = async (name: string, target: Vec3) => {
      const camera = lookAt([0, 1, 5], target, { width: 32, height: 32, fovYDegrees: 36 });
      await Deno.writeTextFile(join(folder, name), formatCameras([camera]));
    };
    await write("front.json", [0, 1, 0]);
    await write("away.json", [0, 1, 9]);
    await body(folder);
  });

Deno.test("isa4d generate: warns of a person behind the camera before a model is loaded, and makes the video", () =>
  withCameras(async (folder) => {
    const args = [...smallJob, "--camera", "away.json", "-o", "a.mp4"];
    const { code, stderr } = await isa4d(args, { cwd: folder });
    equal(code, 0, stderr);
    const warned = stderr.indexOf("warning: the person is behind the camera in frames 0–2");
    ok(warned >= 0 && warned < stderr.indexOf("encoding"), stderr);
    ok(namesIn(folder).includes("a.mp4"));
    const good = await isa4d([...smallJob, "--camera", "front.json", "-o", "b.mp4"], {
      cwd: folder,
    });
    doesNotMatch(good.stderr, /behind|out of/);
  }));

Deno.test("isa4d generate --strict: ends before anything is made", () =>
  withCameras(async (folder) => {
    const before = namesIn(folder);
    const args = [...smallJob, "--camera", "away.json", "--strict", "-o", "a.mp4"];
    const { code, stderr } = await isa4d(args, { cwd: folder });
    equal(code, 1);
    match(stderr, /isa4d generate: (one|\d) warnings?, and --strict stops on any\n$/);
    doesNotMatch(stderr, /encoding/);
    deepEqual(namesIn(folder), before);
  }));

Deno.test("isa4d generate --ref-pose none: says that the person will not be recognisable", () =>
  withCameras(async (folder) => {
    const args = [...smallJob.map((arg) => arg === "me.json" ? "none" : arg), "-o", "a.mp4"];
    const { stderr } = await isa4d(args, { cwd: folder });
    match(
      stderr,
      /the person in the video will not be recognisable .* give --ref-pose auto, a file/,
    );
  }));

Deno.test("isa4d grid: a warning about a camera names its view; --strict ends there", () =>
  withCameras(async (folder) => {
    const cameras = ["--view-cameras", "front.json", "--view-cameras", "away.json", "--strict"];
    const args = ["grid", ...smallJob.slice(1), ...cameras, "-o", "a.mp4"];
    const { code, stderr } = await isa4d(args, { cwd: folder });
    equal(code, 1);
    match(stderr, /warning: view 1: the person is behind the camera/);
    doesNotMatch(stderr, /view 0: [^\n]*behind|encoding/);
  }));

Deno.test("isa4d batch: a job's warnings stand in the log", () =>
  withCameras(async (folder) => {
    const job = {
      id: "away",
      reference: { image: "me.png", pose: "me.json" },
      persons: [{ motion: "builtin:walk" }],
      ...{ camera: "away.json", weights: "./weights", width: 32, height: 32, frames: 1, steps: 1 },
    };
    await Deno.writeTextFile(join(folder, "jobs.jsonl"), JSON.stringify(job));
    const { code, stderr } = await isa4d(["batch", "jobs.jsonl", "--output", "o"], { cwd: folder });
    equal(code, 0, stderr);
    match(stderr, /away: warning: the person is behind the camera in frame 0/);
  }));
