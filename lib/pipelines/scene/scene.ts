/**
 * The geometry of a job: body, persons over time, cameras. Plain arrays, so that wrong files are
 * found before libtorch is opened.
 * @module
 */
import { readBody } from "../../data/mod.ts";
import type { BodyMesh, CameraPath } from "../../geometry/mod.ts";
import type { Job } from "../job/mod.ts";
import { camerasOf } from "./cameras.ts";
import { type PersonMotion, personMotions } from "./person_motion.ts";
import { type LoadedReference, loadReference } from "./reference.ts";

/** One person of a scene, one pose a frame. */
export interface ScenePerson extends PersonMotion {
  /** What the person looks like. */
  readonly reference: LoadedReference;
}

/** Everything that a job says about space. */
export interface Scene {
  /** The body that all persons wear. */
  readonly body: BodyMesh;
  /** In the job's order. */
  readonly persons: readonly ScenePerson[];
  /** One a frame. */
  readonly cameras: CameraPath;
}

/** Tells the user something that is no error. */
export type OnNotice = (text: string) => void;

/**
 * Loads motions, references and cameras of a job; `bodyPath` is the body where the job names none.
 * Throws {@linkcode InputError} for wrong files.
 */
export async function loadScene(
  job: Job,
  options: { readonly bodyPath: string; readonly onNotice?: OnNotice },
): Promise<Scene> {
  const { bodyPath } = options;
  const onNotice = options.onNotice && onceEach(options.onNotice);
  const body = await readBody(job.body ?? bodyPath);
  const { width, height } = job;
  const context = { body, width, height, frameOn: job.frameOn, onNotice };
  const first = await loadReference(job.reference, context);
  const references: LoadedReference[] = [];
  for (const { reference } of job.persons) {
    references.push(reference ? await loadReference(reference, context) : first);
  }
  const shapes = references.map(({ known }) => known?.body.shape);
  const motions = await personMotions(job, { body, shapes, onNotice });
  const persons = references.map((reference, i) => ({ reference, ...motions[i] }));
  return { body, persons, cameras: await camerasOf(job, { body, persons, onNotice }) };
}

/** The same file can be motion and reference: what is to be said of it is said once. */
function onceEach(onNotice: OnNotice): OnNotice {
  const told = new Set<string>();
  return (text) => {
    if (!told.has(text)) onNotice(text);
    told.add(text);
  };
}
