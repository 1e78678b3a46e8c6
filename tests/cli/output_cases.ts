/**
 * Every command that writes files: what it reads, what it writes. Nothing is ever made: each line is
 * refused before the command opens anything but records.
 * @module
 */

/** What one flag lets a command write. */
export interface Output {
  readonly args: readonly string[];
  /** Files that are replaced, what lies beside the output among them. */
  readonly writes: readonly string[];
}

/** A command line without its outputs. */
export interface Writing {
  readonly name: string;
  readonly args: readonly string[];
  /** What it reads. */
  readonly files: Readonly<Record<string, string>>;
  readonly outputs: readonly Output[];
}

const once = "what exists once";

/** Files of that content. */
const files = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, once]));

const words = (line: string): string[] => line.split(" ");

const output = (line: string, ...writes: string[]): Output => ({ args: words(line), writes });

const video = output("-o o.mp4", "o.mp4", "o.mp4.json", "o.mp4.resume.safetensors");
const pictures = output(
  "-o p/%04d.png",
  ...["p/0001.png", "p/0099.png", "p/metadata.json", "p/resume.safetensors"],
);

const job = {
  reference: { image: "anna.png", pose: "pose.json" },
  persons: [{ motion: "walk.npz" }],
  output: "-",
};

const record = {
  ...{ format: "isa4d-generation", version: 1, inputs: [], weights: [], versions: {} },
  job: { ...job, reference: { image: "anna.png", pose: "none" } },
};

/** The commands. */
export const writings: readonly Writing[] = [
  {
    name: "generate",
    args: words(
      "generate -i anna.png --ref-pose fit:points.json#person=2 --motion walk.pkl#tid=3 " +
        "--camera cameras.json --background street.mp4 --body body.npz --lora anna.safetensors=0.5 " +
        "--weights ./weights",
    ),
    files: files(
      ...["anna.png", "points.json", "walk.pkl", "cameras.json", "street.mp4", "body.npz"],
      ...["anna.safetensors", "weights/video_vae.safetensors", "weights/isa_dit.safetensors"],
    ),
    outputs: [
      video,
      pictures,
      output("-o x.png --frames 1", "x.png"),
      output("-o n.mp4 --matte m.mov", "m.mov"),
      output("-o n.mp4 --matte m/%04d.png", "m/0003.png"),
      output("-o n.mp4 --save-latents z.st", "z.st", "z.st.index.json"),
      output("-o n.mp4 --over beach.jpg", "n.beach.mp4", "n.beach.mp4.json"),
    ],
  },
  {
    name: "generate --over",
    args: words("generate -i anna.png --motion builtin:walk --over beach.jpg"),
    files: files("anna.png", "beach.jpg"),
    outputs: [video],
  },
  {
    name: "generate with a sequence behind",
    args: words("generate -i anna.png --motion builtin:walk --background b/%04d.png"),
    files: files("anna.png", "b/0001.png", "b/0002.png"),
    outputs: [video, pictures],
  },
  {
    name: "generate --job",
    args: words("generate --job job.json"),
    files: { ...files("anna.png", "pose.json", "walk.npz"), "job.json": JSON.stringify(job) },
    outputs: [video],
  },
  {
    name: "generate --from",
    args: words("generate --from old.json"),
    files: { ...files("anna.png", "walk.npz"), "old.json": JSON.stringify(record) },
    outputs: [video],
  },
];
