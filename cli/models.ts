/**
 * `isa4d models`: the presets, what they hold and what they cost.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import type { ModelFacts } from "../lib/plan/mod.ts";
import { group } from "./support/help.ts";
import type { Context } from "./support/mod.ts";

/** Adds `models` to the program. */
export function register(program: Command, context: () => Context): void {
  program.command("models")
    .description("list the model presets with parameters and FLOPs")
    .optionsGroup(group.output)
    .option("--json", "as JSON, with exact numbers")
    .addHelpText("after", examples)
    .action(async ({ json }) => {
      const { allModelFacts } = await import("../lib/plan/mod.ts");
      const facts = allModelFacts();
      await context().print(json ? JSON.stringify(facts, null, 2) : table(facts));
    });
}

function table(facts: readonly ModelFacts[]): string {
  const rows = facts.map(({ model, preset, parameters, clip, flops }) => [
    model === "isa_dit" ? "ISA-DiT" : "VideoVAE",
    preset,
    short(parameters),
    `${clip.width}×${clip.height}×${clip.frames}`,
    Object.entries(flops).map(([part, count]) => `${part} ${short(count)}`).join(", "),
  ]);
  const all = [["model", "preset", "parameters", "clip", "FLOPs"], ...rows];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all.map((row) => row.map((cell, i) => cell.padEnd(widths[i])).join("  ").trimEnd())
    .join("\n");
}

/** Three digits and K, M, G, T or P. */
function short(count: number): string {
  const units = ["", " K", " M", " G", " T", " P"];
  const power = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(count) / 3));
  return `${Number((count / 1000 ** power).toPrecision(3))}${units[power]}`;
}

const examples = `
Examples:
  isa4d models
  isa4d models --json | jq '.[].parameters'`;
