/**
 * The command table: names, summaries, and where each command is.
 * @module
 */
import type { CommandEntry } from "./support/mod.ts";

/** All commands, in the order of the help. */
export const commands: readonly CommandEntry[] = [
  {
    name: "generate",
    summary: "make a video of a person from a reference image, a motion and a camera",
    load: () => import("./generate.ts"),
  },
  {
    name: "batch",
    summary: "make the videos of a file of jobs, by one process or many",
    load: () => import("./batch.ts"),
  },
  {
    name: "grid",
    summary: "make several views of a scene at once, each a video",
    load: () => import("./grid.ts"),
  },
  {
    name: "track",
    summary: "find a person's motion, the camera and the empty scene in a video",
    load: () => import("./track.ts"),
  },
  {
    name: "preview",
    summary: "draw and check a job's inputs in seconds, without any model",
    load: () => import("./preview.ts"),
  },
  {
    name: "plan",
    summary: "count a job's memory, operations and time, before any weight is loaded",
    load: () => import("./plan.ts"),
  },
  {
    name: "demo",
    summary: "render a reference person and make a video of it with the shipped weights",
    load: () => import("./demo.ts"),
  },
  {
    name: "view",
    summary: "show a result as a page, in a file or in the browser",
    load: () => import("./view.ts"),
  },
  {
    name: "info",
    summary: "print what a file was made from and with",
    load: () => import("./info.ts"),
  },
  {
    name: "verify",
    summary: "print where a picture or video says it comes from, and whether that holds",
    load: () => import("./verify.ts"),
  },
  {
    name: "convert",
    summary: "turn camera and motion files into those of another kind",
    load: () => import("./convert.ts"),
  },
  {
    name: "doctor",
    summary: "check the set-up: each part is ok, or what to do",
    load: () => import("./doctor.ts"),
  },
  {
    name: "schema",
    summary: "print the JSON Schema of a generation job",
    load: () => import("./schema.ts"),
  },
  {
    name: "models",
    summary: "list the model presets with parameters and FLOPs",
    load: () => import("./models.ts"),
  },
  {
    name: "weights",
    summary: "list, inspect, verify and convert files of weights",
    load: () => import("./weights.ts"),
  },
  {
    name: "encode",
    summary: "turn a video or image into VideoVAE latents",
    load: () => import("./encode.ts"),
  },
  {
    name: "decode",
    summary: "turn VideoVAE latents back into a video",
    load: () => import("./decode.ts"),
  },
  {
    name: "reconstruct",
    summary: "pass a video through the VideoVAE and measure what is lost",
    load: () => import("./reconstruct.ts"),
  },
  {
    name: "synth",
    summary: "render synthetic humans for training and tests",
    load: () => import("./synth.ts"),
  },
  {
    name: "index",
    summary: "check a folder of videos and pictures for training",
    load: () => import("./index.ts"),
  },
  { name: "train", summary: "train a VideoVAE or an ISA-DiT", load: () => import("./train.ts") },
  {
    name: "eval",
    summary: "measure videos and models by a protocol that others can repeat",
    load: () => import("./eval.ts"),
  },
  {
    name: "completions",
    summary: "print the script with which a shell completes commands and flags",
    load: async () => {
      const { register } = await import("./completions.ts");
      return { register: (program, context) => register(program, context, commands) };
    },
  },
];
