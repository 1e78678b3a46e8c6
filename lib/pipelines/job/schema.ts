/**
 * One generation as one record: flags fill it, a JSON file can be one, and every result carries its
 * own, so that any video can be made again from itself.
 * @module
 */
import { z } from "zod";
import { ConfigError } from "../../errors.ts";

/** Even, since most video formats store colour for each 2×2 pixels. */
const side = z.int().min(16).max(4096).refine((n) => n % 2 === 0, {
  error: ({ input }) => `${input} is odd: ${Number(input) - 1} or ${Number(input) + 1} would do`,
});

const path = z.string().min(1);

/** What a person looks like, and how the body stands in that picture. */
export const referenceSchema = z.strictObject({
  image: path.describe("image file that shows the person"),
  pose: path.default("none").describe(
    'body pose in that image: an isa4d-pose JSON, a motion file with "#frame=N", "fit:" and key points of COCO or OpenPose, or "none"',
  ),
  camera: path.optional().describe(
    "camera of that image: a camera JSON or a path such as static; the pose file's own, if it has one",
  ),
});

/** One person of the video. */
export const personSchema = z.strictObject({
  motion: path.describe(
    "builtin:NAME or a motion file (AMASS, SMPL or champ .npz, 4D-Humans .pkl#tid=N, BVH, isa4d JSON)",
  ),
  reference: referenceSchema.optional().describe(
    "what this person looks like, if not as the first",
  ),
  offset: z.tuple([z.number(), z.number(), z.number()]).default([0, 0, 0])
    .describe("metres added to the place on the floor"),
  placement: z.enum(["floor", "file"]).default("floor")
    .describe("floor: frame 0 stands on the floor at the origin; file: as the motion file says"),
});

const fields = z.strictObject({
  reference: referenceSchema,
  persons: z.array(personSchema).min(1).max(4),
  camera: path.default("static").describe(
    "static, orbit:deg=90, dolly:m=-1, …, a camera file, or motion",
  ),
  body: path.optional().describe(
    "body file: SMPL, SMPL-H or SMPL-X as .npz or .pkl; without it the shipped body",
  ),
  shape: z.enum(["reference", "motion"]).default("reference")
    .describe("whose body shape moves: the reference's, or the motion file's"),
  smooth: z.string().regex(/^(none|one-euro|savgol)(:|$)/, "expected one-euro, savgol or none")
    .default("none")
    .describe("calms a trembling motion: one-euro:min=1,beta=1 or savgol:window=9,order=2"),
  follow: z.boolean().default(true)
    .describe("a named camera path goes along with the persons over the floor"),
  frameOn: z.enum(["full", "upper", "face"]).default("full")
    .describe("what named camera paths and the reference are framed on"),
  freeze: z.strictObject({
    frame: z.int().min(0).max(100_000).describe("frame of the motion at which time stands"),
    length: z.int().min(1).max(100_000).optional().describe(
      "frames it stands; absent: all of them",
    ),
  }).optional().describe("time stands still while the camera goes on"),
  background: path.default("none").describe("image or video file, #rrggbb, or none"),
  width: side.default(128).describe("pixels, an even number from 64 up"),
  height: side.default(128).describe("pixels, an even number from 64 up"),
  frames: z.int().min(1).max(100_000).default(17),
  fps: z.number().positive().max(240).default(8).describe("frames a second"),
  steps: z.int().min(1).max(1000).default(30).describe("sampling steps"),
  cfgScale: z.number().min(0).max(50).default(2).describe("guidance; 1 is none"),
  cfgInterval: z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)])
    .refine(([from, to]) => from <= to, { error: "expected the lower flow time first" })
    .default([0, 1]).describe("flow times (1 noise, 0 data) within which there is guidance"),
  guidanceEvery: z.int().min(1).max(1000).default(1)
    .describe("evaluations for which guidance is found out once; the others cost half"),
  blockCache: z.number().min(0).max(10).default(0)
    .describe("relative change of the first layer below which the others are not asked; 0: never"),
  flowShift: z.number().positive().max(100).default(1).describe("above 1: more steps near noise"),
  sampler: z.enum(["euler", "heun", "dpm++2m", "unipc"]).default("euler")
    .describe("all ask the model once a step, but heun: twice, the last step once"),
  window: z.union([z.enum(["auto", "off"]), z.int().min(5).max(100_000)]).default("auto")
    .describe("frames that are sampled at once; longer clips in windows, blended at every step"),
  overlap: z.union([z.literal("auto"), z.int().min(0).max(100_000)]).default("auto")
    .describe("frames that neighbouring windows share; auto: 8"),
  seed: z.int().min(0).default(0),
  vaeTiling: z.union([z.enum(["auto", "off"]), z.int().min(32).max(4096)]).default("auto")
    .describe("large pictures pass the VideoVAE in tiles: auto, off, or a tile's side in pixels"),
  weights: path.default("small").describe("shipped weights by name, or a folder of weights"),
  identity: z.enum(["isa", "scd"]).optional()
    .describe("how the weights must have been taught identity; default: as the weights were"),
  loras: z.array(z.strictObject({
    file: path,
    strength: z.number().min(-10).max(10).default(1),
  })).max(8).default([]).describe("low-rank parts that `isa4d train dit` made, added in order"),
  dtype: z.enum(["float32", "bfloat16"]).default("float32"),
  device: z.string().regex(/^(cpu|cuda(:\d+)?)$/, "expected cpu, cuda or cuda:N").default("cpu"),
  output: path.describe(
    "out.mp4, .webm, .gif, .webp, .png for one frame, folder/%04d.png, or - for stdout",
  ),
});

