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
    .description("print a file's marks of origin and check its signature")
    .argument("<file>", "picture or video, of isa4d or of any other program", text)
    .optionsGroup(group.inputs)
    .option("--trust <file>", "certificates (PEM) of the authorities that you trust", text)
    .optionsGroup(group.output)
    .option("--json", "print the complete record as JSON")
    .addHelpText("after", examples)
    .action(async (file, flags) => {
      const { runVerify } = await import("./verify/run.ts");
      await runVerify(file, flags, context());
    });
}

const examples = `
Verdicts:
  trusted    signed by somebody whom an authority in --trust vouches for, and unchanged
  untrusted  has marks of origin, but nobody whom you trust vouches for them
  altered    changed after it was signed; exit code 1
  absent     has no marks of origin

Examples:
  isa4d verify out.mp4
  isa4d verify out.mp4 --trust studio_ca.pem
  isa4d verify photo.jpg --json | jq -r .verdict`;
