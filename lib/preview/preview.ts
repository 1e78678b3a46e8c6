/**
 * A job looked at before any model is loaded: what goes in, drawn and checked.
 * @module
 */
import { type CameraPath, scaleCamera } from "../geometry/mod.ts";
import type { Frames, FrameStream } from "../io/mod.ts";
import {
  loadReference,
  loadScene,
  openBackground,
  paintScene,
  type Scene,
} from "../pipelines/scene/mod.ts";
import { type Job, photoPose, type Reference } from "../pipelines/job/mod.ts";
import { drawPrior } from "../prior/mod.ts";
import { type FrameFacts, sceneFacts } from "./facts.ts";
import { checkMotions } from "./motion_checks.ts";
import {
  edgeColour,
  frameLabel,
  layOver,
  paintFrame,
  paintMarks,
  paintReference,
  type Size,
  viewSize,
} from "./pictures.ts";
import {
  checkBodyHeight,
  checkReference,
  fitReference,
  type ReferenceFit,
} from "./reference_checks.ts";
import { drawSheet, type ReferencePanel } from "./sheet.ts";
import { topView } from "./top_view.ts";
import { checkViews } from "./view_checks.ts";
import { percent, type PreviewWarning } from "./warnings.ts";

/** What a preview is made with. */
export interface PreviewOptions {
  /** The body asset. */
  readonly bodyPath: string;
  /** Told what the user should know and that is no error. */
  readonly onNotice?: (text: string) => void;
  /** Ends the drawing between two frames. */
  readonly signal?: AbortSignal;
}

/** A job's geometry, measured and checked; nothing is drawn yet. */
export interface InspectedJob {
  /** The job. */
  readonly job: Job;
  /** Its geometry. */
  readonly scene: Scene;
  /** [persons][frames]. */
  readonly facts: readonly (readonly FrameFacts[])[];
  /** How each person's reference pose meets its picture; absent where there is no pose. */
  readonly fits: readonly (ReferenceFit | undefined)[];
  /** What the user should look at before a long run. */
  readonly warnings: readonly PreviewWarning[];
}

/** Side of a 2D token in pixels, in all presets. */
const TOKEN = 16;

/** Motions placed by their file stand on y = 0 where they come this near to it, metres; else nobody knows. */
const FLOOR_KNOWN = 0.25;

/** Loads and checks what a job says about space. Errors as `loadScene`. */
export async function inspectJob(job: Job, options: PreviewOptions): Promise<InspectedJob> {
  const { bodyPath, onNotice } = options;
  return await inspectScene(job, await loadScene(job, { bodyPath, onNotice }));
}

/** Checks a job whose scene is loaded. */
export async function inspectScene(job: Job, scene: Scene): Promise<InspectedJob> {
  const { body, persons } = scene;
  const facts = sceneFacts(scene);
  const onFloor = facts.map((track, index) => {
    const lowest = Math.min(...track.map((frame) => frame.lowest));
    return job.persons[index].placement === "floor" || Math.abs(lowest) < FLOOR_KNOWN;
  });
  const fits: (ReferenceFit | undefined)[] = [];
  const warnings = [
    ...viewWarnings(job, facts),
    ...checkMotions(facts, { fps: job.fps, onFloor }),
  ];
  for (const [index, { poses }] of persons.entries()) {
    const reference = referenceOf(job, index);
    const own = index === 0 || job.persons[index].reference !== undefined;
    const fit = own ? await fitReference(reference, { job, body }) : fits[0];
    fits.push(fit);
    if (own) {
      const check = { job, index, reference, body, fit, track: facts[index] };
      warnings.push(...await checkReference(check));
    }
    warnings.push(
      ...checkBodyHeight(body, { shape: poses[0].shape, index, persons: persons.length }),
    );
  }
  const kept = warnings.filter((warning) => !isPhotosFraming(warning, job, fits));
  return { job, scene, facts, fits, warnings: kept };
}

/** A body may leave the picture by this more than the photo cuts off itself, as a share. */
const LIVELY = 0.2;

