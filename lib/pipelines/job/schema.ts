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
  image: field(path, "picture that shows the person", {
    ...{ group: "inputs", takes: "<file>", short: "i", required: true, again: true },
    ...{ help: "picture of the person; again for each person", file: file.input },
  }),
  pose: field(
    path.regex(/^(?!auto#)|^auto#person=[1-9]\d*$/, "expected auto or auto#person=N, 1 the largest")
      .default("auto"),
    "body pose in that picture: auto finds it, with several people auto#person=N; or an isa4d-pose JSON, a motion file with #frame=N, fit: and key points of COCO or OpenPose, none",
    { group: "inputs", takes: "<auto|file|fit:file|none>", again: true, file: file.pose },
  ),
  camera: field(
    path.optional(),
    "camera of that picture: a camera JSON or a path such as static",
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
    "motion: a video (of its largest person, or #person=2), AMASS, SMPL or champ .npz, 4D-Humans or WHAM .pkl#tid=N, GVHMR .pt, TRAM .npy, BVH, isa4d JSON, builtin:walk, run, wave, squat, jump, dance, turn, mocap-walk …",
    {
      ...{ group: "inputs", takes: "<file|builtin:NAME>", required: true, again: true },
      file: file.motion,
    },
  ),
  reference: referenceSchema.optional().describe(
    "what this person looks like, if not as the first",
  ),
  offset: field(
    z.tuple([z.number(), z.number(), z.number()]).default([0, 0, 0]),
    "metres added to a person's place on the floor",
    { group: "scene", takes: "<x,y,z>", again: true, read: triple, shown: "0,0,0" },
  ),
  placement: field(
    z.enum(["floor", "file"]).default("floor"),
    "floor: frame 0 stands on the floor at the origin; file: as the motion file says",
    { group: "scene", takes: "<where>" },
  ),
});

const sceneFields = {
  camera: field(
    path.default("auto"),
    "auto (motion with --background driving, as the photo was taken where its pose is auto, else static), photo, static, orbit:deg=90, dolly:m=-1, pan, arc, motion (as the motion's video or track was seen) or a file: camera JSON, RealEstate10K, transforms.json, COLMAP's images.txt",
    { group: "scene", takes: "<file|path>", file: file.camera },
  ),
  frameOn: field(
    z.enum(["full", "upper", "face"]).default("full"),
    "part of the body that named camera paths and the reference show",
    { group: "scene", takes: "<part>" },
  ),
  follow: field(
    z.boolean().default(true),
    "a named camera path goes along with the persons over the floor",
    {
      group: "scene",
      help: "keep a named camera path where the persons start, instead of following them",
    },
  ),
  freezeFrame: field(
    z.strictObject({
      frame: z.int().min(0).max(100_000).describe("frame of the motion at which time stands"),
      length: z.int().min(1).max(100_000).optional()
        .describe("frames it stands; absent: all of them"),
    }).optional(),
    "stop the motion at its frame n while the camera goes on; with a length, for that many frames",
    { group: "scene", takes: "<n[:length]>", read: freeze, was: "freeze" },
  ),
  background: field(
    path.default("auto"),
    "picture, video, colour, photo (the photo's scene without people), driving (the scene of the video that moves the person, without people), none, or auto: photo where its pose is auto and the camera stands",
    { group: "scene", takes: "<auto|photo|driving|file|#rrggbb|none>", file: file.background },
  ),
  body: field(path.optional(), "SMPL, SMPL-H or SMPL-X body, .npz or .pkl", {
    ...{ group: "inputs", takes: "<file>", file: file.input, shown: "the shipped one" },
  }),
  shape: field(
    z.enum(["reference", "motion"]).default("reference"),
    "which body shape to use: the reference's, or the motion file's",
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
  width: field(side.default(256), "pixels, an even number from 64 up", {
    ...{ group: "size", takes: "<pixels>", short: "W" },
  }),
  height: field(side.default(256), "pixels, an even number from 64 up", {
    ...{ group: "size", takes: "<pixels>", short: "H" },
  }),
  frames: field(z.int().min(1).max(100_000).default(33), "frames of the video", {
    ...{ group: "size", takes: "<n>" },
  }),
  fps: field(z.number().positive().max(240).default(16), "frames a second", {
    ...{ group: "size", takes: "<n>" },
  }),
};

const samplingFields = {
  seed: field(z.int().min(0).default(0), "seed of the noise", {
    ...{ group: "sampling", takes: "<n|random>", short: "s", again: true, read: seeds },
    help: "seed of the noise, or random; generate takes several: 1,2,3",
  }),
  steps: field(z.int().min(1).max(1000).default(30), "sampling steps", {
    ...{ group: "sampling", takes: "<n>" },
  }),
  sampler: field(
    z.enum(samplerNames).default("euler"),
    "how steps are taken; all run the model once per step, except heun: twice, the last step once",
    { group: "sampling", takes: "<name>" },
  ),
  cfgScale: field(z.number().min(0).max(50).default(1.5), "strength of guidance; 1: none", {
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
    "reuse the other layers while the first one changes by less than this, such as 0.1",
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
    "none: the body wears the picture's own pixels; a folder of weights; or shipped ones by name: small, then 128×128, 17 frames, 8 a second unless told",
    {
      ...{ group: "sampling", takes: "<name|folder>", file: file.weights },
    },
  ),
  identity: field(
    z.enum(["isa", "scd"]).optional(),
    "require weights that keep identity in this way",
    { group: "sampling", takes: "<how>" },
  ),
  lora: field(
    z.array(z.strictObject({
      file: field(path, "file of `isa4d train dit`", { group: "sampling", file: file.input }),
      strength: z.number().min(-10).max(10).default(1),
    })).max(8).default([]),
    "low-rank parts of `isa4d train dit --config small-lora`, added in order",
    {
      ...{ group: "sampling", takes: "<file[=strength]>", again: true, read: lora, was: "loras" },
      help: "low-rank parts of `isa4d train dit --config small-lora`; again for more",
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
    "sound of the video: a video or sound file, the background's (with driving, that of the video that moves the person), or none",
    { group: "output", takes: "<file|background|none>", file: file.audio },
  ),
  vaeTiling: field(
    z.union([z.enum(["auto", "off"]), z.int().min(32).max(4096)]).default("auto"),
    "side of the tiles in which the VideoVAE processes large pictures",
    { group: "machine", takes: "<auto|off|pixels>" },
  ),
  dtype: field(
    z.enum(["float32", "bfloat16"]).default("float32"),
    "type of the models' weights and products; bfloat16 takes half the memory",
    {
      ...{ group: "machine", takes: "<type>" },
    },
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
