import { deepEqual } from "node:assert/strict";
import { join } from "node:path";
import { type Origin, writePng } from "../../../lib/io/mod.ts";
import { originOf } from "../../../lib/pipelines/record/mod.ts";
import { withFolder } from "../../support/folders.ts";
import { ramps } from "../../support/pictures.ts";

const named = (path: string) => ({ path, sha256: "" });
const model = ["w/video_vae.safetensors", "w/isa_dit-1.safetensors", "body.safetensors"].map(named);
const reference = { pose: "pose.json" };
const decoder = [model[0], model[2]];

async function sourceType(
  weights: typeof model,
  background: string,
  { inputs = [], pose = "none" }: { inputs?: readonly string[]; pose?: string } = {},
): Promise<string> {
  const job = { weights: weights.length > 1 ? "./w" : "none", background, reference: { pose } };
  return (await originOf({ job, weights, inputs: inputs.map(named) })).sourceType;
}

Deno.test("origin: it says whether a model worked, and whether what was given stays", async () => {
  const said = [];
  for (const weights of [model, decoder, [model[2]]]) {
    said.push([await sourceType(weights, "none"), await sourceType(weights, "street.mp4")]);
  }
  deepEqual(said, [
    ["trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"],
    ["compositeWithTrainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"],
    ["compositeSynthetic", "compositeSynthetic"],
  ]);
  deepEqual(await sourceType(model, "#00ff00"), "trainedAlgorithmicMedia");
  deepEqual(await sourceType(model, "photo"), "compositeWithTrainedAlgorithmicMedia");
  deepEqual(await sourceType(model, "auto"), "trainedAlgorithmicMedia");
  const auto = await sourceType(model, "auto", { pose: "auto" });
  deepEqual(auto, "compositeWithTrainedAlgorithmicMedia");
});

Deno.test("origin: an input's own mark is named, and a model's picture makes no result without a model", () =>
  withFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const mark = (sourceType: Origin["sourceType"]): Origin => ({
      ...{ sourceType, creatorTool: "x", ingredients: [] },
    });
    const picture = ramps({ count: 1 });
    await writePng(at("plain.png"), picture);
    await writePng(at("model.png"), picture, { origin: mark("trainedAlgorithmicMedia") });
    await writePng(at("drawn.png"), picture, { origin: mark("compositeSynthetic") });
    await Deno.writeTextFile(at("pose.json"), "{}");
    const prior = [model[2]];
    const inputs = [at("plain.png"), at("drawn.png"), at("pose.json"), at("gone.png")];
    deepEqual(await sourceType(prior, "none", { inputs }), "compositeSynthetic");
    const all = [...inputs, at("model.png")];
    deepEqual(
      await sourceType(prior, "none", { inputs: all }),
      "compositeWithTrainedAlgorithmicMedia",
    );
    const { ingredients } = await originOf({
      ...{ job: { weights: "none", background: "none", reference }, weights: prior },
      inputs: all.map(named),
    });
    const vocabulary = "http://cv.iptc.org/newscodes/digitalsourcetype/";
    deepEqual(ingredients, [
      { file: "drawn.png", digitalSourceType: `${vocabulary}compositeSynthetic` },
      { file: "model.png", digitalSourceType: `${vocabulary}trainedAlgorithmicMedia` },
    ]);
  }));
