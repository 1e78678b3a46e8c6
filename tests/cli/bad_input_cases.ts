/**
 * Everything that a user can get wrong in `isa4d generate`, row by row.
 * @module
 */
import {
  bareVae,
  closedFile,
  closedFolder,
  cut,
  frames,
  npz,
  picture,
  safetensors,
  scalar,
  script,
  widePng,
  type Writer,
} from "./bad_files.ts";

/** One way to fail. */
export interface BadInput {
  readonly name: string;
  /** Flags laid over a good job; or, where they begin with a command, the whole line. */
  readonly flags: string;
  readonly code: 1 | 2;
  readonly says: RegExp;
  /** Files made first, in order. */
  readonly files: Readonly<Record<string, string | Writer>>;
  /** A program of `files`, or a path, that stands in for ffmpeg. */
  readonly ffmpeg?: string;
  /** Runs as a process of its own: where `disk/` is full, or as a user whom permissions bind. */
  readonly machine?: "full disk" | "bound user";
  /** Files that stay on purpose. */
  readonly keeps?: readonly string[];
}

type Extra = Partial<Pick<BadInput, "files" | "ffmpeg" | "machine" | "keeps">>;

/** What a run leaves that failed when all was sampled, so that `--resume` can go on. */
const keeps = ["out.mp4.resume.safetensors"];

const row = (name: string, flags: string, says: RegExp, extra: Extra = {}): BadInput => ({
  name,
  flags,
  code: 1,
  says,
  files: {},
  ...extra,
});

const misuse = (name: string, flags: string, says: RegExp, extra: Extra = {}): BadInput => ({
  ...row(name, flags, says, extra),
  code: 2,
});

/** A row that hands one broken file to one flag. */
const file = (name: string, flag: string, path: string, content: string | Writer, says: RegExp) =>
  row(name, `${flag} ${path}`, says, { files: { [path]: content } });

