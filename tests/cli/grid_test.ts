import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { formatCameras, lookAt, parseCameras } from "../../lib/geometry/mod.ts";
import {
  frameAt,
  type Frames,
  probeVideo,
  readImage,
  readJson,
  readVideo,
  sequencePath,
  writePngSequence,
  writeVideo,
} from "../../lib/io/mod.ts";
import type { IsaDitConfig } from "../../lib/models/isa_dit/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";
import { isa4d, textOf } from "../support/cli.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";
import { ramps } from "../support/pictures.ts";

/** The same small job as a grid; each frame is 32×32. */
const smallGrid = ["grid", ...smallJob.slice(1)];

/** Runs `body` in a folder that holds a small job's files, with weights that know views. */
const withGrid = (
  body: (folder: string) => Promise<void>,
  views: IsaDitConfig["views"] = "hard",
) =>
  withFolder(async (folder) => {
    await writeJobFiles(folder, { views });
    await body(folder);
  });

async function succeed(folder: string, args: readonly string[]) {
  const ended = await isa4d(args, { cwd: folder });
  equal(ended.code, 0, ended.stderr);
  return ended;
}

async function pictures(pattern: string, count: number): Promise<Uint8Array[]> {
  const files = Array.from({ length: count }, (_, i) => sequencePath(pattern, i + 1));
  return await Promise.all(files.map(async (file) => (await readImage(file)).data));
}

/** Frames that no model would make. */
function noise(count: number): Frames {
  const data = Uint8Array.from({ length: count * 32 * 32 * 3 }, (_, i) => (i * i * 7 + i) % 256);
  return { width: 32, height: 32, count, fps: 8, data };
}

Deno.test("isa4d grid: a video a view, a mosaic, the record and a list of what is where", () =>
  withGrid(async (folder) => {
    const live = liveTensors();
    const { stdout, stderr } = await succeed(folder, [
      ...smallGrid,
      ...["--views", "3", "--view-cameras", "arc:deg=60", "-o", "out.mp4"],
    ]);
    equal(stdout.length, 0);
    match(stderr, /sampling 2\/2\n/);
    const views = [0, 1, 2].map((view) => `out-view-${view}.mp4`);
    const written = ["out.mp4", ...views, "out.mp4.json", "out.grid.json"];
    for (const name of written) ok(stderr.includes(join(folder, name)), name);
    ok(!namesIn(folder).some((name) => name.includes("resume")));
    for (const view of views) {
      const { width, height } = await probeVideo(join(folder, view));
      deepEqual([width, height], [32, 32]);
      equal((await readVideo(join(folder, view))).count, 3);
    }
    const mosaic = await readVideo(join(folder, "out.mp4"));
    deepEqual([mosaic.width, mosaic.height, mosaic.count], [64, 64, 3]);
    const { grid, inputs } = await readJson(join(folder, "out.mp4.json")) as {
      grid: { views: number; viewCameras: string[] };
      inputs: unknown[];
    };
    deepEqual([grid.views, grid.viewCameras, inputs.length], [3, ["arc:deg=60"], 2]);
    const sidecar = await readJson(join(folder, "out.grid.json")) as {
      mosaic: { file: string; columns: number };
      views: { file: string; given: boolean; cameras: unknown }[];
    };
    deepEqual(sidecar.mosaic, { file: "out.mp4", columns: 2, rows: 2 });
    deepEqual(sidecar.views.map(({ file }) => file), views);
    const tracks = sidecar.views.map(({ cameras }) =>
      parseCameras(JSON.stringify(cameras), "sidecar")
    );
    deepEqual(tracks.map(({ cameras }) => cameras.length), [3, 3, 3]);
    equal(liveTensors(), live);
  }));

Deno.test("isa4d grid: the mosaic shows each view in its place", () =>
  withGrid(async (folder) => {
    await succeed(folder, [...smallGrid, "--views", "3", "-o", "g/%04d.png"]);
    deepEqual(
      namesIn(join(folder, "g")).filter((name) => !/^\d+\.png$/.test(name)),
      ["grid.json", "metadata.json", "view-0", "view-1", "view-2"],
    );
    const [mosaic] = await pictures(join(folder, "g/%04d.png"), 1);
    for (const [view, [x, y]] of [[0, 0], [32, 0], [0, 32]].entries()) {
      const [picture] = await pictures(join(folder, `g/view-${view}/%04d.png`), 1);
      const cut = Array.from({ length: 32 }, (_, row) => {
        const at = ((y + row) * 64 + x) * 3;
        return [...mosaic.subarray(at, at + 96)];
      });
      deepEqual(cut.flat(), [...picture]);
    }
  }));

