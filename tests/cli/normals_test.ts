import { deepEqual, equal, match, notDeepEqual } from "node:assert/strict";
import { join } from "node:path";
import { readImage } from "../../lib/io/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";
import { isa4d, textOf } from "../support/cli.ts";
import { withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";

async function succeed(words: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await isa4d(words, { cwd });
  equal(code, 0, stderr);
  return textOf(stdout);
}

Deno.test("isa4d generate and grid: weights that read normal maps, whole clips, windows and views", () =>
  withFolder(async (cwd) => {
    await writeJobFiles(cwd, { control: "normals" });
    const live = liveTensors();
    const last = async (name: string, motion: string, args: readonly string[]) => {
      const job = smallJob.map((word) => word === "builtin:walk" ? motion : word);
      const words = [...job, "--frames", "9", ...args];
      await Deno.mkdir(join(cwd, name));
      await succeed([...words, "-o", `${name}/%04d.png`], cwd);
      return (await readImage(join(cwd, name, "0008.png"))).data;
    };
    for (const [name, args] of [["whole", []], ["windows", ["--window", "5"]]] as const) {
      const walk = await last(`${name}-walk`, "builtin:walk", args);
      notDeepEqual(await last(`${name}-wave`, "builtin:wave", args), walk);
    }
    const grid = ["grid", ...smallJob.slice(1), "--views", "2", "-o", "grid/%04d.png"];
    await succeed(grid, cwd);
    const views = [0, 1].map((view) => readImage(join(cwd, "grid", `view-${view}`, "0001.png")));
    const [front, side] = await Promise.all(views);
    notDeepEqual(side.data, front.data);
    deepEqual([side.width, side.height], [32, 32]);
    equal(liveTensors(), live);
  }));

Deno.test("isa4d plan and --print-config: the control is told and counted", () =>
  withFolder(async (cwd) => {
    await writeJobFiles(cwd, { control: "normals" });
    await succeed(["plan", ...smallJob.slice(1), "--no-calibrate"], cwd);
    const tiny = ["train", "dit", "--config", "tiny", "--print-config", "--set"];
    const printed = JSON.parse(await succeed([...tiny, "model.control=normals"], cwd));
    equal(printed.model.control, "normals");
    const wrong = await isa4d([...tiny, "model.control=depth"], { cwd });
    equal(wrong.code, 2);
    match(wrong.stderr, /"isa"\|"normals"/);
  }));
