import type { Command } from "@commander-js/extra-typings";
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { commands } from "../../cli/commands.ts";
import { newProgram } from "../../cli/program.ts";
import { isa4d } from "../support/cli.ts";
import { withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";

/** A device that no machine has. */
const NONE = "cuda:99";

const job = smallJob.slice(1).join(" ");
const vae = "--weights ./weights/video_vae.safetensors";

/** What follows each command that has `--device`; files need not exist where the device comes first. */
const lines: Readonly<Record<string, string>> = {
  generate: `${job} -o o.mp4`,
  grid: `${job} --views 2 --view-cameras arc:deg=60 -o o.mp4`,
  batch: "jobs.jsonl --output out",
  plan: "",
  preview: "",
  reconstruct: `me.png -o o.png ${vae}`,
  encode: `me.png -o z.safetensors ${vae}`,
  decode: `z.safetensors -o o.png ${vae}`,
  "train vae": "--data x --output run",
  "train dit": "--data x --vae y --output run",
  "train features": "--data x --output run",
  "eval generate": "--data x",
  "eval grid": "--data x",
  "eval vae": "--data x --vae y",
  "eval video": "me.png me.png",
  "eval set": "x y",
  "eval solo": "me.png",
  "eval follow": "x",
  "eval reenact": "me.mp4",
};

/** Commands that say what a job would take elsewhere, or look at none of the device. */
const indifferent = ["plan", "preview"];

async function commandsWithDevice(): Promise<string[]> {
  const program = newProgram(() => {}) as unknown as Command;
  for (const entry of commands) {
    (await entry.load()).register(program, () => {
      throw new Error("no command runs here");
    });
  }
  const found: string[] = [];
  const visit = (command: Command, path: string): void => {
    if (command.options.some(({ long }) => long === "--device")) found.push(path);
    for (const inner of command.commands as Command[]) {
      visit(inner, `${path} ${inner.name()}`.trim());
    }
  };
  visit(program, "");
  return found;
}

Deno.test("--device: every command that has it says in one line that the device is not there", async (t) => {
  deepEqual((await commandsWithDevice()).sort(), Object.keys(lines).sort());
  await withFolder(async (folder) => {
    await writeJobFiles(folder);
    const one = {
      reference: { image: "me.png", pose: "me.json" },
      persons: [{ motion: "builtin:walk" }],
    };
    const small = { width: 32, height: 32, frames: 3, steps: 1, weights: "./weights" };
    await Deno.writeTextFile(`${folder}/jobs.jsonl`, JSON.stringify({ ...one, ...small }));
    for (const [command, rest] of Object.entries(lines)) {
      if (indifferent.includes(command)) continue;
      await t.step(command, async () => {
        const words = [command, rest, "--device", NONE, "--quiet"].join(" ").split(" ");
        const { code, stderr } = await isa4d(words, { cwd: folder });
        match(stderr, /device is "cuda:99", but \d+ CUDA devices are there: use cpu; isa4d doctor/);
        ok(stderr.length < 400, stderr);
        equal(code, 1);
      });
    }
  });
});

Deno.test("--device: a word that is no device is a wrong value, in every command", async (t) => {
  await withFolder(async (folder) => {
    await writeJobFiles(folder);
    for (const [command, rest] of Object.entries(lines)) {
      if (indifferent.includes(command) || command === "batch") continue;
      await t.step(command, async () => {
        const words = [command, rest, "--device", "gpu"].join(" ").split(" ");
        const { code, stderr } = await isa4d(words, { cwd: folder });
        match(stderr, /^isa4d[^\n]*--device[^\n]*cpu, cuda or cuda:N[^\n]*\n$/);
        equal(code, 2);
      });
    }
  });
});

Deno.test("generate --latents: a device that is not there is one line too", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const made = ["-o", "a.mp4", "--save-latents", "z.safetensors", "--quiet"];
    equal((await isa4d([...smallJob, ...made], { cwd: folder })).code, 0);
    const decoded = ["generate", "--latents", "z.safetensors", "-o", "b.mp4", "--device", NONE];
    const { code, stderr } = await isa4d([...decoded, "--quiet"], { cwd: folder });
    match(stderr, /^isa4d generate: device is "cuda:99", but [^\n]*\n$/);
    equal(code, 1);
  }));