/** Whether a finding is that the video shows as much of somebody as the photo that it continues. */
function isPhotosFraming(
  { kind, person = 1, value = 1 }: PreviewWarning,
  { camera, reference }: Job,
  fits: readonly (ReferenceFit | undefined)[],
): boolean {
  const continues = photoPose(reference.pose) && /^(auto|photo)$/.test(camera);
  const cut = fits[person - 1]?.outside ?? 0;
  return !!continues && kind === "partly_out_of_frame" && value < cut + LIVELY;
}

/** Findings about one camera path; a close-up cuts persons off on purpose. */
function viewWarnings(
  job: Job,
  facts: readonly (readonly FrameFacts[])[],
): PreviewWarning[] {
  return checkViews(facts, { tokenRows: job.height / TOKEN })
    .filter(({ kind }) => job.frameOn === "full" || !/out_of_frame$/.test(kind));
}

/** As {@linkcode inspectScene} of a scene that several cameras see: what is wrong, by view. */
export async function inspectViews(
  job: Job,
  { scene, cameras }: { readonly scene: Scene; readonly cameras: readonly CameraPath[] },
): Promise<PreviewWarning[]> {
  const { facts, warnings } = await inspectScene(job, { ...scene, cameras: cameras[0] });
  const ofView = new Set(viewWarnings(job, facts).map(({ message }) => message));
  const common = warnings.filter(({ message }) => !ofView.has(message));
  return [
    ...common,
    ...cameras.flatMap((path, view) =>
      viewWarnings(job, view === 0 ? facts : sceneFacts({ ...scene, cameras: path }))
        .map((warning) => ({ ...warning, view, message: `view ${view}: ${warning.message}` }))
    ),
  ];
}

function referenceOf(job: Job, index: number): Reference {
  return job.persons[index].reference ?? job.reference;
}

/** Pictures that the sheet shows of the video. */
const SHEET_FRAMES = 8;

/** Frames spread over a video, first and last among them. */
function sheetFrames(count: number): number[] {
  const many = Math.min(SHEET_FRAMES, count);
  return Array.from(
    { length: many },
    (_, i) => Math.round(i * (count - 1) / Math.max(1, many - 1)),
  );
}

/** Who takes what is drawn. */
export interface DrawOptions extends Pick<PreviewOptions, "onNotice" | "signal"> {
  /** Takes the video, each frame with its number and what is wrong in it; absent: none is drawn. */
  readonly consume?: (video: FrameStream) => Promise<void>;
  /** Shown below the findings. It may grow while the video is drawn. */
  readonly notices?: readonly string[];
}

/** Draws an inspected job: the video for `consume`, and the contact sheet, which is returned. */
export async function drawPreview(
  inspected: InspectedJob,
  options: DrawOptions = {},
): Promise<Frames> {
  const { job, facts, scene, warnings } = inspected;
  const size = viewSize(job);
  const shown = sheetFrames(job.frames);
  const kept = new Map<number, Uint8Array>();
  const priors = await priorDrawer(inspected, { size, shown });
  const references = await referencePanels(inspected, size);
  const { consume } = options;
  const painting = {
    ...options,
    ...{ size, shown: new Set(shown), kept, priors, whole: consume !== undefined },
  };
  const frames = paintedFrames(inspected, painting);
  if (consume) await consume({ ...size, fps: job.fps, frames });
  else while (!(await frames.next()).done);
  return await drawSheet({
    title: "isa4d preview",
    lines: describeJob(job),
    size,
    count: job.frames,
    fps: job.fps,
    references,
    frames: shown.map((frame) => ({ frame, picture: kept.get(frame)! })),
    priors: priors.drawn,
    map: (side) => topView({ facts, cameras: scene.cameras, shown, size: side }),
    warnings,
    notices: options.notices ?? [],
  });
}

interface Painting extends Pick<PreviewOptions, "onNotice" | "signal"> {
  readonly size: Size;
  /** Frames to put aside, without labels, into `kept`. */
  readonly shown: ReadonlySet<number>;
  readonly kept: Map<number, Uint8Array>;
  readonly priors: PriorDrawer;
  /** Whether the other frames are wanted as well. */
  readonly whole: boolean;
}