for (const views of ["none", "hard"] as const) {
  Deno.test(`isa4d grid: a given view comes back unchanged, and the others stay generated (${views})`, () =>
    withGrid(async (folder) => {
      await Deno.mkdir(join(folder, "front"));
      const given = noise(3);
      await writePngSequence(join(folder, "front/%04d.png"), given);
      const base = [...smallGrid, "--views", "2", "--view-cameras", "orbit:deg=90"];
      const { stderr } = await succeed(folder, [
        ...[...base, "--given-view", "0=front/%04d.png", "-o", "g/%04d.png"],
      ]);
      equal(/make one view at a time/.test(stderr), views === "none");
      const back = await pictures(join(folder, "g/view-0/%04d.png"), 3);
      for (const [frame, picture] of back.entries()) deepEqual(picture, frameAt(given, frame));
      await succeed(folder, [...base, "-o", "free/%04d.png"]);
      const [held, free] = await Promise.all(
        ["g", "free"].map((name) => pictures(join(folder, `${name}/view-1/%04d.png`), 3)),
      );
      // Where the model knows views, the given one changes what it makes of the other.
      const same = held.every((picture, i) => picture.every((byte, k) => byte === free[i][k]));
      equal(same, views === "none");
    }, views));

  Deno.test(`isa4d grid: a given orbit at frame 0 comes back unchanged (${views})`, () =>
    withGrid(async (folder) => {
      await Deno.mkdir(join(folder, "orbit"));
      const orbit = noise(2);
      await writePngSequence(join(folder, "orbit/%04d.png"), orbit);
      const base = [...smallGrid, "--views", "2", "--view-cameras", "orbit:deg=90"];
      await succeed(folder, [...base, "--given-time", "0=orbit/%04d.png", "-o", "g/%04d.png"]);
      await succeed(folder, [...base, "-o", "free/%04d.png"]);
      for (const view of [0, 1]) {
        const held = await pictures(join(folder, `g/view-${view}/%04d.png`), 3);
        const free = await pictures(join(folder, `free/view-${view}/%04d.png`), 3);
        deepEqual(held[0], frameAt(orbit, view));
        // The instants that follow hear of it.
        ok(held[2].some((byte, i) => byte !== free[2][i]));
      }
    }, views));
}

Deno.test("isa4d grid: a single view is what generate makes with that camera", () =>
  withGrid(async (folder) => {
    const camera = "orbit:deg=20";
    await succeed(folder, [
      ...[...smallGrid, "--views", "1", "--view-cameras", camera, "--seed", "4"],
      ...["-o", "g/%04d.png"],
    ]);
    await succeed(folder, [...smallJob, "--camera", camera, "--seed", "4", "-o", "p/%04d.png"]);
    deepEqual(
      await pictures(join(folder, "g/view-0/%04d.png"), 3),
      await pictures(join(folder, "p/%04d.png"), 3),
    );
  }));

Deno.test("isa4d grid: with weights that know one view, each is generate's with its own camera", () =>
  withGrid(async (folder) => {
    const cameras = ["static", "static:azimuth=40"];
    await succeed(folder, [
      ...[...smallGrid, ...cameras.flatMap((camera) => ["--view-cameras", camera])],
      ...["--cfg-scale", "1", "-o", "g/%04d.png"],
    ]);
    await succeed(folder, [...smallJob, "--cfg-scale", "1", "-o", "p/%04d.png"]);
    const [a, b] = await Promise.all(
      ["g/view-0", "p"].map((name) => pictures(join(folder, name, "%04d.png"), 3)),
    );
    // In a batch of two, sums may be taken in another order.
    const far = Math.max(
      ...a.flatMap((frame, i) => [...frame].map((x, k) => Math.abs(x - b[i][k]))),
    );
    ok(far <= 1, String(far));
  }, "none"));

