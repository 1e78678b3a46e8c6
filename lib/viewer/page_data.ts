/**
 * What a page is told of a result. The command line writes it, the page reads it: as JSON, with arrays
 * of numbers in base64, little-endian.
 * @module
 */

/** A result as the page shows it. Parts that are not known are absent. */
export interface PageData {
  /** The result's file name. */
  readonly title: string;
  /** A line of facts below it. */
  readonly summary: readonly string[];
  /** Pixels of one view. */
  readonly width: number;
  /** See `width`. */
  readonly height: number;
  readonly frames: number;
  readonly fps: number;
  /** At least one. */
  readonly views: readonly PageView[];
  readonly references: readonly PageReference[];
  readonly scene?: PageScene;
  readonly settings: readonly PageGroup[];
  readonly files: readonly PageFile[];
  readonly metrics?: PageMetrics;
  /** The command that makes the result again. */
  readonly again?: string;
  /** What the reader should know, such as files that have changed since. */
  readonly notes: readonly string[];
}

/** One video of a result: what one camera path sees. */
export interface PageView {
  /** Short, such as `View 2`. */
  readonly name: string;
  /** Address of the video: a data URL, or relative to the page. */
  readonly source: string;
  /** Frames in a row, as a data URL of a JPEG. */
  readonly strip: PageStrip;
}

/** Small pictures of a view's frames, side by side. */
export interface PageStrip {
  readonly source: string;
  /** Frame that each picture shows, increasing. */
  readonly frames: readonly number[];
  /** Pixels of the whole strip. */
  readonly width: number;
  /** See `width`. */
  readonly height: number;
}

/** What a person looks like. */
export interface PageReference {
  readonly label: string;
  /** A data URL. */
  readonly source: string;
  readonly width: number;
  readonly height: number;
}

/** Bodies and cameras. Lengths are metres in the world's axes, Y up. */
export interface PageScene {
  /** V, vertices of one person. */
  readonly vertices: number;
  /** uint16 [F·3] corners of the faces, the same for all persons. */
  readonly faces: string;
  /** [J] parent of each joint, −1 for the root. */
  readonly parents: readonly number[];
  /** uint8 [V·K] joints that move each vertex. */
  readonly skinJoints: string;
  /** uint16 [V·K] their weights in 1/65535. */
  readonly skinWeights: string;
  readonly persons: readonly PagePerson[];
  /** Least and greatest coordinates of all joints of the clip. */
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** float32 [frames·16] a view: fx/w, fy/h, cx/w, cy/h, rotation [9] row-major, translation [3], OpenCV. */
  readonly cameras: readonly string[];
}

/** A body and how it moves. */
export interface PagePerson {
  /** float32 [V·3] vertices in the rest pose. */
  readonly rest: string;
  /** int8 [V·3] their normals in 1/127. */
  readonly normals: string;
  /** float32 [J·3] joints in the rest pose. */
  readonly joints: string;
  /** float32 [frames·(3J + 3)] axis-angle of each joint, radians, then the root's translation. */
  readonly poses: string;
}

/** Settings that belong together. */
export interface PageGroup {
  readonly title: string;
  readonly rows: readonly PageRow[];
}

/** One setting. */
export interface PageRow {
  readonly name: string;
  readonly value: string;
  /** What it means. */
  readonly hint?: string;
}

/** A file that the result was made from. */
export interface PageFile {
  readonly role: "input" | "weights";
  readonly path: string;
  readonly sha256: string;
  /** Whether the file is still what it was; weights are not read again. */
  readonly state: "unchanged" | "changed" | "missing" | "unchecked";
}

/** Measured quality. */
export interface PageMetrics {
  /** Where the numbers were read. */
  readonly source: string;
  readonly numbers: readonly PageRow[];
  /** One value a frame; null where there is none. */
  readonly series: readonly {
    readonly name: string;
    readonly values: readonly (number | null)[];
  }[];
}

/** Numbers of a camera in {@linkcode PageScene}. */
export const CAMERA_NUMBERS = 16;
