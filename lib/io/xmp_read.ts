/**
 * The XMP of any file of pictures.
 * @module
 */
import sharp from "sharp";
import { readFailure } from "./failures.ts";
import { gifFacts } from "./gif.ts";
import { unreadable } from "./image.ts";
import { readBytes, readExactly } from "./read_file.ts";
import { readContainerTag } from "./video_probe.ts";
import { webpFacts } from "./webp.ts";
import { boxXmp, readPacket, type XmpFacts } from "./xmp/mod.ts";

/** What a file of pictures is by its first bytes. */
export type MediaKind = "png" | "jpeg" | "tiff" | "heif" | "webp" | "gif" | "mp4" | "matroska";

/**
 * What a picture's or video's XMP says, of isa4d or of another program: PNG, JPEG, TIFF, AVIF, HEIC,
 * WebP, GIF, mp4, mov, and mkv and webm as isa4d writes them. Undefined where there is none, and for
 * files of other kinds.
 *
 * Throws {@linkcode InputError} for a missing or broken file, {@linkcode IoError} where reading is refused.
 */
export async function readXmp(path: string): Promise<XmpFacts | undefined> {
  const packet = await packetOf(path);
  return packet === undefined ? undefined : readPacket(packet);
}

async function packetOf(path: string): Promise<string | undefined> {
  const kind = await mediaKind(path);
  switch (kind) {
    case undefined:
      return undefined;
    case "gif":
      return gifFacts(path, await readBytes(path)).xmp;
    case "webp":
      return webpFacts(path, await readBytes(path)).xmp;
    case "mp4": {
      using file = await Deno.open(path);
      return await boxXmp(file);
    }
    case "matroska":
      return await readContainerTag(path, "xmp");
    default: {
      const { xmp } = await sharp(await readBytes(path), { limitInputPixels: false }).metadata()
        .catch((cause) => {
          throw unreadable(path, cause);
        });
      return xmp && new TextDecoder().decode(xmp);
    }
  }
}

/** What a file holds by its first bytes; undefined for none of the kinds with pictures. */
export async function mediaKind(path: string): Promise<MediaKind | undefined> {
  try {
    using file = await Deno.open(path);
    const { size } = await file.stat();
    const head = await readExactly(file, 0, Math.min(12, size));
    return kindOf(String.fromCharCode(...head));
  } catch (error) {
    throw readFailure(path, error);
  }
}

function kindOf(head: string): MediaKind | undefined {
  if (head.startsWith("\x89PNG")) return "png";
  if (head.startsWith("\xff\xd8\xff")) return "jpeg";
  if (/^(II\*\0|MM\0\*)/.test(head)) return "tiff";
  if (/^GIF8[79]a/.test(head)) return "gif";
  if (/^RIFF[\s\S]{4}WEBP/.test(head)) return "webp";
  if (head.startsWith("\x1a\x45\xdf\xa3")) return "matroska";
  if (/^[\s\S]{4}ftyp(avif|avis|heic|heix|mif1|msf1)/.test(head)) return "heif";
  return /^[\s\S]{4}(ftyp|moov|wide|mdat)/.test(head) ? "mp4" : undefined;
}
