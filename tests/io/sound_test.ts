import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import {
  checkSound,
  readVideo,
  readVideoMetadata,
  streamOf,
  writeMp4Stream,
  writeVideo,
} from "../../lib/io/mod.ts";
import { ffmpegPath } from "../../lib/io/mod.ts";
import { run } from "../support/commands.ts";
import { withFolder } from "../support/folders.ts";
import { ramps } from "../support/pictures.ts";

const clip = ramps({ width: 64, height: 48, count: 16 });

/** One second of 440 Hz. */
async function tone(path: string): Promise<void> {
  const args = ["-v", "error", "-f", "lavfi", "-i", "sine=440:d=1", "-y", path];
  equal((await run(ffmpegPath(), args)).code, 0);
}

/** Streams with when they begin, and when silence begins, in seconds, as ffmpeg itself sees a file. */
async function facts(path: string) {
  const filter = ["-af", "silencedetect=n=-40dB:d=0.2", "-f", "null", "-"];
  const { stderr } = await run(ffmpegPath(), ["-hide_banner", "-i", path, ...filter]);
  const input = stderr.slice(0, stderr.indexOf("Output #0"));
  return {
    streams: [...input.matchAll(/^ +Stream #0:\d.*?: (Video|Audio): (\w+)/gm)]
      .map(([, kind, codec]) => `${kind} ${codec}`),
    late: [...input.matchAll(/Stream .* start (\d+\.\d+)/g)].map(([, start]) => Number(start)),
    seconds: Number(/Duration: 00:00:(\d+\.\d+)/.exec(input)?.[1]),
    silentFrom: Number(/silence_start: ([\d.]+)/.exec(stderr)?.[1]),
  };
}

for (
  const [ending, video, audio] of [
    ["mp4", "h264", "aac"],
    ["mov", "h264", "aac"],
    ["mkv", "h264", "aac"],
    ["webm", "vp9", "opus"],
  ]
) {
  Deno.test(`writeVideo .${ending}: sound begins with the video, is followed by silence and ends with it`, () =>
    withFolder(async (folder) => {
      const [path, sound] = [join(folder, `out.${ending}`), join(folder, "tone.wav")];
      await tone(sound);
      const metadata = JSON.stringify({ text: "=;#\\\n", long: "x".repeat(100_000) });
      await writeVideo(path, clip, { metadata, sound: { path: sound, seconds: 2 } });
      const found = await facts(path);
      deepEqual(found.streams, [`Video ${video}`, `Audio ${audio}`]);
      deepEqual(found.late, []);
      ok(Math.abs(found.seconds - 2) < 0.05, `${found.seconds}`);
      ok(Math.abs(found.silentFrom - 1) < 0.05, `${found.silentFrom}`);
      equal((await readVideo(path)).count, 16);
      equal(await readVideoMetadata(path), metadata);
    }));
}

Deno.test("writeVideo .mov, .mkv: the same pictures as an .mp4", () =>
  withFolder(async (folder) => {
    const pictures = async (ending: string) => {
      const path = join(folder, `out.${ending}`);
      await writeVideo(path, clip);
      return (await readVideo(path)).data;
    };
    const mp4 = await pictures("mp4");
    deepEqual(await pictures("mov"), mp4);
    deepEqual(await pictures("mkv"), mp4);
  }));

Deno.test("writeMp4Stream: a whole mp4 goes through a pipe, sound in step, a reader may leave", () =>
  withFolder(async (folder) => {
    const [path, sound] = [join(folder, "piped.mp4"), join(folder, "tone.wav")];
    await tone(sound);
    using file = await Deno.open(path, { create: true, write: true });
    const write = async (bytes: Uint8Array) => {
      for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
    };
    const options = { metadata: "{}", sound: { path: sound, seconds: 2 } };
    await writeMp4Stream(write, streamOf(clip), options);
    const { streams, late, silentFrom } = await facts(path);
    deepEqual([streams, late], [["Video h264", "Audio aac"], []]);
    ok(Math.abs(silentFrom - 1) < 0.05, `${silentFrom}`);
    equal((await readVideo(path)).count, 16);
    equal(await readVideoMetadata(path), "{}");
    const gone = () => Promise.reject(new Deno.errors.BrokenPipe());
    await writeMp4Stream(gone, streamOf(clip));
    const full = () => Promise.reject(new Error("disk"));
    await rejects(writeMp4Stream(full, streamOf(clip)), /disk/);
    const frames = (async function* () {
      yield new Uint8Array(64 * 48 * 3);
      await Promise.reject(new Error("no more frames"));
    })();
    await rejects(writeMp4Stream(write, { ...streamOf(clip), frames }), /no more frames/);
  }));

Deno.test("writeVideo: a higher crf makes a smaller file", () =>
  withFolder(async (folder) => {
    const size = async (crf: number) => {
      const path = join(folder, `${crf}.mkv`);
      await writeVideo(path, clip, { crf });
      return (await Deno.stat(path)).size;
    };
    ok(await size(40) < await size(5));
  }));

Deno.test("checkSound: files with sound pass; pictures, silent videos and text are refused", () =>
  withFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    await tone(at("tone.mp3"));
    await checkSound(at("tone.mp3"));
    await writeVideo(at("silent.mp4"), clip);
    await rejects(checkSound(at("silent.mp4")), /silent\.mp4": it has none/);
    await Deno.writeTextFile(at("text.wav"), "hello");
    await rejects(checkSound(at("text.wav")), /text\.wav": /);
    await rejects(checkSound(at("gone.wav")), (error: Error) => {
      match(error.message, /gone\.wav": there is no such file/);
      return true;
    });
  }));