const usage = [
  misuse("a group without its command", "$ eval", /a command is missing/),
  misuse("unknown command", "$ genrate", /did you mean generate/i),
  misuse("unknown flag", "--frams 3", /unknown option '--frams'.*--frames/),
  misuse("flag without value", "--steps", /--steps.*argument missing/),
  misuse("zero frames", "--frames 0", /--frames.*expected at least 1/),
  misuse("half a frame", "--frames 1.5", /--frames.*a whole number/),
  misuse("negative fps", "--fps -8", /--fps.*expected more than 0/),
  misuse("fps that is no number", "--fps fast", /--fps.*number/),
  misuse("odd width", "-W 131", /131 is odd: 130 or 132 would do/),
  misuse("zero steps", "--steps 0", /--steps.*at least 1/),
  misuse("unknown sampler", "--sampler ddim", /--sampler.*euler/),
  misuse("unknown device", "--device gpu", /--device.*cpu, cuda or cuda:N/),
  misuse(
    "output of another kind",
    "-o out.avi",
    /out\.avi": expected .*\.mp4, \.mov, \.mkv, \.webm/,
  ),
  row("a gif too fast", "-o out.gif --fps 60", /60 frames a second, a gif plays at most 50/),
  misuse("guidance that ends before it begins", "--cfg-interval 0.9:0.2", /lower flow time first/),
  misuse("guidance at one time", "--cfg-interval 0.5", /two numbers from:to/),
  misuse("tiles too small", "--vae-tiling 8", /--vae-tiling.*at least 32/),
  misuse("resuming a stream", "-o - --resume", /a stream to stdout cannot be continued/),
  misuse(
    "resuming what is only decoded",
    "--latents z.st --resume",
    /--latents does not sample, so --resume/,
  ),
  misuse("latents and a job", "--latents z.st --job a.json", /--latents and --job/),
  row("missing latents", "$ generate --latents gone.st -o o.mp4", /gone\.st": there is no such/),
  misuse("latents named as a picture", "--save-latents z.png", /z\.png": .*\.safetensors or \.st/),
  misuse("offset of two numbers", "--offset 1,2", /three numbers x,y,z/),
  misuse("format without stdout", "--format y4m", /--format is for stdout/),
  misuse("no reference", "$ generate --motion builtin:walk", /--ref-image FILE and --output FILE/),
  misuse("two poses for one picture", "--ref-pose a.json", /given 2 times for 1 --ref-image/),
  misuse("job and from", "--job a.json --from b.mp4", /--from and --job/),
];

const pictures = [
  row("missing picture", "-i gone.png", /gone\.png": there is no such file/),
  file("empty picture", "-i", "e.png", "", /e\.png": the file is empty/),
  file("picture that is text", "-i", "t.png", "hello", /t\.png" as an image/),
  file("truncated picture", "-i", "c.png", cut("me.png", 60), /c\.png" as an image/),
  file("1×1 picture", "-i", "p.png", picture(1, 1), /p\.png": 1×1 pixels, expected 16 to/),
  file("20,000 pixels a side", "-i", "w.png", widePng, /w\.png": 20000×20000 pixels, expected/),
  row("a folder for a picture", "-i folder.mp4", /folder\.mp4": it is a folder/),
];

const shortPose = '{"format":"isa4d-pose","pose":[1,2,3],"translation":[0,0,0]}';
const threeFrames = npz({ poses: frames(3, 72), trans: frames(3, 3), fps: scalar(30) });

const poses = [
  row("missing pose", "--ref-pose gone.json", /gone\.json": there is no such file/),
  file("pose that is not JSON", "--ref-pose", "p.json", "{", /p\.json": it is not JSON/),
  file("pose of another format", "--ref-pose", "p.json", "{}", /as an isa4d-pose: format/),
  file("pose of 3 numbers", "--ref-pose", "p.json", shortPose, /p\.json".*pose: /),
  row("pose without frame", "--ref-pose w.npz", /w\.npz" as a pose: expected .*#frame=N/, {
    files: { "w.npz": threeFrames },
  }),
  row("frame beyond the motion", "--ref-pose w.npz#frame=9", /frames 0 to 2/, {
    files: { "w.npz": threeFrames },
  }),
];

const motions = [
  misuse("unknown built-in motion", "--motion builtin:fly", /fly".*walk/),
  row("missing motion", "--motion gone.npz", /gone\.npz": there is no such file/),
  file("empty motion", "--motion", "e.npz", "", /e\.npz": the file is empty/),
  file("motion that is text", "--motion", "t.npz", "hello, no archive here", /t\.npz/),
  file("foreign npz", "--motion", "f.npz", npz({ other: frames(2, 2) }), /f\.npz" as a motion/),
  file(
    "70 columns",
    "--motion",
    "c.npz",
    npz({ poses: frames(2, 70), trans: frames(2, 3) }),
    /c\.npz".*70 columns/,
  ),
  file(
    "NaN in a motion",
    "--motion",
    "n.npz",
    npz({ poses: frames(2, 72, NaN), trans: frames(2, 3), fps: scalar(30) }),
    /n\.npz".*NaN in frame 0/,
  ),
  file(
    "motion of no frames",
    "--motion",
    "z.npz",
    npz({ poses: frames(0, 72), trans: frames(0, 3), fps: scalar(30) }),
    /z\.npz": it has no frames/,
  ),
  file(
    "motion of negative fps",
    "--motion",
    "r.npz",
    npz({ poses: frames(2, 72), trans: frames(2, 3), fps: scalar(-30) }),
    /r\.npz".*-30, expected a positive number/,
  ),
  row("truncated motion", "--motion k.npz", /k\.npz/, {
    files: { "w.npz": threeFrames, "k.npz": cut("w.npz", 200) },
  }),
];

const surroundings = [
  misuse("unknown camera path", "--camera zoom:m=1", /unknown camera path "zoom"/),
  row("missing cameras", "--camera gone.json", /gone\.json": there is no such file/),
  file("cameras of another kind", "--camera", "c.json", "{}", /cameras from "[^"]*c\.json"/),
  row("missing background", "--background gone.mp4", /gone\.mp4": there is no such file/),
  file("background that is text", "--background", "b.mp4", "hello", /b\.mp4" as a video/),
  misuse("no such colour", "--background #12", /"#12" is no colour, expected #rrggbb/),
];

const dit = cut("weights/isa_dit.safetensors");
const vae = cut("weights/video_vae.safetensors");
const folder = (name: string, videoVae: Writer, isaDit: Writer) => ({
  files: { [`${name}/video_vae.safetensors`]: videoVae, [`${name}/isa_dit.safetensors`]: isaDit },
});
const noWidth = safetensors({ kind: "isa_dit", config: '{"width":0}' });

const weights = [
  misuse("no such weights", "--weights huge", /no shipped weights "huge"/),
  row("missing folder of weights", "--weights ./none", /no folder of weights/),
  row("a folder without weights", "--weights ./folder.mp4", /no "video_vae\.safetensors"/),
  row(
    "weights of the wrong model",
    "--weights ./w",
    /no VideoVAE: kind "isa_dit"/,
    folder("w", dit, dit),
  ),
  row(
    "weights of no kind",
    "--weights ./k",
    /no isa4d metadata/,
    folder("k", vae, safetensors({})),
  ),
  row("config of no model", "--weights ./c", /ISA-DiT config: .*width/, folder("c", vae, noWidth)),
  row("weights without tensors", "--weights ./b", /vae.*missing/, folder("b", bareVae, dit)),
  row(
    "truncated weights",
    "--weights ./t",
    /video_vae\.safetensors" as safetensors/,
    folder("t", cut("weights/video_vae.safetensors", 500), dit),
  ),
];

const jobs = [
  row("missing job", "--job gone.json", /gone\.json": there is no such file/),
  file("job that is a list", "--job", "j.json", "[]", /j\.json" as a job/),
  {
    ...file(
      "job with an unknown key",
      "--job",
      "j.json",
      '{"frame":3}',
      /Unrecognized key: "frame"/,
    ),
    code: 2 as const,
  },
  row("no record in a file", "$ generate --from me.json", /me\.json" carries no isa4d record/),
  file(
    "grid made again as a video",
    "$ generate --from",
    "g.json",
    '{"format":"isa4d-grid"}',
    /isa4d grid --from/,
  ),
  file(
    "video made again as a grid",
    "$ grid --from",
    "v.json",
    '{"format":"isa4d-generation"}',
    /isa4d generate --from/,
  ),
  file("record as a job", "--job", "r.json", '{"format":"isa4d-generation"}', /give it to --from/),
  row("record of a missing video", "$ generate --from gone.mp4", /there is no such file/),
];

const outputs = [
  misuse("output that is the reference", "-i me.png -o ./me.png --frames 1", /input .*me\.png"/),
  misuse("output that exists", "", /out\.mp4" exists: .*-y/, { files: { "out.mp4": "mine" } }),
  misuse("record that exists", "", /out\.mp4\.json" exists/, { files: { "out.mp4.json": "{}" } }),
  misuse("older pictures", "-o p/%04d.png", /%04d\.png": 0007\.png to 0012\.png exist/, {
    files: { "p/0007.png": "mine", "p/0012.png": "mine" },
  }),
  misuse("state of an earlier run", "", /--resume continues it, -y starts over/, {
    files: { "out.mp4.resume.safetensors": "mine" },
  }),
  misuse("numbered folders", "-o out%02d/%04d.png", /pictures are numbered, not folders/),
  misuse("two numbers in a name", "-o %02d-%04d.png", /more than one number/),
  misuse("numbered videos", "-o %04d.mp4", /only pictures are numbered/),
  misuse(
    "output in a folder that is a file",
    "-o me.png/o.mp4",
    /me\.png" is a file, expected a fo/,
  ),
  misuse("one name for two outputs", "--matte out.webm -o out.webm", /-o and --matte would write/),
  row("full disk", "-o disk/out.mp4", /out\.mp4": the disk is full/, { machine: "full disk" }),
  row("no permission to write", "-o closed/out.mp4", /out\.mp4": permission denied/, {
    files: { "closed/": closedFolder },
    machine: "bound user",
  }),
  row("no permission to read", "--ref-pose p.json", /read "[^"]*p\.json": permission denied/, {
    files: { "p.json": closedFile },
    machine: "bound user",
  }),
  misuse("output over a folder", "-o folder.mp4", /a folder of that name is in the way/),
  row("ffmpeg missing", "", /cannot run ffmpeg at "\/nowhere\/ffmpeg"/, {
    ffmpeg: "/nowhere/ffmpeg",
    keeps,
  }),
  row("ffmpeg ends midway", "", /ffmpeg.*boom/, {
    files: { "stub": script("head -c 100 >/dev/null; echo boom >&2; exit 3") },
    ffmpeg: "stub",
    keeps,
  }),
  row("ffmpeg is killed midway", "", /ffmpeg.*SIGKILL/, {
    files: { "stub": script("head -c 100 >/dev/null; kill -9 $$") },
    ffmpeg: "stub",
    keeps,
  }),
];

/** The table. */
export const badInputs: readonly BadInput[] = [
  ...usage,
  ...pictures,
  ...poses,
  ...motions,
  ...surroundings,
  ...weights,
  ...jobs,
  ...outputs,
];
