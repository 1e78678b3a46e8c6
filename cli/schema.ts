/**
 * `isa4d schema`: what a job record may hold.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import type { Context } from "./support/mod.ts";

/** Adds `schema` to the program. */
export function register(program: Command, context: () => Context): void {
  program.command("schema")
    .description("print the JSON Schema of a generation job")
    .addHelpText("after", examples)
    .action(async () => {
      const { jobJsonSchema } = await import("../lib/pipelines/job/mod.ts");
      await context().print(JSON.stringify(jobJsonSchema(), null, 2));
    });
}

const examples = `
Examples:
  isa4d schema > job.schema.json`;
