import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { isa4d, isa4dCommand, isa4dProcess } from "../support/cli.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";
import { clip, writePictures, writeResult } from "../viewer/results.ts";

/** What a page was told. */
async function dataOf(path: string) {
  const html = await Deno.readTextFile(path);
  return JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)![1]);
}

Deno.test("isa4d view --html: what generate made becomes one page that holds everything", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const made = await isa4d([...smallJob, "-o", "out.mp4"], { cwd: folder });
    equal(made.code, 0, made.stderr);
    const { code, stdout, stderr } = await isa4d(["view", "out.mp4", "--html", "out.html"], {
      cwd: folder,
    });
    equal(code, 0, stderr);
    equal(stdout.length, 0);
    match(stderr, /wrote [^\n]*out\.html\n$/);
    const { title, frames, views, scene, notes, files } = await dataOf(join(folder, "out.html"));
    deepEqual([title, frames, views.length, scene.persons.length, notes], ["out.mp4", 3, 1, 1, []]);
    match(views[0].source, /^data:video\/mp4;base64,/);
    ok(files.some(({ role }: { role: string }) => role === "weights"));
    const html = await Deno.readTextFile(join(folder, "out.html"));
    ok(html.length < 3_000_000, `${html.length} bytes`);
    equal(/(?:src|href)="(?!data:)/.test(html.replace(/<script.*?<\/script>/gs, "")), false);
  }));

Deno.test("isa4d view --html: without libtorch; numbered pictures become a video", () =>
  withFolder(async (folder) => {
    await writePictures(folder);
    const { code, stderr } = await isa4dProcess(["view", "frames", "--html", "p.html"], {
      cwd: folder,
      env: { LIBTORCH: join(folder, "none") },
    });
    equal(code, 0, stderr);
    const { views, frames } = await dataOf(join(folder, "p.html"));
    deepEqual([frames, views[0].strip.frames.length], [clip.count, clip.count]);
    match(views[0].source, /^data:video\/mp4;base64,/);
  }));

Deno.test("isa4d view: inputs that are gone are noted, and the rest is shown", () =>
  withFolder(async (folder) => {
    await writeResult(folder);
    await Deno.remove(join(folder, "me.json"));
    const { code, stderr } = await isa4d(["view", "out.mp4", "--html", "p.html"], { cwd: folder });
    equal(code, 0, stderr);
    match(stderr, /note: me\.json is no longer there\n.*note: without body and camera: /s);
    const { scene, notes } = await dataOf(join(folder, "p.html"));
    deepEqual([scene, notes.length], [undefined, 2]);
  }));

Deno.test("isa4d view: wrong input ends with one line, and leaves no page", () =>
  withFolder(async (folder) => {
    await writeResult(folder);
    await Deno.writeTextFile(join(folder, "empty.json"), "{}");
    const before = namesIn(folder);
    const page = ["--html", "page.html"];
    const cases: [string[], number, RegExp][] = [
      [["none.mp4", ...page], 1, /^isa4d view: there is no "[^"]*none\.mp4"\n$/],
      [
        ["me.png", ...page],
        1,
        /^isa4d view: cannot view "[^"]*me\.png": expected a video or picture of isa4d/,
      ],
      [["out.mp4", ...page, "--metrics", "empty.json"], 1, /empty\.json" as measured quality/],
      [["out.mp4", "--html", "me.png/page.html"], 2, /--html: "[^"]*me\.png" is a file/],
      [["out.mp4", ...page, "--port", "80"], 2, /^isa4d view: --port is for serving/],
      [["out.mp4", "--port", "99999"], 2, /^isa4d view: .*--port/],
      [[], 2, /^isa4d view: missing required argument/],
    ];
    for (const [args, expected, text] of cases) {
      const { code, stderr } = await isa4d(["view", ...args], { cwd: folder });
      equal(code, expected, stderr);
      match(stderr.replace(/^bundling.*\n/, ""), text);
    }
    deepEqual(namesIn(folder), before);
  }));

Deno.test("isa4d view --open: the desktop is asked for its browser; without one the page is there", () =>
  withFolder(async (folder) => {
    await writeResult(folder);
    const bin = join(folder, "bin");
    await Deno.mkdir(bin);
    const program = Deno.build.os === "darwin" ? "open" : "xdg-open";
    await Deno.writeTextFile(join(bin, program), `#!/bin/sh\necho "$1" > ${folder}/opened\n`);
    await Deno.chmod(join(bin, program), 0o755);
    const args = ["view", "out.mp4", "--html", "a page.html", "--open"];
    const { code, stderr } = await isa4dProcess(args, {
      cwd: folder,
      env: { PATH: `${bin}:${Deno.env.get("PATH")}` },
    });
    equal(code, 0, stderr);
    equal(await Deno.readTextFile(join(folder, "opened")), `file://${folder}/a%20page.html\n`);
    await Deno.writeTextFile(join(bin, program), "#!/bin/sh\nexit 3\n");
    const failed = await isa4dProcess([...args, "-y"], {
      cwd: folder,
      env: { PATH: `${bin}:${Deno.env.get("PATH")}` },
    });
    equal(failed.code, 0, failed.stderr);
    match(failed.stderr, /note: no browser could be opened; the address is file:/);
  }));

Deno.test("isa4d view: serves until Ctrl-C, then ends with 0 and leaves nothing behind", () =>
  withFolder(async (folder) => {
    await writePictures(folder);
    const spares = join(folder, "spares");
    await Deno.mkdir(spares);
    const child = new Deno.Command(isa4dCommand[0], {
      args: [...isa4dCommand.slice(1), "view", "frames"],
      ...{ cwd: folder, stdout: "piped", stderr: "piped", env: { TMPDIR: spares } },
    }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const address = (await reader.read()).value!.trim();
    const page = await fetch(address);
    match(await page.text(), /<title>frames<\/title>/);
    const video = await fetch(`${address}video/0`);
    ok((await video.bytes()).length > 500);
    equal(namesIn(spares).length, 1);
    child.kill("SIGINT");
    const [{ code }, stderr] = await Promise.all([
      child.status,
      new Response(child.stderr).text(),
    ]);
    await reader.cancel();
    equal(code, 0, stderr);
    deepEqual(namesIn(spares), []);
  }));
