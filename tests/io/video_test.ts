import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { EnvironmentError, InputError } from "../../lib/errors.ts";
import {
  ffmpegPath,
  frameAt,
  openVideo,
  probeVideo,
  readVideo,
  readVideoMetadata,
  writeVideo,
} from "../../lib/io/mod.ts";
import { run, runCode } from "../support/commands.ts";
import { namesIn, withEnv, withFolder } from "../support/folders.ts";
import { difference, ramps } from "../support/pictures.ts";

Deno.test("video: frames, count, rate and colours come back from an mp4", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.mp4");
    for (const [count, fps] of [[1, 8], [2, 25], [17, 24000 / 1001], [9, 12.5], [5, 59.94]]) {
      const frames = ramps({ width: 64, height: 48, count, fps });
      await writeVideo(path, frames);
      const back = await readVideo(path);
      deepEqual([back.width, back.height, back.count], [64, 48, count]);
      ok(Math.abs(back.fps - fps) < 1e-2, `${back.fps} for ${fps}`);
      const { mean } = difference(back.data, frames.data);
      ok(mean < 3, `mean difference ${mean} at ${count} frames`);
    }
    deepEqual(namesIn(folder), ["a.mp4"]);
  });
});

Deno.test("video: an mp4 is H.264 yuv420p with its index in front", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.mp4");
    await writeVideo(path, ramps({ count: 3 }), { fps: 24 });
    const facts = await probeVideo(path);
    deepEqual([facts.codec, facts.pixelFormat, facts.fps], ["h264", "yuv420p", 24]);
    const text = new TextDecoder("latin1").decode(await Deno.readFile(path));
    ok(text.indexOf("moov") < text.indexOf("mdat"));
  });
});

Deno.test("video: metadata of any length and with every special sign comes back", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.mp4");
    const job = JSON.stringify({ text: 'a=b;#c\\d\n"é"', long: "x".repeat(150_000) });
    await writeVideo(path, ramps(), { metadata: job });
    equal(await readVideoMetadata(path), job);
    await writeVideo(path, ramps());
    equal(await readVideoMetadata(path), undefined);
  });
});

Deno.test("video: frames wait for a reader that comes long after ffmpeg has ended", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.mp4");
    await writeVideo(path, ramps({ width: 16, height: 16, count: 2 }));
    const { frames } = await openVideo(path);
    await new Promise((resolve) => setTimeout(resolve, 500));
    equal((await Array.fromAsync(frames)).length, 2);
  });
});

Deno.test("video: size, rate and number of frames are as asked", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.mp4");
    await writeVideo(path, ramps({ width: 64, height: 32, count: 8, fps: 8 }));
    const shape = async (options: Parameters<typeof readVideo>[1]) => {
      const { width, height, count, fps } = await readVideo(path, options);
      return [width, height, count, fps];
    };
    deepEqual(await shape({ width: 32 }), [32, 16, 8, 8]);
    deepEqual(await shape({ width: 17, height: 31 }), [17, 31, 8, 8]);
    deepEqual(await shape({ width: 16, height: 16, fit: "inside" }), [16, 8, 8, 8]);
    deepEqual(await shape({ width: 16, height: 16, fit: "contain" }), [16, 16, 8, 8]);
    deepEqual(await shape({ fps: 4 }), [64, 32, 4, 4]);
    deepEqual(await shape({ maxFrames: 3 }), [64, 32, 3, 8]);
    await rejects(readVideo(path, { fps: -1 }), /-1 frames a second/);
    await rejects(readVideo(path, { maxFrames: 0 }), /maxFrames is 0/);
  });
});

Deno.test("video: a rotated recording is read upright", async () => {
  await withFolder(async (folder) => {
    const [plain, turned] = [join(folder, "a.mp4"), join(folder, "b.mp4")];
    await writeVideo(plain, ramps({ width: 64, height: 32, count: 2 }));
    const args = ["-v", "error", "-display_rotation", "90", "-i", plain, "-c", "copy", turned];
    equal((await run(ffmpegPath(), args)).code, 0);
    const { width, height } = await readVideo(turned);
    deepEqual([width, height], [32, 64]);
  });
});

Deno.test("video: frames can be taken one by one and left early", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.mp4");
    const frames = ramps({ width: 128, height: 128, count: 40 });
    await writeVideo(path, frames);
    const reader = await openVideo(path);
    let taken = 0;
    for await (const frame of reader.frames) {
      ok(difference(frame, frameAt(frames, taken)).mean < 3);
      if (++taken === 3) break;
    }
    equal(taken, 3);
  });
});

Deno.test("video: one that was opened and never read does not keep the program alive", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.mp4");
    await writeVideo(path, ramps({ width: 512, height: 512, count: 20 }));
    const code = `
      import { openVideo } from "./lib/io/mod.ts";
      console.log((await openVideo("${path}")).width);`;
    deepEqual(await runCode(code), { code: 0, stdout: "512\n", stderr: "" });
  });
});

