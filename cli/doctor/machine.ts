/**
 * `isa4d doctor` on everything but libtorch: versions, ffmpeg, images, weights, the folder.
 * @module
 */
import { statfsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Verdict } from "../../lib/pipelines/checkpoints/mod.ts";
import config from "../../deno.json" with { type: "json" };
import { commitOf, versionText } from "../support/version.ts";
import { bytesText, type Check, check, type Finding, outputOf } from "./check.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** The oldest Deno that serves; `denow` says the same. */
const OLDEST_DENO = [2, 9];
/** Less free disk than this does not hold a longer video and its latents. */
const LITTLE_DISK = 1e9;
/** What videos are written with, and the endings that need it. */
const encoders = { libx264: ".mp4", "libvpx-vp9": ".webm", gif: ".gif" } as const;

/** isa4d itself and what runs it. */
export async function versionChecks(): Promise<Check[]> {
  return [
    await check("isa4d", () => ({
      ok: true,
      says: `${versionText()}, ${root}`,
      facts: { version: config.version, commit: commitOf(root), folder: root },
    })),
    await check("deno", () => {
      const [major, minor] = Deno.version.deno.split(".").map(Number);
      const { deno, v8 } = Deno.version;
      return {
        ok: major > OLDEST_DENO[0] || (major === OLDEST_DENO[0] && minor >= OLDEST_DENO[1]),
        says: `${deno} with V8 ${v8}`,
        todo: major < 2 || (major === 2 && minor < OLDEST_DENO[1])
          ? "use `./denow`, which brings the right one"
          : undefined,
        facts: { version: deno, path: Deno.execPath() },
      };
    }),
    await check("machine", () => {
      const { total, available } = Deno.systemMemoryInfo();
      return {
        ok: Deno.build.os === "linux",
        says: `${Deno.build.target}, ${bytesText(total)} of memory, ${bytesText(available)} free`,
        todo: Deno.build.os === "linux" ? undefined : "isa4d runs on Linux",
        facts: { target: Deno.build.target, memory: total, available },
      };
    }),
  ];
}

/** ffmpeg with its encoders, and the reader of pictures. */
export async function mediaChecks(): Promise<Check[]> {
  return [await check("ffmpeg", ofFfmpeg), await check("pictures", ofPictures)];
}

async function ofFfmpeg(): Promise<Finding> {
  const { ffmpegPath } = await import("../../lib/io/mod.ts");
  const path = ffmpegPath();
  const text = await outputOf(path, ["-hide_banner", "-version"]);
  const todo =
    "run `./denow task setup`, or install one (apt-get install ffmpeg), or set ISA4D_FFMPEG";
  if (text === undefined) return { ok: false, says: `"${path}" does not run`, todo };
  const version = /version (\S+)/.exec(text)?.[1] ?? "of no known version";
  const listed = await outputOf(path, ["-hide_banner", "-encoders"]) ?? "";
  const known = new Set([...listed.matchAll(/^ [VAS][\w.]{5} (\S+)/gm)].map(([, name]) => name));
  const missing = Object.entries(encoders).filter(([name]) => !known.has(name));
  const facts = { path, version, missing: missing.map(([name]) => name) };
  if (missing.length === 0) return { ok: true, says: `${version}, ${path}`, facts };
  const lost = missing.map(([name, ending]) => `${name} (${ending})`).join(", ");
  return { ok: false, says: `${version} at ${path} cannot encode ${lost}`, todo, facts };
}

async function ofPictures(): Promise<Finding> {
  const { default: sharp } = await import("sharp");
  const { vips, webp } = sharp.versions;
  if (!vips || !webp) {
    return { ok: false, says: "sharp lacks webp", todo: "rm -rf .deps and set up" };
  }
  return { ok: true, says: `sharp with libvips ${vips}`, facts: { vips, webp } };
}

/** The shipped weights: their hashes, and where the native library is `usable` their models. */
export async function weightCheck(usable: boolean): Promise<Check> {
  return await check("weights", async () => {
    const { verifyWeights } = await import("../../lib/pipelines/checkpoints/mod.ts");
    const verdicts: Verdict[] = [];
    for await (const verdict of verifyWeights()) {
      if (usable || verdict.check === "as shipped") verdicts.push(verdict);
    }
    const bad = verdicts.find(({ problem }) => problem !== undefined);
    const facts = { verdicts };
    if (bad) {
      const says = `"${bad.file}": ${bad.problem}`;
      return { ok: false, says, todo: "check out weights/ again", facts };
    }
    const count = (kind: string) => verdicts.filter((verdict) => verdict.check === kind).length;
    const models = usable ? `${count("model")} models whole` : "models not looked at";
    return { ok: true, says: `${count("as shipped")} files as shipped, ${models}`, facts };
  });
}

/** The networks that see persons in pictures; they may be missing until they are needed. */
export async function perceptionCheck(): Promise<Check> {
  return await check("perception", async () => {
    const { checkNetworks, missingNetworks, networkPackage } = await import(
      "../../lib/perception/mod.ts"
    );
    const { name, version, licence, loadMb } = networkPackage;
    const source = `${name} ${version} (${licence})`;
    const missing = missingNetworks();
    const facts = { source, missing };
    if (missing.length > 0) {
      const says =
        `${source} is not there yet; isa4d downloads it when first needed (${loadMb} MB)`;
      return { ok: true, says, todo: "`./denow task setup --all` downloads it now", facts };
    }
    await checkNetworks();
    return { ok: true, says: `the networks of ${source} are complete`, facts };
  });
}

/** The folder where outputs would go. */
export async function folderCheck(folder: string): Promise<Check> {
  return await check("folder", async () => {
    const { bavail, bsize } = statfsSync(folder);
    const free = bavail * bsize;
    const facts = { folder, free };
    try {
      await Deno.remove(await Deno.makeTempFile({ dir: folder, prefix: ".isa4d-" }));
    } catch {
      const todo = "go to a folder of yours, or give -o a path in one";
      return { ok: false, says: `"${folder}" cannot be written`, todo, facts };
    }
    const little = free < LITTLE_DISK;
    return {
      ok: !little,
      says: `"${folder}" can be written, ${bytesText(free)} free`,
      todo: little ? "make room, or work on another disk" : undefined,
      facts,
    };
  });
}
