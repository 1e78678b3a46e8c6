import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { HELD_OUT_SEED, readBody, renderReference } from "../../lib/data/mod.ts";
import { formatCameras } from "../../lib/geometry/mod.ts";
import { readImage, readVideo, writePng, writeVideo } from "../../lib/io/mod.ts";
import { formatPose } from "../../lib/pipelines/mod.ts";
import { isa4d, isa4dProcess, textOf } from "../support/cli.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { ramps } from "../support/pictures.ts";

/** Runs `run` in a folder with a rendered person, the pose, and a background. */
const withPerson = (run: (folder: string) => Promise<void>) =>
  withFolder(async (folder) => {
    const made = renderReference(await readBody(), { seed: HELD_OUT_SEED + 2 });
    const { pose, translation: [x, y, z], shape } = made.referencePose;
    const camera = JSON.parse(formatCameras([made.referenceCamera]));
    await writePng(join(folder, "me.png"), made.reference);
    const text = formatPose({ pose, translation: [x, y, z], shape }, camera);
    await Deno.writeTextFile(join(folder, "me.json"), text);
    await writeVideo(join(folder, "room.mp4"), ramps({ width: 64, height: 64, count: 5 }));
    await run(folder);
  });

const job = [
  ...["preview", "-i", "me.png", "--ref-pose", "me.json", "--motion", "builtin:walk"],
  ...["--background", "room.mp4", "-W", "128", "-H", "128", "--frames", "5", "--fps", "8"],
];
/** What is warned of. */
const floating = ["--offset", "0,0.3,0"];

Deno.test("isa4d preview: a sheet and a video, and a record that says what is wrong", () =>
  withPerson(async (folder) => {
    const { code, stdout, stderr } = await isa4d([
      ...job,
      "--frames",
      "4",
      ...floating,
      "-o",
      "look",
      "--json",
    ], {
      cwd: folder,
    });
    equal(code, 0, stderr);
    match(stderr, /warning: the person floats at least 0\.30 m/);
    match(stderr, /wrote [^\n]*look\.png\nwrote [^\n]*look\.mp4\n/);
    const record = JSON.parse(textOf(stdout));
    equal(record.format, "isa4d-preview");
    deepEqual(record.files, ["look.png", "look.mp4"].map((name) => join(folder, name)));
    deepEqual(record.warnings.map(({ kind }: { kind: string }) => kind), ["floating"]);
    equal(record.job.frames, 4);
    const sheet = await readImage(join(folder, "look.png"));
    ok(sheet.width > 1200 && sheet.height > 600, `${sheet.width}×${sheet.height}`);
    const video = await readVideo(join(folder, "look.mp4"));
    deepEqual([video.width, video.height, video.count, video.fps], [384, 384, 4, 8]);
    // The body is blue, and the background is not.
    const blue = (x: number, y: number) => {
      const at = (y * 384 + x) * 3;
      return video.data[at + 2] - video.data[at];
    };
    ok(blue(192, 180) > 60, `${blue(192, 180)}`);
  }));

Deno.test("isa4d preview: without libtorch; one ending, one file; --strict fails where it warns", () =>
  withPerson(async (folder) => {
    const env = { LIBTORCH: join(folder, "none") };
    const good = await isa4dProcess([...job, "-o", "only.png", "--strict"], { cwd: folder, env });
    deepEqual([good.code, good.stdout], [0, ""], good.stderr);
    deepEqual(namesIn(folder).filter((name) => name.startsWith("only")), ["only.png"]);
    const strict = [...floating, "--strict", "--quiet", "--json", "-o", "only.mp4"];
    const bad = await isa4d([...job, ...strict], { cwd: folder });
    equal(bad.code, 1);
    equal(bad.stderr, "isa4d preview: one warning, and --strict stops on any\n");
    equal(JSON.parse(textOf(bad.stdout)).warnings.length, 1);
    deepEqual(namesIn(folder).filter((name) => name.startsWith("only")), ["only.mp4", "only.png"]);
  }));

Deno.test("isa4d preview: needs no weights, and tells of a missing pose", () =>
  withPerson(async (folder) => {
    const args = [
      ...["preview", "-i", "me.png", "--motion", "builtin:wave", "--frames", "1"],
      ...["--ref-pose", "none", "--weights", "./later", "-o", "p.png", "--json"],
    ];
    const { code, stdout, stderr } = await isa4d(args, { cwd: folder });
    equal(code, 0, stderr);
    match(stderr, /no body pose for/);
    equal(JSON.parse(textOf(stdout)).notices.length, 1);
  }));
