import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { basename, join } from "node:path";
import { InputError } from "../../lib/errors.ts";
import { writePng, writeVideo } from "../../lib/io/mod.ts";
import { assemblePage } from "../../lib/viewer/mod.ts";
import { findResult } from "../../lib/viewer/result.ts";
import { withFolder } from "../support/folders.ts";
import { ramps } from "../support/pictures.ts";
import { clip, writeGridResult, writePictures, writeResult } from "./results.ts";

Deno.test("findResult: a video, its record, and pictures are the same kind of thing", () =>
  withFolder(async (folder) => {
    const video = await writeResult(folder);
    for (const path of [video, `${video}.json`]) {
      const { name, path: found, job, views } = await findResult(path);
      deepEqual([name, found, job.frames, views.length], ["out.mp4", video, clip.count, 1]);
      deepEqual(views[0].pictures, { kind: "video", path: video });
    }
    const frames = await writePictures(folder);
    for (const path of [frames, join(frames, "metadata.json"), join(frames, "%03d.png")]) {
      const { pictures } = (await findResult(path)).views[0];
      equal(pictures.kind, "pictures");
      deepEqual(
        pictures.kind === "pictures" && pictures.paths.map((picture) => basename(picture)),
        ["001.png", "002.png", "003.png", "004.png", "005.png"],
      );
    }
  }));

Deno.test("findResult: the picture of a job of one frame, and its record", () =>
  withFolder(async (folder) => {
    const video = await writeResult(folder);
    const picture = join(folder, "one.png");
    await writePng(picture, ramps({ ...clip, count: 1 }));
    await rejects(findResult(picture), /expected a video or picture of isa4d/);
    await Deno.copyFile(`${video}.json`, `${picture}.json`);
    for (const path of [picture, `${picture}.json`]) {
      const { name, views } = await findResult(path);
      deepEqual([name, views[0].pictures], ["one.png", { kind: "pictures", paths: [picture] }]);
    }
  }));

Deno.test("findResult: a video whose record was taken out is known by the one beside it", () =>
  withFolder(async (folder) => {
    const video = await writeResult(folder);
    await writeVideo(video, ramps(clip));
    equal((await findResult(video)).job.frames, clip.count);
    await Deno.remove(`${video}.json`);
    await rejects(findResult(video), { name: "InputError", message: /carries no isa4d record/ });
  }));

