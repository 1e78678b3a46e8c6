import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import config from "../deno.json" with { type: "json" };
import { readRecord } from "../lib/pipelines/mod.ts";
import { root, run } from "./support/commands.ts";
import { namesIn, withFolder } from "./support/folders.ts";
import { writeJobFiles } from "./support/job_files.ts";

/** Another project, which has the files of a small job and knows the checkout by its path. */
const withProject = (body: (folder: string) => Promise<void>) =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify({ links: [root] }));
    await body(folder);
  });

const deno = (args: string[], cwd: string) => run(Deno.execPath(), args, { cwd });

Deno.test("docs: the examples run in a project that knows the checkout by its path", () =>
  withProject(async (cwd) => {
    for (const page of ["library.md", "extending.md"]) {
      await Deno.copyFile(join(root, "docs", page), join(cwd, page));
      const { code, stdout, stderr } = await deno(["test", "-A", "--doc", page], cwd);
      equal(code, 0, `${page}\n${stdout}\n${stderr}`);
    }
    const made = namesIn(cwd).filter((name) => /\.(mp4|png)$/.test(name));
    deepEqual(made, [
      "me.png",
      "patient.mp4",
      "walk.mp4",
      "wave-0.png",
      "wave-1.png",
      "wave-2.png",
    ]);
    equal((await readRecord(join(cwd, "patient.mp4"))).versions.sampler, "patient");
    equal((await readRecord(join(cwd, "walk.mp4"))).versions.sampler, undefined);
  }));

Deno.test("docs: library.md has all doors", async () => {
  const page = await Deno.readTextFile(join(root, "docs/library.md"));
  const listed = [...page.matchAll(/^\| `(isa4d[^`]*)`/gm)].map(([, name]) => name);
  deepEqual(listed, Object.keys(config.exports).map((name) => name.replace(/^\./, "isa4d")));
  // What is documented is checked.
  const linted = config.tasks.doors.split(" ").filter((word) => word.endsWith(".ts"));
  deepEqual(linted.map((path) => `./${path}`), Object.values(config.exports));
});

Deno.test("library: a job that is none is refused before any work", () =>
  withProject(async (cwd) => {
    await Deno.writeTextFile(
      join(cwd, "main.ts"),
      `import { generateFrames, generateVideo } from "isa4d";
      const job = { reference: { image: "me.png" }, persons: [{ motion: "builtin:walk" }], frames: 0 };
      for (const make of [
        () => generateVideo({ ...job, output: "a.mp4" }),
        () => generateVideo({ ...job, frames: 2, output: "-" }),
        () => generateFrames(job).next(),
        () => generateFrames({ ...job, frames: 2, weights: "nowhere" }).next(),
      ]) await Promise.resolve(make()).catch((error) => console.log(\`\${error.name}: \${error.message}\`));`,
    );
    const { stdout } = await deno(["run", "-A", "--no-check", "main.ts"], cwd);
    match(
      stdout,
      /^ConfigError: job: frames: .*\nConfigError: output -.*\nConfigError: job: frames: .*\nConfigError: .*nowhere/,
    );
  }));
