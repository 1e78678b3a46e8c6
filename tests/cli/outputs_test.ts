import { deepEqual, equal, match, ok } from "node:assert/strict";
import { dirname, join } from "node:path";
import { sha256File } from "../../lib/io/mod.ts";
import { isa4d } from "../support/cli.ts";
import { withFolder } from "../support/folders.ts";
import { type Output, type Writing, writings } from "./output_cases.ts";

for (const writing of writings) {
  Deno.test(`outputs: isa4d ${writing.name} never writes to what it reads, whatever name leads there`, () =>
    withFolder(async (folder) => {
      for (const [name, content] of Object.entries(writing.files)) {
        await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
        await Deno.writeTextFile(join(folder, name), content);
      }
      const before = await hashes(folder, writing);
      for (const output of writing.outputs) {
        for (const written of output.writes) {
          for (const input of Object.keys(writing.files)) {
            await refuse(folder, { writing, output, written, input });
          }
        }
      }
      deepEqual(await hashes(folder, writing), before);
    }));
}

interface Clash {
  readonly writing: Writing;
  readonly output: Output;
  /** A file that the output would write, … */
  readonly written: string;
  /** … which is this one. */
  readonly input: string;
}

/** Lets a hard link, then a symbolic one, stand where the command would write. */
async function refuse(folder: string, { writing, output, written, input }: Clash): Promise<void> {
  const [from, to] = [join(folder, input), join(folder, written)];
  await Deno.mkdir(dirname(to), { recursive: true });
  for (const link of [Deno.link, Deno.symlink]) {
    await link(from, to);
    for (const more of [[], ["-y"]]) {
      const args = [...writing.args, ...output.args, ...more];
      const { code, stderr } = await isa4d(args, { cwd: folder });
      const told = `${args.join(" ")}, with ${written} being ${input}: ${stderr}`;
      equal(code, 2, told);
      match(stderr, /^isa4d[^\n]*\n$/, told);
      // A hard link has two names within a folder that is an input.
      ok([input, written].some((name) => stderr.includes(name)), told);
      match(stderr, /would overwrite the input/, told);
    }
    await Deno.remove(to);
  }
}

async function hashes(folder: string, { files }: Writing): Promise<string[]> {
  const names = Object.keys(files);
  return await Promise.all(names.map((name) => sha256File(join(folder, name))));
}