Deno.test("video: odd sizes, no frames and wrong frames are refused, and nothing is left", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.mp4");
    await rejects(writeVideo(path, ramps({ width: 33 })), /33×24 .*must be even/);
    await rejects(writeVideo(path, ramps(), { fps: 0 }), /0 frames a second/);
    await rejects(writeVideo(path, ramps(), { fps: NaN }), /NaN frames a second/);
    const size = { width: 32, height: 24, fps: 8 };
    await rejects(writeVideo(path, { ...size, frames: [] }), /at least 1 frame/);
    const wrong = [new Uint8Array(32 * 24 * 3), new Uint8Array(5)];
    await rejects(writeVideo(path, { ...size, frames: wrong }), /frame 1 .* has 5 bytes/);
    deepEqual(namesIn(folder), []);
  });
});

Deno.test("video: an error in the frames' source passes through and keeps the older file", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.mp4");
    await Deno.writeTextFile(path, "older");
    async function* failing() {
      yield new Uint8Array(32 * 24 * 3);
      await Promise.resolve();
      throw new RangeError("the sampler failed");
    }
    const stream = { width: 32, height: 24, fps: 8, frames: failing() };
    await rejects(writeVideo(path, stream), /the sampler failed/);
    deepEqual(namesIn(folder), ["a.mp4"]);
    equal(await Deno.readTextFile(path), "older");
  });
});

Deno.test("video: missing, empty, foreign and truncated files each get one line", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.mp4");
    const oneLine = (message: RegExp) => (error: Error) =>
      error instanceof InputError && message.test(error.message) && !error.message.includes("\n");
    await rejects(readVideo(path), oneLine(/no such file/));
    await rejects(readVideo(folder), oneLine(/it is a folder/));
    await Deno.writeTextFile(path, "");
    await rejects(readVideo(path), oneLine(/is empty/));
    await Deno.writeTextFile(path, "not a video\n".repeat(50));
    await rejects(readVideo(path), oneLine(/as a video/));
    await rejects(readVideoMetadata(path), oneLine(/as a video/));
    await writeVideo(path, ramps({ width: 64, height: 64, count: 12 }));
    const whole = await Deno.readFile(path);
    for (const share of [0.02, 0.3, 0.6, 0.9]) {
      await Deno.writeFile(path, whole.subarray(0, Math.floor(whole.length * share)));
      await rejects(readVideo(path), oneLine(/cannot read/));
    }
  });
});

const dyingPrograms: [string, string, RegExp][] = [
  ["says why", 'echo "out of luck" >&2; exit 3', /ffmpeg failed to write .*out of luck/],
  ["is killed", "kill -9 $$", /ffmpeg failed to write .*SIGKILL/],
  ["stops reading", 'head -c 100 >/dev/null; echo "gave up" >&2; exit 1', /gave up/],
];
for (const [how, script, message] of dyingPrograms) {
  Deno.test(`video: an ffmpeg that ${how} leaves one line and no part file`, async () => {
    await withFolder(async (folder) => {
      const program = join(folder, "ffmpeg");
      await Deno.writeTextFile(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      await withEnv({ ISA4D_FFMPEG: program }, async () => {
        const many = ramps({ width: 256, height: 256, count: 10 });
        await rejects(writeVideo(join(folder, "a.mp4"), many), (error: Error) => {
          ok(error instanceof EnvironmentError, String(error));
          return message.test(error.message) && !error.message.includes("\n");
        });
      });
      deepEqual(namesIn(folder), ["ffmpeg"]);
    });
  });
}

Deno.test("video: an ffmpeg that is killed while reading is no fault of the file", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.mp4");
    await writeVideo(path, ramps());
    const program = join(folder, "ffmpeg");
    // The first call describes the file, the second one dies within its first frame.
    const script = `case "$*" in *ppm*) printf 'P6\\n32 24\\n255\\nabc'; kill -9 $$;; esac`;
    const real = ffmpegPath();
    await Deno.writeTextFile(program, `#!/bin/sh\n${script}\nexec "${real}" "$@"\n`, {
      mode: 0o755,
    });
    await withEnv({ ISA4D_FFMPEG: program }, async () => {
      await rejects(
        readVideo(path),
        (error: Error) =>
          error instanceof EnvironmentError && /died while it read.*SIGKILL/.test(error.message),
      );
    });
  });
});

Deno.test("video: a missing ffmpeg is named", async () => {
  await withFolder(async (folder) => {
    await withEnv({ ISA4D_FFMPEG: join(folder, "none") }, async () => {
      await rejects(
        writeVideo(join(folder, "a.mp4"), ramps()),
        (error: Error) =>
          error instanceof EnvironmentError && /cannot run ffmpeg at/.test(error.message),
      );
    });
    deepEqual(namesIn(folder), []);
  });
});
