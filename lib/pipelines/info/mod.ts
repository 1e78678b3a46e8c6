/**
 * Door of what files say of themselves, read without libtorch.
 * @module
 */
export { type FileInfo, fileInfo } from "./file_info.ts";
