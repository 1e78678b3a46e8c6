import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { exitCodes } from "../../cli/support/mod.ts";
import { type CommandOptions, isa4d } from "../support/cli.ts";
import { allLeaves, type Leaf } from "../support/command_tree.ts";
import { root } from "../support/commands.ts";
import { withFolder } from "../support/folders.ts";
import { writeJobFiles } from "../support/job_files.ts";

const leaves = await allLeaves();

/** Command lines that are right, and fail over what they name. */
const failing: Record<string, string> = {
  "generate": "-i none.png --motion builtin:walk -o out.mp4",
  "batch": "none.jsonl -o out",
  "grid": "-i none.png --motion builtin:walk -o out.mp4",
  "preview": "-i none.png --motion builtin:walk",
  "plan": "--weights ./none",
  "demo": "--weights ./none -o out",
  "view": "none.mp4",
  "info": "none.mp4",
  "verify": "none.mp4",
  "track": "none.mp4 -o out",
  "convert": "none.json out.json",
  "encode": "none.mp4 -o out.safetensors",
  "decode": "none.safetensors -o out.mp4",
  "reconstruct": "none.mp4 -o out.mp4",
  "synth": "--clips 1 --body none.safetensors -o out",
  "index": "none",
  "weights inspect": "none.safetensors",
  "weights verify": "./none",
  "weights convert": "none.safetensors --to video_vae -o out.safetensors",
  "train dit": "--config tiny --data none --validation none --vae none.safetensors -o out",
  "train vae": "--config tiny --data none --validation none -o out",
  "train features": "--config image --data none --validation none -o out",
  "train report": "none",
  "eval video": "none.mp4 none.mp4",
  "eval set": "none none2",
  "eval solo": "none.mp4",
  "eval reenact": "none.mp4",
  "eval follow": "none.mp4",
  "eval views": "none.grid.json",
  "eval report": "none",
  "eval vae": "--data none --vae none.safetensors",
  "eval generate": "--data none",
  "eval grid": "--data none",
};

/** Commands that read nothing of the user's. */
const sure = ["doctor", "schema", "models", "weights list", "completions"];

/** Values that are wrong, beyond those that a flag's type refuses. */
const wrongValues: Record<string, readonly string[]> = {
  "generate": [
    "-i me.png --ref-pose me.json --motion builtin:fly -o out.mp4",
    "-i me.png --ref-pose me.json --motion builtin:walk --camera orbit:deg=x -o out.mp4",
    "-i me.png --ref-pose me.json --motion builtin:walk --camera fly -o out.mp4",
    "-i me.png --ref-pose me.json --motion builtin:walk --smooth one-euro:min=x -o out.mp4",
    "-i me.png --ref-pose me.json --motion builtin:walk --background #12 -o out.mp4",
    "-i a.png --motion builtin:walk -o out.doc",
    "-i a.png --motion builtin:walk --width 131 -o out.mp4",
    "--motion builtin:walk -o out.mp4",
  ],
  "plan": ["--memory much", "--preset none", "--no-calibrate --device tpu"],
  "view": ["a.mp4 --port 0"],
  "track": ["a.mp4#tid=1 -o out", "a.mp4 -o out --frames 0", "a.mp4 -o out --fps none"],
  "convert": ["builtin:fly out.npz"],
  "encode": ["a.mp4 -o out.safetensors --chunk 0", "a.mp4 -o out.safetensors --device tpu"],
  "batch": ["jobs.jsonl"],
  "completions": ["tcsh"],
  "train dit": ["--config none --data d", "--config tiny --set nonsense=1"],
  "train vae": ["--config none --data d"],
  "eval video": ["a.mp4 b.mp4 --metrics beauty", "a.mp4 b.mp4 --device tpu"],
  "eval generate": ["--data d --steps 0"],
  "weights convert": ["a --to video_vae -o out.doc"],
  "synth": ["--persons 0 -o out"],
};

const nameOf = ({ path }: Leaf) => path.join(" ");

/** Runs `isa4d NAME LINE` in the folder. */
async function end(name: string, line: string, { cwd, signal }: CommandOptions) {
  const words = line.split(" ").filter((word) => word !== "");
  return await isa4d([...name.split(" "), ...words], { cwd, signal });
}

function oneLine(name: string, stderr: string) {
  const lines = stderr.trimEnd().split("\n").filter((line) => line.startsWith("isa4d"));
  equal(lines.length, 1, stderr);
  ok(lines[0].startsWith(`isa4d ${name}: `), `${name}: ${lines[0]}`);
}

Deno.test("exit codes: this test knows every command", () => {
  deepEqual([...Object.keys(failing), ...sure].sort(), leaves.map(nameOf).sort());
});

for (const leaf of leaves) {
  const name = nameOf(leaf);
  Deno.test(`exit codes: isa4d ${name} ends with 0, 1, 2 and 130 as the table says`, async () => {
    await withFolder(async (cwd) => {
      await Deno.writeTextFile(join(cwd, "none.txt"), "");
      if (name === "generate") await writeJobFiles(cwd);
      equal((await isa4d([...leaf.path, "--help"])).code, exitCodes.ok);
      for (const line of ["--no-such-flag", ...wrongValues[name] ?? []]) {
        const { code, stderr } = await end(name, line, { cwd });
        equal(code, exitCodes.usage, `${line}: ${stderr}`);
        oneLine(name, stderr);
      }
      if (!(name in failing)) return;
      const failed = await end(name, failing[name], { cwd });
      equal(failed.code, exitCodes.failed, failed.stderr);
      oneLine(name, failed.stderr);
      const signal = AbortSignal.abort(new Error("interrupted"));
      const stopped = await end(name, failing[name], { cwd, signal });
      equal(stopped.code, exitCodes.interrupted);
      match(stopped.stderr, /isa4d: interrupted\n$/);
    });
  });
}

Deno.test("exit codes: the documented table holds exactly those of the program", async () => {
  const text = await Deno.readTextFile(join(root, "docs/cli.md"));
  const rows = [...text.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code));
  deepEqual(rows, Object.values(exitCodes));
  match(text, /## Exit codes/);
});
