import { equal, ok, throws } from "node:assert/strict";
import {
  DecoderStream,
  EncoderStream,
  latentFrames,
  VideoVae,
  videoVaePresets,
} from "../../../lib/models/video_vae/mod.ts";
import { Vars } from "../../../lib/nn/mod.ts";
import {
  add_,
  cat,
  generator,
  liveTensors,
  mul,
  narrow,
  noGrad,
  randn,
  scope,
  type Tensor,
} from "../../../lib/tensor/mod.ts";
import { assertClose, relativeError } from "../../support/fixtures.ts";

const models = {
  tiny: videoVaePresets.tiny,
  small: videoVaePresets["small-full"],
  lapped: videoVaePresets.lapped,
};

/** A model of which no weight is zero any more. */
function stirred(vars: Vars, name: keyof typeof models): VideoVae {
  const vae = new VideoVae(vars, models[name]);
  noGrad(() =>
    scope(() => {
      using random = generator(5, "cpu");
      for (const [key, value] of vars.named()) {
        if (key.startsWith("latent_")) continue;
        add_(value, mul(randn([...value.shape], { generator: random }), 0.02));
      }
    })
  );
  return vae;
}

function clip(frames: number, seed: number): Tensor {
  using random = generator(seed, "cpu");
  return randn([1, 3, frames, 16, 24], { generator: random });
}

for (const name of ["tiny", "small", "lapped"] as const) {
  Deno.test(`VideoVae ${name}: a later frame never changes an earlier latent or frame`, () => {
    using vars = Vars.root({ seed: 1 });
    const vae = stirred(vars, name);
    noGrad(() =>
      scope(() => {
        const a = clip(13, 1);
        for (const cut of [1, 5, 9]) {
          const b = cat([narrow(a, 2, 0, cut), clip(13 - cut, 2)], 2);
          const same = latentFrames(cut, 4);
          const [za, zb] = [vae.encode(a), vae.encode(b)];
          equal(relativeError(narrow(zb, 2, 0, same), narrow(za, 2, 0, same)) < 1e-6, true);
          ok(relativeError(zb, za) > 1e-2, "the later latents differ");
          const [xa, xb] = [vae.decode(za), vae.decode(zb)];
          equal(relativeError(narrow(xb, 2, 0, cut), narrow(xa, 2, 0, cut)) < 1e-6, true);
          ok(relativeError(xb, xa) > 1e-5, "the later frames differ");
        }
      })
    );
  });

  Deno.test(`VideoVae ${name}: any number of frames comes back`, () => {
    using vars = Vars.root({ seed: 1 });
    const vae = stirred(vars, name);
    noGrad(() => {
      for (let frames = 1; frames <= 10; frames++) {
        scope(() => {
          const z = vae.encode(clip(frames, 1));
          equal(z.shape[2], 1 + Math.ceil((frames - 1) / 4));
          equal(vae.decode(z, { frames }).shape.join(), [1, 3, frames, 16, 24].join());
        });
      }
    });
  });

  Deno.test(`VideoVae ${name}: chunks give what one pass gives and leave nothing behind`, () => {
    using vars = Vars.root({ seed: 1 });
    const vae = stirred(vars, name);
    const before = liveTensors();
    noGrad(() => {
      for (const chunks of [[1, 4, 4, 3], [3, 2, 7], [12], [1, 1, 1, 1, 8], [11, 1]]) {
        scope(() => {
          const x = clip(12, 3); // the last group lacks a frame
          const z = vae.encode(x);
          assertClose(encodeChunks(vae, x, chunks), z, 1e-5, `latents by ${chunks}`);
        });
      }
      for (const chunks of [[1, 1, 1, 1], [2, 2], [1, 3], [3, 1]]) {
        scope(() => {
          const z = vae.encode(clip(13, 3));
          assertClose(decodeChunks(vae, z, chunks), vae.decode(z), 1e-5, `frames by ${chunks}`);
        });
      }
    });
    equal(liveTensors(), before);
  });
}

function encodeChunks(vae: VideoVae, x: Tensor, chunks: readonly number[]): Tensor {
  using stream = new EncoderStream(vae);
  let start = 0;
  const parts = chunks.map((length) => {
    start += length;
    return stream.push(narrow(x, 2, start - length, length));
  });
  parts.push(stream.finish());
  return cat(parts.filter((part) => part !== undefined), 2);
}

function decodeChunks(vae: VideoVae, z: Tensor, chunks: readonly number[]): Tensor {
  using stream = new DecoderStream(vae);
  let start = 0;
  return cat(
    chunks.map((length) => {
      start += length;
      return stream.push(narrow(z, 2, start - length, length));
    }),
    2,
  );
}

Deno.test("VideoVae: what is no video or no latent is named", () => {
  using vars = Vars.root();
  const vae = new VideoVae(vars, videoVaePresets.tiny);
  scope(() => {
    throws(() => vae.encode(randn([1, 3, 5, 12, 16])), /16×12: .* multiples of 8/);
    throws(() => vae.encode(randn([3, 5, 16, 16])), /a video is \[B,3,F,H,W\]/);
    throws(() => vae.decode(randn([1, 16, 2, 2, 2])), /latents are \[B,4,T,h,w\]/);
  });
});

Deno.test("VideoVae: presets have the sizes that they are known for", () => {
  const count = (name: keyof typeof videoVaePresets): number => {
    using vars = Vars.root({ device: "meta" });
    const vae = new VideoVae(vars, videoVaePresets[name]);
    equal(vae.temporalFactor, 4, name);
    equal(vae.spatialFactor, 8, name);
    return vars.countParameters();
  };
  equal(count("pca"), 0);
  ok(count("small") < 4e6, `small has ${count("small")}`);
  ok(count("small-full") < 5e6, `small-full has ${count("small-full")}`);
  // SD3's 84M parameters, its 3×3 kernels three times over.
  ok(count("sd3") > 2e8 && count("sd3") < 3e8, `sd3 has ${count("sd3")}`);
});
