import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { jobLines } from "../support/batch_files.ts";
import { isa4d, textOf } from "../support/cli.ts";
import { root } from "../support/commands.ts";
import { withEnv, withFolder } from "../support/folders.ts";
import { writeJobFiles } from "../support/job_files.ts";

/** The manifest in the documentation. */
const manifest = /```yaml\n([\s\S]*?)```/.exec(
  await Deno.readTextFile(join(root, "docs/batch.md")),
)![1];

/** `[a, b]` after a field's name, as YAML has it in one line. */
function list(name: string): string[] {
  return new RegExp(`^ +${name}: \\[(.*)\\]$`, "m").exec(manifest)![1].split(", ");
}

const field = (name: string) => new RegExp(`^ *${name}: (.*)$`, "m").exec(manifest)?.[1];

/** The container's command line with a volume at `folder`, on a machine without a GPU. */
function commandLine(folder: string): string[] {
  const [program, ...args] = [...list("command"), ...list("args")];
  equal(program, "isa4d");
  return args.map((arg) => arg === "cuda" ? "cpu" : arg.replace("/data", folder));
}

const withPod = (index: number, body: () => Promise<void>) =>
  withEnv({
    JOB_COMPLETION_INDEX: String(index),
    JOB_COMPLETIONS: /JOB_COMPLETIONS, value: "(\d+)"/.exec(manifest)![1],
  }, body);

Deno.test("the manifest for Kubernetes: each pod of the indexed job makes its part, all parts are all jobs", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const pods = Number(field("completions"));
    equal(/JOB_COMPLETIONS, value: "(\d+)"/.exec(manifest)![1], String(pods));
    const ids = Array.from({ length: pods + 1 }, (_, i) => `job${i}`);
    await Deno.writeTextFile(join(folder, "jobs.jsonl"), jobLines(ids));
    for (const index of [0, pods - 1]) {
      await withPod(index, async () => {
        const { code, stderr } = await isa4d(commandLine(folder), { cwd: "/" });
        equal(code, 0, stderr);
        const results = stderr.trim().split("\n").map((line) => JSON.parse(line))
          .filter(({ event }) => event === "result").map(({ id, state }) => `${id} ${state}`);
        const own = index === 0 ? ["job0 done", `job${pods} done`] : [`job${index} done`];
        deepEqual(results, own);
      });
    }
  }));

Deno.test("the manifest for Kubernetes: a job that failed ends its index, an eviction does not", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    await Deno.writeTextFile(join(folder, "jobs.jsonl"), jobLines(["a"], { weights: "./none" }));
    const ending = /onExitCodes: \{.*values: \[(.*)\] \}/.exec(manifest)![1].split(", ").map(
      Number,
    );
    await withPod(0, async () => {
      const { code, stderr } = await isa4d(commandLine(folder), { cwd: "/" });
      match(stderr, /no folder of weights/);
      deepEqual([ending.includes(code), ending.includes(130)], [true, false]);
    });
    const { code, stdout } = await isa4d([...commandLine(folder), "--shard", "9/8"], { cwd: "/" });
    equal(ending.includes(code), true, textOf(stdout));
  }));

Deno.test("the manifest for Kubernetes: what its fields need of each other", () => {
  // backoffLimitPerIndex and FailIndex are for indexed jobs, podFailurePolicy for pods that are not
  // started again.
  equal(field("completionMode"), "Indexed");
  equal(field("restartPolicy"), "Never");
  match(manifest, /\n {2}backoffLimitPerIndex: \d+\n/);
  match(manifest, /\n {6}- action: FailIndex\n/);
  equal(field("- name"), /containerName: (\w+)/.exec(manifest)![1]);
});
