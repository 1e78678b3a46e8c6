import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { analyseLatents, explainedShare, type LatentAnalysis } from "../../lib/eval/mod.ts";
import { Random } from "../../lib/geometry/mod.ts";
import type { Frames } from "../../lib/io/mod.ts";
import { VideoVae } from "../../lib/models/video_vae/mod.ts";
import { liveTensors, tensor, zeros } from "../../lib/tensor/mod.ts";

const D = 3 * 4 * 8 * 8;
const lightness = [1 / 3, 1 / 3, 1 / 3];

/**
 * A VideoVAE whose sub-latent k holds red, green, blue and lightness of frame k of the window alone.
 * Its decoder gives the last frame back and paints the others grey.
 */
function framewise(): VideoVae {
  const analysis = new Float32Array(16 * D);
  const synthesis = new Float32Array(D * 16 * 18);
  for (let frame = 0; frame < 4; frame++) {
    for (let colour = 0; colour < 3; colour++) {
      for (let pixel = 0; pixel < 64; pixel++) {
        const value = (colour * 4 + frame) * 64 + pixel;
        analysis[(4 * frame + colour) * D + value] = 1 / 64;
        analysis[(4 * frame + 3) * D + value] = lightness[colour] / 64;
        if (frame === 3) synthesis[(value * 16 + 4 * frame + colour) * 18 + 9 + 4] = 1;
      }
    }
  }
  using mean = zeros([D]);
  using maps = tensor(analysis, { shape: [16, D] });
  using back = tensor(synthesis, { shape: [D, 16, 2, 3, 3] });
  using still = zeros([192, 16, 1, 3, 3]);
  return VideoVae.fromPca({ mean, analysis: maps, synthesis: back, still });
}

/** Clips of 8×8 squares of one colour each, drawn anew for every frame. */
function colouredClips(count: number): Frames[] {
  const random = new Random(1);
  return Array.from({ length: count }, () => {
    const [frames, side] = [9, 64];
    const data = new Uint8Array(frames * side * side * 3);
    const squares = Array.from({ length: frames * 64 * 3 }, () => random.int(256));
    for (let i = 0; i < data.length; i++) {
      const [pixel, colour] = [Math.floor(i / 3), i % 3];
      const frame = Math.floor(pixel / (side * side));
      const [y, x] = [Math.floor(pixel / side) % side, pixel % side];
      data[i] = squares[((frame * 8 + (y >> 3)) * 8 + (x >> 3)) * 3 + colour];
    }
    return { width: side, height: side, count: frames, fps: 8, data };
  });
}

function analysed(clips: readonly Frames[]): LatentAnalysis {
  const vae = framewise();
  try {
    return analyseLatents(vae, clips);
  } finally {
    vae.vars.dispose();
  }
}

Deno.test("analyseLatents: tells which frame a sub-latent holds, as variances of independent frames say", () => {
  const before = liveTensors();
  const { subLatents, allChannels } = analysed(colouredClips(24));
  // A frame's change is x_j − (Σ x)/4, of variance 12/16; of it x_j alone explains 9/12, another 1/12.
  for (let k = 0; k < 4; k++) {
    for (let j = 0; j < 4; j++) {
      const expected = k === j ? 9 / 12 : 1 / 12;
      ok(Math.abs(subLatents[k][j] - expected) < 0.03, `${k}, ${j}: ${subLatents[k][j]}`);
    }
  }
  allChannels.forEach((share) => ok(share > 0.999, `${share}`));
  equal(liveTensors(), before);
});

Deno.test("analyseLatents: a decoder that keeps the last frame alone has a last-frame bias", () => {
  const { psnrByPosition, lastFrameBias } = analysed(colouredClips(4));
  equal(psnrByPosition.length, 5);
  // Uniform colours against grey: mean square 1/3 of values in −1..1.
  for (const psnr of psnrByPosition.slice(0, 4)) ok(Math.abs(psnr - 10.8) < 0.2, `${psnr}`);
  ok(lastFrameBias > 60, `${lastFrameBias}`);
});

Deno.test("analyseLatents: the distance to a Gaussian is that of what is in the latents", () => {
  const { gaussian, histogram } = analysed(colouredClips(24));
  // Three uniform channels, and one the mean of three: ∫|F − Φ| 0.154 and 0.029, kurtosis −1.2, −0.4.
  ok(Math.abs(gaussian.excessKurtosis + (3 * 1.2 + 0.4) / 4) < 0.05, `${gaussian.excessKurtosis}`);
  ok(Math.abs(gaussian.wasserstein - (3 * 0.154 + 0.029) / 4) < 0.01, `${gaussian.wasserstein}`);
  const mass = histogram.density.reduce((sum, density) => sum + density * 0.1, 0);
  ok(Math.abs(mass - 1) < 1e-4, `${mass}`);
});

Deno.test("analyseLatents: clips that cannot be measured are named", () => {
  throws(() => analysed(colouredClips(1)), /1 clips: the probe is fitted on one half/);
  const short = colouredClips(2).map((clip) => ({ ...clip, count: 4 }));
  throws(() => analysed(short), /a clip of 4 frames holds no window of 4/);
});

Deno.test("explainedShare: a map that fits explains all, one for other rows does harm", () => {
  using x = tensor([1, 0, 1, 1, 1, 2, 1, 3], { shape: [4, 2] });
  using y = tensor([1, 3, 5, 7], { shape: [4, 1] });
  using negated = tensor([-1, -3, -5, -7], { shape: [4, 1] });
  deepEqual(
    [y, negated].map((unseenY) => explainedShare({ x, y, unseenX: x, unseenY }).toFixed(3)),
    ["1.000", "-3.000"],
  );
});
