/**
 * Door of networks in TensorFlow Lite's files.
 * @module
 */
export { TfliteNetwork } from "./network.ts";
