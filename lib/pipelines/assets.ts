/**
 * What this project ships in `weights/`.
 * @module
 */
import { fileURLToPath } from "node:url";

/** The folder of shipped weights. */
export const shippedFolder: string = fileURLToPath(new URL("../../weights/", import.meta.url));
