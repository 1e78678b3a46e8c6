/**
 * What the page of many results is told. The command line writes it, the page reads it, as JSON.
 * @module
 */

/** The results of a folder. */
export interface GalleryData {
  /** The folder's name. */
  readonly title: string;
  /** What results can be told apart by, in the order of their groups. */
  readonly fields: readonly GalleryField[];
  readonly results: readonly GalleryItem[];
  /** Files that look like results and cannot be shown. */
  readonly leftOut: readonly LeftOut[];
}

/** One setting or measure. */
export interface GalleryField {
  readonly name: string;
  /** Settings of a group stand together. */
  readonly group: string;
  /** What it means. */
  readonly hint?: string;
}

/** One result. */
export interface GalleryItem {
  /** Names it in addresses: its picture is `thumb/ID`, its video `video/ID`, its page `result/ID/`. */
  readonly id: number;
  /** Its path within the folder. */
  readonly name: string;
  /** Pixels of the picture. */
  readonly width: number;
  /** See `width`. */
  readonly height: number;
  readonly frames: number;
  readonly fps: number;
  /** When its file was written, milliseconds since 1970. */
  readonly modified: number;
  /** A value for each of the gallery's fields; null where the result has none. */
  readonly values: readonly (string | null)[];
  /** The command that makes it again. */
  readonly again: string;
}

/** A file that is not shown. */
export interface LeftOut {
  /** Its path within the folder. */
  readonly name: string;
  readonly reason: string;
}
