/**
 * Camera files of every kind, told apart by what is in them.
 * @module
 */
import { InputError } from "../errors.ts";
import { formatCameras, parseCameraRecord, parseJson } from "./camera_json.ts";
import { formatNerf, isNerf, parseNerf } from "./camera_nerf.ts";
import { formatRealEstate, isRealEstate, parseRealEstate } from "./camera_realestate.ts";
import { type CameraTrack, evenTrack } from "./camera_track.ts";

/** The kinds of camera files: our JSON, RealEstate10K's text, NeRF's `transforms.json`. */
export const cameraFormats = ["isa4d-cameras", "realestate10k", "nerf"] as const;

/** One kind of camera files. */
export type CameraFormat = typeof cameraFormats[number];

/** What a camera file's text is read with. */
export interface CameraTextOptions {
  /** Picture size in pixels, for files that leave it out. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Reads the text as this kind; default what it looks like. */
  readonly format?: CameraFormat;
}

/** The kind of a camera file's text; `undefined` where it is none. */
export function cameraFormatOf(text: string): CameraFormat | undefined {
  if (!/^\s*[[{]/.test(text)) return isRealEstate(text) ? "realestate10k" : undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (isNerf(json)) return "nerf";
  const { format } = json as { format?: unknown };
  return format === "isa4d-cameras" ? format : undefined;
}

/**
 * Reads a camera file's text of any kind; `name` is what messages call it.
 * @throws {InputError} for text of no known kind, with what it lacks
 */
export function parseCameraText(
  text: string,
  name: string,
  { size, format = cameraFormatOf(text) }: CameraTextOptions = {},
): CameraTrack {
  switch (format) {
    case "realestate10k":
      return parseRealEstate(text, name, { size });
    case "nerf":
      return parseNerf(parseJson(text, name), name, { size });
    case "isa4d-cameras":
      return parseCameraRecord(parseJson(text, name), name);
    case undefined:
      throw new InputError(
        `cannot read cameras from "${name}": expected isa4d-cameras JSON, NeRF's transforms.json ` +
          "or RealEstate10K text (an address, then 19 numbers a line)",
      );
  }
}

/**
 * A track as the text of a kind, which {@linkcode parseCameraText} reads back.
 * @throws {InputError} for RealEstate10K text of cameras without rate
 */
export function formatCameraText(track: CameraTrack, format: CameraFormat): string {
  if (format === "realestate10k") return formatRealEstate(track);
  const even = evenTrack(track);
  return format === "nerf" ? formatNerf(even) : formatCameras(even.cameras, even);
}