async function* paintedFrames(
  { job, scene, warnings }: InspectedJob,
  { size, shown, kept, priors, whole, onNotice, signal }: Painting,
): AsyncGenerator<Uint8Array> {
  const { body, persons, cameras } = scene;
  const background = await openBackground({ ...job, ...size }, onNotice);
  const plain = flat(edgeColour(persons[0].reference.picture), size);
  try {
    for (const [frame, camera] of cameras.entries()) {
      signal?.throwIfAborted();
      const behind = background ? (await background.next()).value as Uint8Array : plain;
      if (!whole && !shown.has(frame)) continue;
      const posed = persons.map(({ poses }) => body.pose(poses[frame]).vertices);
      priors.draw(frame, behind);
      const picture = paintFrame(body, posed, { camera, background: behind, size });
      if (shown.has(frame)) kept.set(frame, picture.slice());
      const wrong = warnings.filter(({ frames }) =>
        frames?.some(([a, b]) => frame >= a && frame <= b)
      );
      const kinds = [...new Set(wrong.map(({ kind }) => kind.replaceAll("_", " ")))];
      layOver(picture, size, await frameLabel(`${frame}`, kinds));
      yield picture;
    }
  } finally {
    await background?.return(undefined);
  }
}

interface PriorDrawer {
  /** Draws the prior of a frame, where it is among those shown. */
  readonly draw: (frame: number, background: Uint8Array) => void;
  /** What was drawn. */
  readonly drawn: { readonly frame: number; readonly picture: Uint8Array }[];
}

/** The prior of every second frame of the sheet; none where a reference's pose is not known. */
async function priorDrawer(
  { job, scene }: InspectedJob,
  { size, shown }: { readonly size: Size; readonly shown: readonly number[] },
): Promise<PriorDrawer> {
  const { persons, cameras } = scene;
  if (persons.some(({ reference }) => !reference.whole)) return { draw: () => {}, drawn: [] };
  const painted = await paintScene(job, scene);
  const wanted = new Set(shown.filter((_, i) => i % 2 === 0));
  const drawn: { frame: number; picture: Uint8Array }[] = [];
  return {
    drawn,
    draw: (frame, background) => {
      if (!wanted.has(frame)) return;
      const figures = persons.map(({ poses }, i) => ({ painted: painted[i], pose: poses[frame] }));
      const { rgb } = drawPrior(figures, scaleCamera(cameras[frame], size), { background });
      drawn.push({ frame, picture: rgb });
    },
  };
}

function flat(colour: readonly number[], { width, height }: Size): Uint8Array {
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => colour[i % 3]);
}

/** Each different reference once, at the view's size. */
async function referencePanels(
  { job, scene: { body }, fits }: InspectedJob,
  size: Size,
): Promise<ReferencePanel[]> {
  const panels: ReferencePanel[] = [];
  for (const [index, { reference }] of job.persons.entries()) {
    if (index > 0 && !reference) continue;
    const { picture, known, marks } = await loadReference(referenceOf(job, index), {
      body,
      ...size,
      frameOn: job.frameOn,
    });
    const overlay = known &&
      paintReference(body, body.pose(known.body).vertices, { camera: known.camera, picture });
    if (overlay && marks) paintMarks(overlay, size, marks);
    const covered = fits[index]?.covered;
    panels.push({
      label: job.persons.length > 1 ? `reference of person ${index + 1}` : "reference",
      picture: picture.data,
      overlay,
      overlayLabel: !known
        ? "the model sees no body in it"
        : covered === undefined
        ? "with its body"
        : `with its body: covers ${percent(covered)} of the person`,
    });
  }
  return panels;
}

/** The job in two lines. */
function describeJob(job: Job): string[] {
  const { width, height, frames, fps, camera, background, weights, persons } = job;
  const name = (path: string) => path.slice(path.lastIndexOf("/") + 1);
  const seconds = ((frames - 1) / fps).toFixed(2);
  return [
    `${width}×${height} · ${frames} frames at ${fps} fps, ${seconds} s · ${
      Math.ceil(width / TOKEN)
    }×${Math.ceil(height / TOKEN)} tokens a latent frame`,
    `motion ${persons.map(({ motion }) => name(motion)).join(" and ")} · camera ${
      name(camera)
    } · background ${name(background)} · weights ${name(weights)}`,
  ];
}
