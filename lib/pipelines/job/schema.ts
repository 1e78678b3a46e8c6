/**
 * One generation as one record: flags fill it, a JSON file can be one, and every result carries its
 * own, so that any video can be made again from itself.
 * @module
 */
import { z } from "zod";
import { samplerNames } from "../../diffusion/names/mod.ts";
import { field } from "./field.ts";
import { file } from "./files.ts";
import { freeze, interval, lora, seeds, triple } from "./text.ts";

/** Even, since most video formats store colour for each 2×2 pixels. */
const side = z.int().min(16).max(4096).refine((n) => n % 2 === 0, {
  error: ({ input }) => `${input} is odd: ${Number(input) - 1} or ${Number(input) + 1} would do`,
});

const path = z.string().min(1);

/** What a person looks like, and how the body stands in that picture. Its flags begin with `--ref-`. */
export const referenceSchema = z.strictObject({
  image: field(path, "picture of the person", {
    ...{ group: "inputs", takes: "<file>", short: "i", required: true, again: true },
    ...{ help: "picture of the person; repeat for each person", file: file.input },
  }),
  pose: field(
    path.regex(/^(?!auto#)|^auto#person=[1-9]\d*$/, "expected auto or auto#person=N, 1 the largest")
      .default("auto"),
    "body pose in that picture: auto finds the largest person (auto#person=2 the second largest); or a pose or motion file (FILE#frame=N), fit:KEYPOINTS.json from OpenPose or COCO, none",
    { group: "inputs", takes: "<auto|file|fit:file|none>", again: true, file: file.pose },
  ),
  camera: field(
    path.optional(),
    "camera that took that picture: a camera file, or a named path such as static",
    {
      ...{ group: "inputs", takes: "<file|path>", again: true, file: file.camera },
      shown: "the pose file's own",
    },
  ),
});

/** The flag's name of a reference's field: `refImage` for `image`. */
export function referenceName(key: string): string {
  return `ref${key[0].toUpperCase()}${key.slice(1)}`;
}

/** One person of the video. */
export const personSchema = z.strictObject({
  motion: field(
    path,
    "how the person moves: a video (its largest person, or VIDEO#person=2), a motion file (AMASS, SMPL or champ .npz, 4D-Humans or WHAM .pkl#tid=N, GVHMR .pt, TRAM .npy, BVH, isa4d JSON), or builtin:NAME (walk, run, wave, squat, jump, dance, turn, mocap-walk …)",
    {
      ...{ group: "inputs", takes: "<file|builtin:NAME>", required: true, again: true },
      file: file.motion,
    },
  ),
  reference: referenceSchema.optional().describe(
    "picture of this person; without one, the person looks like the first",
  ),
  offset: field(
    z.tuple([z.number(), z.number(), z.number()]).default([0, 0, 0]),
    "moves the person, in metres",
    { group: "scene", takes: "<x,y,z>", again: true, read: triple, shown: "0,0,0" },
  ),
  placement: field(
    z.enum(["floor", "file"]).default("floor"),
    "where the motion starts: on the floor at the origin (floor), or where the motion file has it (file)",
    { group: "scene", takes: "<where>" },
  ),
});

const sceneFields = {
  camera: field(
    path.default("auto"),
    "camera of the video: auto (motion with --background driving, photo where the pose is auto, else static), photo (the one that took the photo), motion (the one that filmed the motion), a path (static, orbit:deg=90, dolly:m=-1, pan, arc), or a camera file (isa4d JSON, RealEstate10K, transforms.json, COLMAP's images.txt)",
    { group: "scene", takes: "<file|path>", file: file.camera },
  ),
  frameOn: field(
    z.enum(["full", "upper", "face"]).default("full"),
    "part of the body that named camera paths frame and the reference is cropped to",
    { group: "scene", takes: "<part>" },
  ),
  follow: field(
    z.boolean().default(true),
    "whether a named camera path moves along with the persons",
    {
      group: "scene",
      help:
        "leave a named camera path where the persons start, instead of moving it along with them",
    },
  ),
  freezeFrame: field(
    z.strictObject({
      frame: z.int().min(0).max(100_000).describe("frame of the motion at which it stops"),
      length: z.int().min(1).max(100_000).optional()
        .describe("how many frames it stops for; without it, to the end"),
    }).optional(),
    "stop the motion at its frame n while the camera moves on; with a length, for that many frames only",
    { group: "scene", takes: "<n[:length]>", read: freeze, was: "freeze" },
  ),
  background: field(
    path.default("auto"),
    "what is behind the person: auto (photo where the pose is auto and the camera does not move), photo (the photo's scene without people), driving (the motion video's scene without people), a picture, a video, a colour, or none",
    { group: "scene", takes: "<auto|photo|driving|file|#rrggbb|none>", file: file.background },
  ),
  body: field(path.optional(), "SMPL, SMPL-H or SMPL-X body, .npz or .pkl", {
    ...{ group: "inputs", takes: "<file>", file: file.input, shown: "the shipped one" },
  }),
  shape: field(
    z.enum(["reference", "motion"]).default("reference"),
    "whose body shape to use",
    { group: "scene", takes: "<whose>" },
  ),
  smooth: field(
    z.string().regex(/^(none|one-euro|savgol)(:|$)/, "expected one-euro, savgol or none")
      .default("none"),
    "smooth a jittery motion: one-euro:min=1,beta=1 or savgol:window=9,order=2",
    { group: "scene", takes: "<how>" },
  ),
};

const sizeFields = {
  width: field(side.default(256), "even number of pixels, 64 or more", {
    ...{ group: "size", takes: "<pixels>", short: "W" },
    shown: "256; without a model the photo's own, at most 1024",
  }),
  height: field(side.default(256), "even number of pixels, 64 or more", {
    ...{ group: "size", takes: "<pixels>", short: "H" },
    shown: "256; without a model the photo's own, at most 1024",
  }),
  frames: field(z.int().min(1).max(100_000).default(33), "frames of the video", {
    ...{ group: "size", takes: "<n>" },
    shown: "33; without a model those of a driving video",
  }),
  fps: field(z.number().positive().max(240).default(16), "frames a second", {
    ...{ group: "size", takes: "<n>" },
    shown: "16; without a model that of a driving video, at most 30",
  }),
};

const samplingFields = {
  seed: field(z.int().min(0).default(0), "seed of the noise", {
    ...{ group: "sampling", takes: "<n|random>", short: "s", again: true, read: seeds },
    help: "seed of the noise, or random; with generate also several: 1,2,3",
  }),
  steps: field(z.int().min(1).max(1000).default(30), "sampling steps", {
    ...{ group: "sampling", takes: "<n>" },
  }),
  sampler: field(
    z.enum(samplerNames).default("euler"),
    "solver of the flow; each step runs the model once, with heun twice (the last step once)",
    { group: "sampling", takes: "<name>" },
  ),
  cfgScale: field(z.number().min(0).max(50).default(1.5), "strength of guidance; 1 turns it off", {
    ...{ group: "sampling", takes: "<x>" },
  }),
  cfgInterval: field(
    z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)])
      .refine(([from, to]) => from <= to, { error: "expected the lower flow time first" })
      .default([0, 1]),
    "apply guidance only between these flow times (1: noise, 0: data)",
    { group: "sampling", takes: "<from:to>", read: interval, shown: "0:1" },
  ),
  cfgEvery: field(
    z.int().min(1).max(1000).default(1),
    "compute guidance once every n evaluations; the others cost half",
    { group: "sampling", takes: "<n>", was: "guidanceEvery" },
  ),
  blockCache: field(
    z.number().min(0).max(10).default(0),
    "reuse the other layers' results while the first layer's changes by less than this, such as 0.1",
    { group: "sampling", takes: "<x>" },
  ),
  flowShift: field(
    z.number().positive().max(100).default(1),
    "above 1: spend more steps near noise",
    {
      ...{ group: "sampling", takes: "<x>" },
    },
  ),
  window: field(
    z.union([z.enum(["auto", "off"]), z.int().min(5).max(100_000)]).default("auto"),
    "frames sampled at once; longer clips are split into windows, blended at every step",
    { group: "sampling", takes: "<frames|auto|off>" },
  ),
  overlap: field(
    z.union([z.literal("auto"), z.int().min(0).max(100_000)]).default("auto"),
    "frames that neighbouring windows share; auto: 8",
    { group: "sampling", takes: "<frames|auto>" },
  ),
  weights: field(
    path.default("none"),
    "none (no model: the body wears the picture's own pixels), small (the shipped model; 128×128, 17 frames, 8 a second unless you set them), or a folder of weights",
    {
      ...{ group: "sampling", takes: "<name|folder>", file: file.weights },
    },
  ),
  identity: field(
    z.enum(["isa", "scd"]).optional(),
    "refuse weights that keep identity in another way",
    { group: "sampling", takes: "<how>" },
  ),
  lora: field(
    z.array(z.strictObject({
      file: field(path, "file of `isa4d train dit`", { group: "sampling", file: file.input }),
      strength: z.number().min(-10).max(10).default(1),
    })).max(8).default([]),
    "LoRA weights of `isa4d train dit --config small-lora`, added in order",
    {
      ...{ group: "sampling", takes: "<file[=strength]>", again: true, read: lora, was: "loras" },
      help: "LoRA weights of `isa4d train dit --config small-lora`; repeat to add more",
      shown: "",
    },
  ),
};