Deno.test("findResult: a grid is found by its mosaic, any view, its record and its list", () =>
  withFolder(async (folder) => {
    const mosaic = await writeGridResult(folder);
    const beside = ["grid-view-0.mp4", "grid-view-1.mp4", "grid.mp4.json", "grid.grid.json"];
    for (const path of [mosaic, ...beside.map((name) => join(folder, name))]) {
      const { name, views, grid } = await findResult(path);
      deepEqual([name, grid?.views], ["grid.mp4", 2], path);
      deepEqual(views.map((view) => view.name), ["View 0", "View 1, given"]);
      deepEqual(views.map(({ cameras }) => Math.sign(cameras![0].translation[2])), [1, 1]);
      deepEqual(views.map(({ cameras }) => cameras!.length), [clip.count, clip.count]);
    }
    await Deno.remove(join(folder, "grid-view-1.mp4"));
    await rejects(findResult(mosaic), /grid-view-1.mp4", a part of this result, is not there$/);
  }));

Deno.test("findResult: what is no result is told in one line that names it", () =>
  withFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    await writeVideo(at("foreign.mp4"), ramps(clip));
    await writePng(at("picture.png"), ramps({ ...clip, count: 1 }));
    await Deno.writeTextFile(at("other.json"), "{}");
    await Deno.mkdir(at("empty"));
    const video = await writeResult(folder);
    await Deno.remove(video);
    const cases: [string, RegExp][] = [
      ["none.mp4", /^there is no "[^"]*none\.mp4"$/],
      ["foreign.mp4", /foreign\.mp4" carries no isa4d record/],
      ["picture.png", /cannot view "[^"]*picture\.png": expected a video or picture of isa4d/],
      ["other.json", /"[^"]*other\.json" is a record, but its video "[^"]*other" is not there/],
      ["empty", /cannot view "[^"]*empty": a folder of pictures .* has a metadata\.json/],
      ["out.mp4.json", /out\.mp4\.json" is a record, but its video "[^"]*out\.mp4" is not there/],
    ];
    for (const [name, message] of cases) {
      await rejects(findResult(at(name)), (error: Error) => {
        match(error.message, message);
        return error instanceof InputError;
      });
    }
  }));

Deno.test("findResult: a picture that is missing is named", () =>
  withFolder(async (folder) => {
    const frames = await writePictures(folder);
    await Deno.remove(join(frames, "004.png"));
    await rejects(findResult(frames), /lists 5 frames, but "[^"]*004\.png" is not there$/);
  }));

Deno.test("assemblePage: everything about a result, and a file of which it was made is gone", () =>
  withFolder(async (folder) => {
    const video = await writeResult(folder);
    const sources = ["video/0"];
    const whole = await assemblePage(await findResult(video), { sources });
    deepEqual(whole.notes, []);
    deepEqual(whole.views.map(({ source }) => source), sources);
    deepEqual(whole.views[0].strip.frames, [0, 1, 2, 3, 4]);
    equal(whole.scene?.persons.length, 1);
    deepEqual(whole.files.map(({ state }) => state), ["unchanged", "unchanged"]);
    deepEqual([whole.references.length, whole.references[0].width], [1, 48]);
    const rows = new Map(
      whole.settings.flatMap((group) => group.rows).map((r) => [r.name, r.value]),
    );
    deepEqual([rows.get("size"), rows.get("seed"), rows.get("motion")], [
      "48 × 32",
      "0",
      "builtin:walk",
    ]);
    match(whole.again!, /^isa4d generate --from \S+out\.mp4 -o again\.mp4$/);

    await Deno.remove(join(folder, "me.json"));
    await Deno.writeFile(join(folder, "me.png"), new Uint8Array(3));
    const notices: string[] = [];
    const left = await assemblePage(await findResult(video), {
      sources,
      onNotice: (text) => notices.push(text),
    });
    equal(left.scene, undefined);
    equal(left.references.length, 0);
    deepEqual(left.files.map(({ state }) => state), ["changed", "missing"]);
    deepEqual(notices, left.notes);
    match(notices.join("\n"), /me\.png has changed since\nme\.json is no longer there\nwithout/);
  }));

Deno.test("assemblePage: a grid has its cameras, even where the list of views is gone", () =>
  withFolder(async (folder) => {
    const mosaic = await writeGridResult(folder);
    const options = { sources: ["video/0", "video/1"] };
    const { scene, views, summary, again } = await assemblePage(await findResult(mosaic), options);
    deepEqual([scene?.cameras.length, views.length, summary[0]], [2, 2, "2 views"]);
    match(again!, /^isa4d grid --from/);
    await Deno.remove(join(folder, "grid.grid.json"));
    const without = await assemblePage(await findResult(mosaic), options);
    equal(without.scene?.cameras.length, 2);
  }));

Deno.test("assemblePage: two persons come with two bodies and their own references", () =>
  withFolder(async (folder) => {
    await writePng(join(folder, "you.png"), ramps({ ...clip, count: 1 }));
    const reference = { image: join(folder, "you.png"), pose: "none" };
    const video = await writeResult(folder, "two.mp4", {
      persons: [{ motion: "builtin:walk" }, {
        motion: "builtin:wave",
        reference,
        offset: [1, 0, 0],
      }],
    });
    const { scene, references } = await assemblePage(await findResult(video), { sources: [""] });
    equal(scene?.persons.length, 2);
    deepEqual(references.map(({ label }) => label), [
      "Reference of person 1",
      "Reference of person 2",
    ]);
  }));
