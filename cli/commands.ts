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
    summary: "make the videos of a file of jobs, in one process or many",
    load: () => import("./batch.ts"),
  },
  {
    name: "grid",
    summary: "make several views of a scene at once, each a video",
    load: () => import("./grid.ts"),
  },
  {
    name: "track",
    summary: "extract a person's motion, the camera and the empty scene from a video",
    load: () => import("./track.ts"),
  },
  {
    name: "preview",
    summary: "draw and check a job's inputs in seconds, without any model",
    load: () => import("./preview.ts"),
  },
  {
    name: "plan",
    summary: "estimate a job's memory, operations and time, without loading weights",
    load: () => import("./plan.ts"),
  },
  {
    name: "demo",
    summary: "render a reference person and make a video of it with the shipped weights",
    load: () => import("./demo.ts"),
  },
  {
    name: "view",
    summary: "show a result, a folder of results or a running job as a page",
    load: () => import("./view.ts"),
  },
  {
    name: "info",
    summary: "print how a file was made: inputs, settings, weights",
    load: () => import("./info.ts"),
  },
  {
    name: "verify",
    summary: "print a file's marks of origin and check its signature",
    load: () => import("./verify.ts"),
  },
  {
    name: "convert",
    summary: "convert camera and motion files",
    load: () => import("./convert.ts"),
  },
  {
    name: "doctor",
    summary: "check the set-up and say how to fix it",
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
    summary: "encode a video or image as VideoVAE latents",
    load: () => import("./encode.ts"),
  },
  {
    name: "decode",
    summary: "decode VideoVAE latents to a video",
    load: () => import("./decode.ts"),
  },
  {
    name: "reconstruct",
    summary: "encode and decode a video with the VideoVAE and measure the loss",
    load: () => import("./reconstruct.ts"),
  },
  {
    name: "synth",
    summary: "render synthetic people for training and tests",
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
    summary: "measure videos and models by a repeatable protocol",
    load: () => import("./eval.ts"),
  },
  {
    name: "completions",
    summary: "print the completion script for a shell",
    load: async () => {
      const { register } = await import("./completions.ts");
      return { register: (program, context) => register(program, context, commands) };
    },
  },
];