Deno.test("isa4d grid: a file's cameras are the views; a short given view holds its last picture", () =>
  withGrid(async (folder) => {
    const size = { width: 32, height: 32, fovYDegrees: 40 };
    const rig = [[0, 1, 4], [4, 1, 0]].map((eye) =>
      lookAt(eye as [number, number, number], [0, 1, 0], size)
    );
    await Deno.writeTextFile(join(folder, "rig.json"), formatCameras(rig));
    await writeVideo(join(folder, "side.mp4"), ramps({ width: 32, height: 32, count: 2 }));
    const args = [...smallGrid, "--view-cameras", "rig.json", "-o", "g/%04d.png"];
    const { stderr } = await succeed(folder, [
      ...[...args, "--views", "2", "--given-view", "1=side.mp4"],
    ]);
    match(stderr, /side\.mp4" ends after 2 of 3 frames: its last picture is held/);
    const given = await readVideo(join(folder, "side.mp4"));
    const back = await pictures(join(folder, "g/view-1/%04d.png"), 3);
    for (const [frame, picture] of back.entries()) {
      deepEqual(picture, frameAt(given, Math.min(frame, 1)));
    }
    const sidecar = await readJson(join(folder, "g/grid.json")) as {
      views: { cameras: unknown }[];
    };
    for (const [view, { cameras }] of sidecar.views.entries()) {
      const track = parseCameras(JSON.stringify(cameras), "sidecar");
      for (const { translation } of track.cameras) deepEqual(translation, rig[view].translation);
    }
    const { code, stderr: said } = await isa4d([...args, "-y"], { cwd: folder });
    equal(code, 1);
    match(said, /has 2 cameras for 4 views; give --views 2/);
  }));

Deno.test("isa4d grid: --from makes the grid again", () =>
  withGrid(async (folder) => {
    await writeVideo(join(folder, "side.mp4"), ramps({ width: 32, height: 32, count: 3 }));
    await succeed(folder, [
      ...[...smallGrid, "--views", "2", "--given-view", "1=side.mp4", "--seed", "3"],
      ...["--view-background", "0=#ff0000", "-o", "out.webp"],
    ]);
    await succeed(folder, ["grid", "--from", "out.webp", "-o", "again.webp"]);
    for (const view of [0, 1]) {
      const [a, b] = await Promise.all(
        ["out", "again"].map((name) => readVideo(join(folder, `${name}-view-${view}.webp`))),
      );
      deepEqual(a.data, b.data);
    }
    await Deno.writeTextFile(join(folder, "me.json"), " ", { append: true });
    const { code, stderr } = await isa4d(["grid", "--from", "out.webp", "-o", "c.webp"], {
      cwd: folder,
    });
    equal(code, 1);
    match(stderr, /me\.json" has changed since the video was made/);
  }));

Deno.test("isa4d grid: --resume goes on from the step that was saved", () =>
  withGrid(async (folder) => {
    const args = [...smallGrid, "--views", "2", "--steps", "4", "--sampler", "dpm++2m"];
    await succeed(folder, [...args, "-o", "whole/%04d.png"]);
    const stop = new AbortController();
    const state = join(folder, "cut", "resume.safetensors");
    await Deno.mkdir(join(folder, "cut"));
    const running = isa4d([...args, "--resume-every", "1", "-o", "cut/%04d.png"], {
      cwd: folder,
      signal: stop.signal,
    });
    while (!await Deno.stat(state).then(() => true, () => false)) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    stop.abort(new Error("stop"));
    // A quick machine may have ended by now; then the run below begins anew, to the same end.
    await running;
    const other = await isa4d([...args, "--seed", "9", "--resume", "-o", "cut/%04d.png"], {
      cwd: folder,
    });
    if (await Deno.stat(state).then(() => true, () => false)) {
      match(other.stderr, /belongs to another grid/);
    }
    await succeed(folder, [...args, "--resume", "-o", "cut/%04d.png"]);
    for (const view of [0, 1]) {
      deepEqual(
        await pictures(join(folder, `cut/view-${view}/%04d.png`), 3),
        await pictures(join(folder, `whole/view-${view}/%04d.png`), 3),
      );
    }
    ok(!namesIn(join(folder, "cut")).includes("resume.safetensors"));
  }));

for (
  const [what, flags, said] of [
    ["a later instant", ["--given-time", "4=o.mp4"], /only frame 0 has a latent of its own/],
    ["a view that is not there", ["--given-view", "4=o.mp4"], /no view 4, expected 0 to 3/],
    ["a number without a file", ["--given-view", "o.mp4"], /expected number=file/],
    [
      "too few cameras",
      ["--views", "3", "--view-cameras", "static", "--view-cameras", "pan"],
      /2 view cameras for 3 views/,
    ],
    ["a path that stands still", ["--view-cameras", "static"], /does not move/],
    ["the camera of one view", ["--camera", "static"], /unknown option '--camera'/],
    ["a stream", ["-o", "-"], /cannot write a grid to "-"/],
    ["a video that is not there", ["--given-view", "0=no.mp4"], /no\.mp4/],
  ] as const
) {
  Deno.test(`isa4d grid: refuses ${what}`, () =>
    withFolder(async (folder) => {
      await writeJobFiles(folder);
      const { code, stderr } = await isa4d([...smallGrid, "-o", "x.mp4", ...flags], {
        cwd: folder,
      });
      ok(code > 0);
      match(stderr, said);
    }));
}

Deno.test("isa4d grid: --print-job shows the whole record", () =>
  withFolder(async (folder) => {
    const { stdout } = await succeed(folder, [
      ...[...smallGrid, "--view-cameras", "a.json", "--view-cameras", "orbit:deg=5"],
      ...["--given-time", "0=o.mp4", "-o", "x.mp4", "--print-job"],
    ]);
    const printed = JSON.parse(textOf(stdout));
    deepEqual(
      [printed.views, printed.viewCameras, printed.givenTime],
      [2, [join(folder, "a.json"), "orbit:deg=5"], { frame: 0, video: join(folder, "o.mp4") }],
    );
    equal(printed.job.persons[0].motion, "builtin:walk");
  }));
