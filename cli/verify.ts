/**
 * `isa4d verify`: the marks of origin in a file.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { group } from "./support/help.ts";
import type { Context } from "./support/mod.ts";
import { text } from "./support/options.ts";

/** Adds `verify` to the program. */
export function register(program: Command, context: () => Context): void {
  program.command("verify")
    .description("print where a picture or video says it comes from, and whether that holds")
    .argument("<file>", "picture or video, of isa4d or of any other program", text)
    .optionsGroup(group.inputs)
    .option("--trust <file>", "authorities (PEM) that you trust to vouch for signers", text)
    .optionsGroup(group.output)
    .option("--json", "as one JSON record, whole")
    .addHelpText("after", examples)
    .action(async (file, flags) => {
      const { runVerify } = await import("./verify/run.ts");
      await runVerify(file, flags, context());
    });
}

const examples = `
Verdicts:
  trusted    signed by whom an authority of --trust vouches for, and unchanged
  untrusted  it says where it comes from, and nobody whom you trust vouches for that
  altered    it was changed after it was signed; exit code 1
  absent     it says nothing

Examples:
  isa4d verify out.mp4
  isa4d verify out.mp4 --trust studio_ca.pem
  isa4d verify photo.jpg --json | jq -r .verdict`;
