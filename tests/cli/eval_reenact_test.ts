import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { readImage } from "../../lib/io/mod.ts";
import { type Ended, root, run } from "../support/commands.ts";
import { withFolder } from "../support/folders.ts";
import { writeSeenVideo } from "../support/seen_video.ts";
import { writePriorDecoder } from "../support/prior_decoder.ts";

/** A process of its own; INIT_CWD names a folder where the tests run as a task. */
const isa4d = (args: readonly string[], { cwd }: { cwd: string }): Promise<Ended> => {
  const main = ["run", "-A", "--no-check", join(root, "cli/main.ts")];
  return run("env", ["-u", "INIT_CWD", Deno.execPath(), ...main, ...args], { cwd });
};

Deno.test("isa4d eval reenact: a video is made again from its first frame, beside what costs nothing", () =>
  withFolder(async (cwd) => {
    await writeSeenVideo(cwd, { frames: 5, size: 96 });
    const command = ["eval", "reenact", "clip.mp4", "--cache", "cache"];
    const end = await isa4d([
      ...[...command, "-W", "80", "--sheet", "new/sheet.png", "--output", "eval"],
    ], { cwd });
    equal(end.code, 0, end.stderr);
    const lines = end.stdout.split("\n");
    match(lines[0], /^ +PSNR ↑ +on person ↑ +SSIM ↑ +IoU ↑ +SPD ↓ +landmarks ↑ +identity ↑$/);
    equal(lines[1], "clip.mp4");
    match(lines[2], /^ +reference frame repeated +[\d.]+/);
    match(lines[3], /^ +empty scene alone +[\d.]+/);
    match(lines[4], /^ +prior alone +[\d.]+/);
    match(
      lines[5],
      /^clip.mp4: 5 frames of 80×80; 1 person; bodies lie off .* camera stands still/,
    );
    match(
      lines[6],
      /^protocol: 5 frames; 80×80 pixels; .*frame 0 is the reference; .*nothing is sampled/,
    );
    const { means, clips } = JSON.parse(await Deno.readTextFile(join(cwd, "eval/reenact.json")));
    deepEqual(clips[0].rows, means);
    const [still, scene, prior] = means.map(({ scores }: { scores: object }) => scores);
    ok(prior.psnr > scene.psnr + 1 && prior.psnr > still.psnr, `${prior.psnr} ${scene.psnr}`);
    ok(prior.iou > 0.6 && scene.iou === 0 && clips[0].track.overlap > 0.6);
    const sheet = await readImage(join(cwd, "new/sheet.png"));
    ok(sheet.width > 6 * 256 && sheet.height > 3 * 256, `${sheet.width}×${sheet.height}`);
    equal((await isa4d(["eval", "report", "eval"], { cwd })).code, 0);
    const page = await Deno.readTextFile(join(cwd, "eval/report.html"));
    match(page, /real clips made again/);
    match(page, /<td>clip.mp4<\/td><td>prior<\/td>/);

    await writePriorDecoder(join(cwd, "corrected"));
    const again = [...command, "-W", "80", "--reference-frame", "4", "--json"];
    const model = await isa4d([...again, "--weights", "./corrected"], { cwd });
    equal(model.code, 0, model.stderr);
    const record = JSON.parse(model.stdout);
    deepEqual(record.means.map(({ row }: { row: string }) => row), [
      ...["still", "scene", "prior", "model"],
    ]);
    ok(record.means[2].scores.psnr !== prior.psnr, "another reference, another prior");
    const beyond = await isa4d([...command, "--reference-frame", "5"], { cwd });
    match(beyond.stderr, /clip.mp4" has frames 0 to 4, found --reference-frame 5/);
  }));