/** The record of a generation, as `isa4d schema` prints it. */
export const jobSchema = fields.refine(
  ({ freeze, frames }) => freeze === undefined || freeze.frame < frames,
  {
    path: ["freeze"],
    error: ({ input }) => {
      const { freeze, frames } = input as z.infer<typeof fields>;
      return `frame ${freeze?.frame} is beyond the clip: 0 to ${frames - 1} would do`;
    },
  },
);

/** What several jobs have in common: any of a job's fields. */
export const partialJobSchema = fields.partial();

/** A checked generation job. */
export type Job = z.infer<typeof jobSchema>;

/** A job before its defaults are filled in. */
export type JobInput = z.input<typeof jobSchema>;

/** One person of a job. */
export type Person = z.infer<typeof personSchema>;

/** What a person looks like. */
export type Reference = z.infer<typeof referenceSchema>;

/** Checks a job and fills its defaults; `name` is what messages call it. Throws {@linkcode ConfigError}. */
export function parseJob(value: unknown, name: string = "job"): Job {
  const parsed = jobSchema.safeParse(value);
  if (!parsed.success) throw new ConfigError(`${name}: ${describeIssues(parsed.error)}`);
  return parsed.data;
}

/** JSON Schema (draft 2020-12) of what {@linkcode parseJob} accepts. */
export function jobJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(jobSchema, { io: "input" });
  return { title: "isa4d generation job", ...schema };
}

/** All that zod found, on one line. */
export function describeIssues(error: Pick<z.ZodError, "issues">): string {
  return error.issues.map((issue) => {
    const text = describeIssue(issue);
    return issue.path.length === 0 ? text : `${issue.path.join(".")}: ${text}`;
  }).join("; ");
}

/** One finding of zod in this project's words. */
export function describeIssue({ message }: { readonly message: string }): string {
  const range = /^Too (?:small|big): expected (\w+) to (?:be|have) ([<>]=?)(.*)$/.exec(message);
  if (!range) {
    return message.replace(/^Invalid input: /, "")
      .replace("expected int, received number", "expected a whole number");
  }
  const [, kind, sign, bound] = range;
  const words = { ">=": "at least", ">": "more than", "<=": "at most", "<": "less than" }[sign];
  return kind === "string" ? "is empty" : `expected ${words} ${bound}`;
}
