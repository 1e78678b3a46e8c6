import { equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { packagesPlace } from "../cli/setup/mod.ts";
import { type Ended, root, run } from "./support/commands.ts";
import { withFolder } from "./support/folders.ts";
import { smallJob, writeJobFiles } from "./support/job_files.ts";

const packages = packagesPlace(join(root, ".deps"), root);
const mayUnshare = await run("unshare", ["-rn", "true"]).then(
  ({ code }) => code === 0,
  () => false,
);

// No home at all: nobody, not even root, can make one there.
const env = { DENO_DIR: packages.folder, HOME: "/proc/no-home", XDG_CACHE_HOME: "", INIT_CWD: "" };

const ignore = !packages.complete || !mayUnshare;
const without = !packages.complete
  ? " (skipped: set-up could not bring the npm packages)"
  : mayUnshare
  ? ""
  : " (skipped: unshare -rn is not allowed here)";

/** Runs Deno as `denow` does, where there is no network. */
function offline(args: readonly string[], cwd: string): Promise<Ended> {
  return run("unshare", ["-rn", join(root, "denow"), ...args], { cwd, env });
}

const isa4d = ["run", "-A", "--no-check", "--config", join(root, "deno.json")];

Deno.test({
  name: `offline: what any command imports is there without network and home${without}`,
  ignore,
  fn: async () => {
    const cached = ["cache", "--no-check", "--frozen", "cli/main.ts"];
    const { code, stderr } = await offline(cached, root);
    equal(code, 0, stderr);
  },
});

Deno.test({
  name: `offline: a video is made, drawn before and shown after without network and home${without}`,
  ignore,
  fn: () =>
    withFolder(async (folder) => {
      await writeJobFiles(folder);
      const job = smallJob.slice(1);
      const lines = [
        ["generate", ...job, "-o", "out.mp4"],
        ["preview", ...job, "-o", "sheet.png"],
        ["view", "out.mp4", "--html", "page.html"],
      ];
      for (const line of lines) {
        const command = [...isa4d, join(root, "cli/main.ts"), ...line, "--quiet"];
        const { code, stderr } = await offline(command, folder);
        equal(code, 0, stderr);
        equal(stderr, "");
      }
      ok((await Deno.stat(join(folder, "out.mp4"))).size > 0);
      match(await Deno.readTextFile(join(folder, "page.html")), /<script/);
    }),
});
