/**
 * Work on files between writing and naming.
 * @module
 */

/**
 * Works on a file that is written whole, `part`, before it appears as `path`. What it throws passes
 * through, and the file does not appear.
 */
export type Finish = (part: string, path: string) => Promise<void>;
