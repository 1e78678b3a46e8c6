/**
 * Door of the demonstration: a job of a rendered person, and its sheet.
 * @module
 */
export { type Demo, type DemoOptions, finishDemo, prepareDemo } from "./demo.ts";
