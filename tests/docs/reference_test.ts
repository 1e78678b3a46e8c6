import { deepEqual, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { jobFields, longFlag } from "../../lib/pipelines/job/mod.ts";
import { allLeaves } from "../support/command_tree.ts";
import { root, run } from "../support/commands.ts";

const page = (name: string) => Deno.readTextFile(join(root, "docs/reference", name));

Deno.test("docs: the reference is what docs/make_reference.ts writes", async () => {
  const args = ["run", "-A", "docs/make_reference.ts", "--check"];
  deepEqual(await run(Deno.execPath(), args, { cwd: root }), { code: 0, stdout: "", stderr: "" });
});

Deno.test("docs: the reference has every command with every flag of its own or of generate", async () => {
  const text = await page("commands.md");
  const sections = new Map(text.split(/^## /m).map((part) => [part.split("\n")[0], part]));
  for (const { path, command } of await allLeaves()) {
    const section = sections.get(path.join(" "));
    ok(section, path.join(" "));
    for (const { long, hidden } of command.options) {
      if (!hidden) match(section, new RegExp(`[\` ]${long}[\` ]`), `${path.join(" ")} ${long}`);
    }
  }
});

Deno.test("docs: the reference has every field of a job, with its flag", async () => {
  const text = (await page("job.md")).replaceAll(/\s+/g, " ");
  for (const { name, schema, of } of jobFields) {
    const off = of === "job" && name === "follow";
    const flag = off ? longFlag(name).replace("--", "--no-") : longFlag(name);
    match(text, new RegExp(`flag \`${flag}\``), name);
    ok(text.includes(schema.description!.slice(0, 40)), name);
  }
});
