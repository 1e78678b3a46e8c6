/**
 * The flags that fill a job, shared by every command that takes one.
 * @module
 */
import { type Command, Option } from "@commander-js/extra-typings";
import { jobSchema } from "../../lib/pipelines/job/mod.ts";
import { person } from "./person_flag.ts";
import { freeze, interval, lora, repeated, text, triple, value } from "./options.ts";

const { shape } = jobSchema;
const defaults = jobSchema.parse({
  reference: { image: "-", pose: "none" },
  persons: [{ motion: "-" }],
  output: "-",
});

/** Adds to a command what `requestedJob` reads, but for the output. */
export function addJobOptions<A extends unknown[]>(command: Command<A>) {
  const fallback = (key: keyof typeof defaults) => `(default: ${String(defaults[key])})`;
  return command
    .option(
      "-i, --ref-image <file>",
      "picture of the person; again for each person",
      repeated(text),
    )
    .option(
      "--ref-pose <file|fit:file|none>",
      "body pose in that picture: isa4d-pose JSON, motion file with #frame=N, or fit:keypoints.json of COCO or OpenPose, with several people #person=N (default: none)",
      repeated(text),
    )
    .option(
      "--ref-camera <file|path>",
      "camera of that picture, if not in the pose",
      repeated(text),
    )
    .option(
      "--motion <file|builtin:NAME>",
      "motion: AMASS, SMPL or champ .npz, 4D-Humans .pkl#tid=N, BVH, isa4d JSON, builtin:walk, run, wave, squat, jump, dance, turn, mocap-walk …; again for each person",
      repeated(text),
    )
    .option(
      "--person <ref=…,motion=…>",
      "one person in one flag, instead of those above: ref=a.png,pose=a.json,motion=walk.npz,at=-0.5:0:0,placement=file; again for each",
      repeated(person),
    )
    .option("--offset <x,y,z>", "metres to move a person by", repeated(triple))
    .addOption(
      new Option("--placement <where>", "floor at the origin, or as the motion file says")
        .choices(["floor", "file"] as const),
    )
    .option(
      "--body <file>",
      "SMPL, SMPL-H or SMPL-X body, .npz or .pkl (default: the shipped one)",
      text,
    )
    .addOption(
      new Option("--shape <whose>", `body shape that moves ${fallback("shape")}`)
        .choices(shape.shape.unwrap().options),
    )
    .option(
      "--smooth <how>",
      `calm a trembling motion: one-euro:min=1,beta=1 or savgol:window=9,order=2 ${
        fallback("smooth")
      }`,
      text,
    )
    .option(
      "--camera <file|path>",
      `static, orbit:deg=90, dolly:m=-1, pan, arc, motion (as a 4D-Humans track was seen) or a file: camera JSON, RealEstate10K, transforms.json ${
        fallback("camera")
      }`,
      text,
    )
    .addOption(
      new Option(
        "--frame-on <part>",
        `what named camera paths and the reference are framed on ${fallback("frameOn")}`,
      ).choices(shape.frameOn.unwrap().options),
    )
    .option("--no-follow", "a named camera path stays where the persons begin")
    .option(
      "--freeze-frame <n[:length]>",
      "time stands still at the motion's frame n while the camera goes on; with a length, so many frames, then it moves again",
      freeze,
    )
    .option(
      "--background <file|#rrggbb|none>",
      `image, video, colour or none ${fallback("background")}`,
      text,
    )
    .option(
      "-W, --width <pixels>",
      `an even number from 64 up ${fallback("width")}`,
      value(shape.width),
    )
    .option(
      "-H, --height <pixels>",
      `an even number from 64 up ${fallback("height")}`,
      value(shape.height),
    )
    .option("--frames <n>", `frames ${fallback("frames")}`, value(shape.frames))
    .option("--fps <n>", `frames a second ${fallback("fps")}`, value(shape.fps))
    .option("--steps <n>", `sampling steps ${fallback("steps")}`, value(shape.steps))
    .option("--cfg-scale <x>", `guidance; 1 is none ${fallback("cfgScale")}`, value(shape.cfgScale))
    .option(
      "--cfg-interval <from:to>",
      "flow times, 1 noise to 0 data, with guidance (default: 0:1)",
      interval,
    )
    .option(
      "--window <frames|auto|off>",
      `frames sampled at once; longer clips in windows, blended at every step ${
        fallback("window")
      }`,
      value(shape.window),
    )
    .option(
      "--overlap <frames>",
      `frames that neighbouring windows share ${fallback("overlap")}`,
      value(shape.overlap),
    )
    .option(
      "--cfg-every <n>",
      `evaluations for which guidance is found out once; the others cost half ${
        fallback("guidanceEvery")
      }`,
      value(shape.guidanceEvery),
    )
    .option(
      "--block-cache <x>",
      `change of the first layer, such as 0.1, below which the other layers' last part is taken ${
        fallback("blockCache")
      }`,
      value(shape.blockCache),
    )
    .option("-s, --seed <n>", `seed of the noise ${fallback("seed")}`, value(shape.seed))
    .option(
      "--flow-shift <x>",
      `above 1: more steps near noise ${fallback("flowShift")}`,
      value(shape.flowShift),
    )
    .addOption(
      new Option(
        "--sampler <name>",
        `heun asks the model twice a step, the others once ${fallback("sampler")}`,
      ).choices(shape.sampler.unwrap().options),
    )
    .option(
      "--vae-tiling <auto|off|pixels>",
      `side of the tiles that large pictures pass the VideoVAE in ${fallback("vaeTiling")}`,
      value(shape.vaeTiling),
    )
    .option("--weights <name|folder>", `weights ${fallback("weights")}`, text)
    .addOption(
      new Option("--identity <how>", "insist on weights that were taught identity so, scd or isa")
        .choices(shape.identity.unwrap().options),
    )
    .option(
      "--lora <file[=strength]>",
      "low-rank parts of `isa4d train dit --config small-lora`; again for more",
      repeated(lora),
    )
    .addOption(
      new Option("--dtype <type>", `arithmetic ${fallback("dtype")}`)
        .choices(["float32", "bfloat16"] as const),
    )
    .option("--device <device>", `cpu, cuda or cuda:N ${fallback("device")}`, value(shape.device))
    .option("--job <file>", "job as JSON, see `isa4d schema`; flags win over it", text)
    .option("--from <file>", "make a video again from its own record; flags win over it", text);
}