const outputFields = {
  crf: field(
    z.int().min(0).max(63).optional(),
    "constant rate factor, lower is better: 0 to 51 for .mp4, .mov, .mkv, 0 to 63 for .webm",
    { group: "output", takes: "<n>", shown: "16; .webm: 20" },
  ),
  audio: field(
    path.default("none"),
    "sound of the video: a video or sound file, background (the background video's own sound; with driving, the motion video's), or none",
    { group: "output", takes: "<file|background|none>", file: file.audio },
  ),
  vaeTiling: field(
    z.union([z.enum(["auto", "off"]), z.int().min(32).max(4096)]).default("auto"),
    "size of the tiles in which the VideoVAE processes large pictures",
    { group: "machine", takes: "<auto|off|pixels>" },
  ),
  dtype: field(
    z.enum(["float32", "bfloat16", "auto"]).default("float32"),
    "number type of weights and matrix products; bfloat16 takes half the memory, auto the faster of both on this device",
    { group: "machine", takes: "<type>" },
  ),
  device: field(
    z.string().regex(/^(cpu|cuda(:\d+)?)$/, "expected cpu, cuda or cuda:N").default("cpu"),
    "cpu, cuda or cuda:N",
    { group: "machine", takes: "<device>" },
  ),
  output: field(
    path,
    "out.mp4, .mov, .mkv, .webm, .gif, .webp, .png for one frame, folder/%04d.png, or - for stdout",
    { group: "output", takes: "<file>", short: "o", required: true, file: file.output },
  ),
};

/** A job's fields, each by itself. */
export const jobObject = z.strictObject({
  reference: referenceSchema,
  persons: z.array(personSchema).min(1).max(4),
  ...sceneFields,
  ...sizeFields,
  ...samplingFields,
  ...outputFields,
});

/**
 * The record of a generation.
 * @internal
 */
export const jobSchema = jobObject.refine(
  ({ freezeFrame, frames }) => freezeFrame === undefined || freezeFrame.frame < frames,
  {
    path: ["freezeFrame"],
    error: ({ input }) => {
      const { freezeFrame, frames } = input as z.infer<typeof jobObject>;
      return `frame ${freezeFrame?.frame} is beyond the clip: 0 to ${frames - 1} would do`;
    },
  },
);

/** A checked generation job. */
export type Job = (typeof jobSchema)["_output"];

/** A job before its defaults are filled in. */
export type JobInput = z.input<typeof jobSchema>;

/** One person of a job. */
export type Person = z.infer<typeof personSchema>;

/** What a person looks like. */
export type Reference = z.infer<typeof referenceSchema>;
