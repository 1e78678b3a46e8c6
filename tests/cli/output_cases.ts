/**
 * Every command that writes files: what it reads, what it writes. Nothing is ever made: each line is
 * refused before the command opens anything but records.
 * @module
 */

import { vaeTrainPresets } from "../../lib/train/mod.ts";

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

const pictureSequence = output("-o p/%04d.png", "p/0001.png", "p/0099.png");

/** A record that names a file which nothing else does. */
const hashed = { ...record, inputs: [{ path: "walk.npz", sha256: "0".repeat(64) }] };

const gridList = {
  ...{ format: "isa4d-grid-views", record: "o.mp4.json", mosaic: { file: "o.mp4" } },
  views: [{ file: "o-view-0.mp4" }],
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
      output("-o n.mp4 --preview-file now.png", "now.png"),
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
  {
    name: "grid",
    args: words(
      "grid -i anna.png --motion walk.npz --views 2 --view-cameras a.json --view-cameras b.json " +
        "--view-background 1=b.jpg --given-view 0=front.mp4 --given-time 0=t/%04d.png",
    ),
    files: files(
      ...["anna.png", "walk.npz", "a.json", "b.json", "b.jpg", "front.mp4", "t/0001.png"],
    ),
    outputs: [
      output("-o o.mp4", ...video.writes, "o-view-0.mp4", "o-view-1.mp4", "o.grid.json"),
      output("-o n.mp4 --nerfstudio s", "s/transforms.json", "s/images/view-1/0001.png"),
      output("-o g/%04d.png", "g/0009.png", "g/view-1/0001.png", "g/grid.json", "g/metadata.json"),
    ],
  },
  {
    name: "preview",
    args: words("preview -i anna.png --ref-pose w.npz#frame=3 --motion builtin:walk"),
    files: files("anna.png", "w.npz"),
    outputs: [
      output("-o s.png", "s.png"),
      output("-o both", "both.png", "both.mp4"),
      output("--strict", "preview.png"),
    ],
  },
  {
    name: "track",
    args: words("track in.mp4"),
    files: files("in.mp4"),
    outputs: [
      output("-o d", "d/motion.json", "d/scene.png", "d/track.json"),
      output("-o d --video", "d/body.mp4"),
    ],
  },
  ...(["encode", "decode", "reconstruct"] as const).map((command) => ({
    name: command,
    args: words(`${command} in.mp4 --weights vae.safetensors`),
    files: files("in.mp4", "vae.safetensors"),
    outputs: command === "encode"
      ? [output("-o z.safetensors", "z.safetensors", "z.safetensors.index.json")]
      : [output("-o o.mp4", "o.mp4"), output("-o o.png", "o.png"), pictureSequence],
  })),
  {
    name: "convert",
    args: words("convert tracks.pkl#tid=2"),
    files: files("tracks.pkl"),
    outputs: [output("walk.npz", "walk.npz"), output("cams.json --to isa4d-cameras", "cams.json")],
  },
  {
    name: "weights convert",
    args: words(
      "weights convert sd3.safetensors --to isa_dit --config c.json --image-encoder clip",
    ),
    files: {
      ...files("shard.safetensors", "c.json", "clip/model.safetensors"),
      "sd3.safetensors.index.json": '{"weight_map":{"x":"shard.safetensors"}}',
    },
    outputs: [output("-o o.safetensors", "o.safetensors", "o.safetensors.index.json")],
  },
  {
    name: "index",
    args: words("index footage"),
    files: files("footage/a.mp4", "footage/a.body.npz", "footage/a.camera.json"),
    outputs: [output("--jobs 1", "footage/videos.json"), output("-o i.json", "i.json")],
  },
  {
    name: "synth",
    args: words("synth --motions moves --body body.safetensors"),
    files: files("moves/walk.npz", "body.safetensors"),
    outputs: [output("-o set", "set/index.json"), output("--clips 2 --sheet -o s.png", "s.png")],
  },
  {
    name: "train vae",
    args: words("train vae --data clips@2 --validation held --init v.safetensors --config c.json"),
    files: {
      ...files("clips/shard-0.safetensors", "held/index.json", "v.safetensors"),
      "c.json": JSON.stringify(vaeTrainPresets.tiny),
    },
    outputs: [
      output(
        "--output run",
        ...["run/config.json", "run/log.jsonl", "run/vae.safetensors", "run/samples/a.png"],
        ...["run/best.json", "run/step-0000100.safetensors"],
      ),
    ],
  },
  {
    name: "train dit",
    args: words("train dit --config tiny --data clips --vae v.safetensors"),
    files: files("clips/shard-0.safetensors", "v.safetensors"),
    outputs: [output("--output run", "run/isa_dit.safetensors", "run/lora.safetensors")],
  },
  {
    name: "train features",
    args: words("train features --config image --data clips"),
    files: files("clips/shard-0.safetensors"),
    outputs: [output("--output run", "run/features.safetensors", "run/config.json")],
  },
  {
    name: "train report",
    args: words("train report run"),
    files: files("run/log.jsonl", "run/config.json", "run/samples/step-0000001.png"),
    outputs: [output("--quiet", "run/report.html"), output("-o page.html", "page.html")],
  },
  {
    name: "eval video",
    args: words("eval video made true --mask m --lpips-net n.pth --lpips-linear l.pth"),
    files: files("made/a.mp4", "true/a.mp4", "m/a.png", "n.pth", "l.pth"),
    outputs: [output("--output D", "D/video.json", "D/worst-1.png", "D/worst-9.png")],
  },
  {
    name: "eval set",
    args: words("eval set made true --i3d i.pt --inception p.pth --features f.st"),
    files: files("made/a.mp4", "true/a.mp4", "i.pt", "p.pth", "f.st"),
    outputs: [output("--output D", "D/set.json")],
  },
  {
    name: "eval solo",
    args: words("eval solo made --clip clip --reference anna.png --features f.st"),
    files: files("made/a.mp4", "clip/model.safetensors", "anna.png", "f.st"),
    outputs: [output("--output D", "D/solo.json")],
  },
  {
    name: "eval reenact",
    args: words("eval reenact in.mp4 --weights none"),
    files: files("in.mp4"),
    outputs: [output("--output D", "D/reenact.json"), output("--sheet s.png", "s.png")],
  },
  {
    name: "eval follow",
    args: words("eval follow made.json --record old.json --features f.st"),
    files: { ...files("made.json", "f.st", "walk.npz"), "old.json": JSON.stringify(hashed) },
    outputs: [output("--output D", "D/follow.json")],
  },
  {
    name: "eval views",
    args: words("eval views o.grid.json"),
    files: {
      ...files("o.mp4", "o-view-0.mp4", "o.mp4.json"),
      "o.grid.json": JSON.stringify(gridList),
    },
    outputs: [output("--output D", "D/views.json")],
  },
  {
    name: "eval vae",
    args: words("eval vae --data held --vae a=v.safetensors --dit-run run"),
    files: files("held/shard-0.safetensors", "v.safetensors", "run/log.jsonl"),
    outputs: [
      output("--figures F --output D", "D/vae.json", "F/dit_loss.svg", "F/latent_histogram.svg"),
    ],
  },
  {
    name: "eval generate",
    args: words("eval generate --data a=held --data b=other --i3d i.pt"),
    files: files("held/shard-0.safetensors", "other/shard-0.safetensors", "i.pt"),
    outputs: [output("--sheet s.png --output D", "D/generate.json", "s-a.png", "s-b.png")],
  },
  {
    name: "eval grid",
    args: words("eval grid --data held"),
    files: files("held/shard-0.safetensors"),
    outputs: [output("--sheet s.png --output D", "D/grid.json", "s.png")],
  },
  {
    name: "eval report",
    args: words("eval report D"),
    files: files("D/video.json", "D/worst-1.png"),
    outputs: [output("--quiet", "D/report.html"), output("-o page.html", "page.html")],
  },
  {
    name: "view",
    args: words("view made.mp4.json --metrics m.json"),
    files: { ...files("made.mp4", "m.json"), "made.mp4.json": JSON.stringify(record) },
    outputs: [output("--html page.html", "page.html")],
  },
  {
    name: "demo",
    args: words("demo --weights ./weights"),
    files: files("weights/video_vae.safetensors", "weights/isa_dit.safetensors"),
    outputs: [
      output("-o d", ...["reference.png", "truth.mp4", "result.mp4.json"].map((n) => `d/${n}`)),
    ],
  },
  {
    name: "batch",
    args: words("batch jobs.jsonl"),
    files: {
      ...files("anna.png", "pose.json", "walk.npz", "bert.png"),
      "jobs.jsonl": [job, { ...job, reference: { image: "bert.png", pose: "none" } }]
        .map((line, i) => JSON.stringify({ ...line, output: `${i}.mp4` })).join("\n"),
    },
    outputs: [output("--output D", "D/0.mp4", "D/1.mp4.json", "D/1.mp4.resume.safetensors")],
  },
];
