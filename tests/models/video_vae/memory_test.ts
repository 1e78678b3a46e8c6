import { ok } from "node:assert/strict";
import { runCode } from "../../support/commands.ts";

/** Peak resident memory in MB of a fresh process that reconstructs so many frames of 128×128. */
async function peakMegabytes(frames: number): Promise<number> {
  const { code, stdout, stderr } = await runCode(`
    import { DecoderStream, EncoderStream, VideoVae, videoVaePresets }
      from "./lib/models/video_vae/mod.ts";
    import { Vars } from "./lib/nn/mod.ts";
    import { full, scope, setThreads } from "./lib/tensor/mod.ts";
    setThreads(1);
    const model = { ...videoVaePresets["small-full"], channels: [16, 16, 16], normGroups: 4 };
    using vars = Vars.root();
    const vae = new VideoVae(vars, model);
    using encoder = new EncoderStream(vae);
    using decoder = new DecoderStream(vae);
    for (let frame = 0; frame < ${frames}; frame += 8) {
      scope(() => {
        const count = Math.min(8, ${frames} - frame);
        const latents = encoder.push(full([1, 3, count, 128, 128], 0.1));
        if (latents) decoder.push(latents);
      });
    }
    console.log(/VmHWM:\\s+(\\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))[1]);
  `);
  ok(code === 0, stderr);
  return Number(stdout) / 1024;
}

Deno.test("VideoVae: streamed, 257 frames take no more memory than 65", async () => {
  const [short, long] = [await peakMegabytes(65), await peakMegabytes(257)];
  ok(long <= 1.1 * short, `${short.toFixed(0)} MB at 65 frames, ${long.toFixed(0)} MB at 257`);
});
