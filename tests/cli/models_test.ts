import { deepEqual, equal, match, ok } from "node:assert/strict";
import { isa4d, textOf } from "../support/cli.ts";

interface Facts {
  readonly model: string;
  readonly preset: string;
  readonly parameters: number;
  readonly flops: Readonly<Record<string, number>>;
}

Deno.test("isa4d models: every preset with parameters and FLOPs", async () => {
  const { code, stdout, stderr } = await isa4d(["models", "--json"]);
  equal(code, 0, stderr);
  const facts: Facts[] = JSON.parse(textOf(stdout));
  const parameters = (model: string, preset: string) =>
    facts.find((f) => f.model === model && f.preset === preset)!.parameters;
  ok(facts.every(({ flops }) => Object.values(flops).every((count) => count > 0)));
  const paper = parameters("isa_dit", "isa4d-4b");
  ok(Math.abs(paper - 4e9) <= 0.4e9, `isa4d-4b has ${paper} parameters, expected 4B ± 10 %`);
  const small = parameters("isa_dit", "small") + parameters("video_vae", "small");
  ok(small <= 12e6, `both small models have ${small} parameters, expected at most 12M`);
  deepEqual(Object.keys(facts[0].flops), ["conditioning", "step"]);
  const { flops } = facts.find(({ preset }) => preset === "small-grid")!;
  const views = flops["step of 4 views"] / flops.step;
  ok(views > 4 && views < 12, `four views cost ${views} times one`);
  match(textOf((await isa4d(["models"])).stdout), /^model .*FLOPs\nISA-DiT +tiny/);
});
