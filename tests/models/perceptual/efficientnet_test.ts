import { ok, rejects } from "node:assert/strict";
import { writeSafetensors } from "../../../lib/io/mod.ts";
import { loadEfficientNetDistance } from "../../../lib/models/perceptual/mod.ts";
import { liveTensors, tensor, toFloat32 } from "../../../lib/tensor/mod.ts";
import expected from "../../fixtures/perceptual/efficientnet.json" with { type: "json" };
import { wave, writeEfficientNet } from "../../support/efficientnet.ts";
import { withFolder } from "../../support/folders.ts";

Deno.test("EfficientNetDistance: equals the package's network, at odd sizes too", () =>
  withFolder(async (folder) => {
    const before = liveTensors();
    const path = `${folder}/net.safetensors`;
    await writeEfficientNet(path);
    const { distance, vars } = await loadEfficientNetDistance(path);
    {
      const { shape } = expected;
      using ours = tensor(wave(shape, 0, 0.9), { shape });
      using others = tensor(wave(shape, 2, 0.6), { shape });
      using distances = distance.forward(ours, others);
      using none = distance.forward(ours, ours);
      toFloat32(distances).forEach((value, i) => {
        ok(Math.abs(value - expected.distance[i]) < 1e-4 * expected.distance[i], String(value));
      });
      ok(toFloat32(none).every((value) => value === 0));
    }
    vars.dispose();
    ok(liveTensors() === before);
  }));

Deno.test("EfficientNetDistance: a file of something else is refused by name", () =>
  withFolder(async (folder) => {
    const path = `${folder}/other.safetensors`;
    const bytes = new Uint8Array(4);
    await writeSafetensors(path, new Map([["a", { dtype: "float32", shape: [1], bytes }]]), {});
    await rejects(
      loadEfficientNetDistance(path),
      /other\.safetensors" holds no EfficientNet-Lite0/,
    );
  }));
