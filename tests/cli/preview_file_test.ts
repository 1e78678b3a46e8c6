import { equal, match } from "node:assert/strict";
import { join } from "node:path";
import { imageSize } from "../../lib/io/mod.ts";
import { isa4d } from "../support/cli.ts";
import { withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";

Deno.test("isa4d generate --preview-file: it shows the clip, is renewed, and keeps what is the user's", () =>
  withFolder(async (cwd) => {
    await writeJobFiles(cwd);
    const long = [...smallJob, "--steps", "40", "-o", "a.mp4", "--preview-file", "now.png"];
    for (const more of [[], ["-y"]]) {
      const { code, stderr } = await isa4d([...long, ...more], { cwd });
      equal(code, 0, stderr);
      equal((await imageSize(join(cwd, "now.png"))).width, 32);
      await Deno.remove(join(cwd, "a.mp4"));
    }
    for (
      const [args, says] of [
        [["--preview-file", "me.png"], /me\.png" would overwrite the input/],
        [
          ["--preview-file", "now.txt"],
          /cannot show the clip in "now\.txt": expected a name ending/,
        ],
        [["--preview-file", "now.png", "--weights", "none"], /leave out --preview-file/],
        [
          ["--preview-file", "now.png", "--latents", "l.st"],
          /--preview-file shows what is sampled/,
        ],
      ] as const
    ) {
      const { code, stderr } = await isa4d([...smallJob, "-o", "b.mp4", ...args], { cwd });
      equal(code, 2, stderr);
      match(stderr, says);
    }
  }));
