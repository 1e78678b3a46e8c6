/** What measures it: what a metric needs to be had. */
export type MetricGroup =
  /** Each frame against the true one: `isa4d eval video`. */
  | "frame"
  /** The same over a mask's pixels. */
  | "mask"
  /** A held-out clip against its truth: columns of `isa4d eval generate`. */
  | "clip"
  /** The distance of two sets of clips, by a network. */
  | "set"
  /** A video without a true one. */
  | "solo"
  /** A result against the job that asked for it. */
  | "follow"
  /** A real clip made again, by networks that look at its persons: beside those of `clip`. */
  | "reenact";

/** All that is said of a metric; how it is computed stands beside its group. */
export interface Metric {
  /** What pages and pictures call it. */
  readonly label: string;
  /** Head of a narrow column. Default: the label. */
  readonly head?: string;
  /** Default: none, a plain number. */
  readonly unit?: "dB" | "pixels" | "diagonals a second";
  /** "neither" for what is there to compare others with. */
  readonly better: "higher" | "lower" | "neither";
  /** Digits after the point in tables. Default 4. */
  readonly digits?: number;
  readonly groups: readonly MetricGroup[];
  /** A distance between pictures by a network that must be loaded. */
  readonly net?: true;
}

/** In the order of columns. A metric that joins a group must be computed there to compile. */
export const metrics = {
  psnr: { label: "PSNR", unit: "dB", better: "higher", digits: 2, groups: ["frame", "clip"] },
  /** Over the true mask of the person. */
  personPsnr: {
    label: "PSNR on person",
    head: "on person",
    unit: "dB",
    better: "higher",
    digits: 2,
    groups: ["clip"],
  },
  ssim: { label: "SSIM", better: "higher", digits: 3, groups: ["frame", "clip"] },
  /** Intersection over union of person masks. */
  iou: { label: "IoU", better: "higher", digits: 3, groups: ["clip"] },
  "ms-ssim": { label: "MS-SSIM", better: "higher", groups: ["frame"] },
  lpips: { label: "LPIPS", better: "lower", groups: ["frame", "clip"], net: true },
  /** Synthetic perceptual distance: made as LPIPS is, of this project's own small network. */
  spd: { label: "SPD", better: "lower", groups: ["frame", "clip"], net: true },
  /** LPIPS' form on EfficientNet-Lite0's features of real pictures, all channels weighed alike. */
  efficientnet: {
    label: "EfficientNet distance",
    head: "EfficientNet",
    better: "lower",
    groups: ["frame", "clip"],
    net: true,
  },
  "mask-psnr": { label: "mask-PSNR", unit: "dB", better: "higher", digits: 2, groups: ["mask"] },
  "mask-ssim": { label: "mask-SSIM", better: "higher", digits: 3, groups: ["mask"] },
  /** Fréchet synthetic video distance, of this project's own small network. */
  fsvd: { label: "FSVD", better: "lower", groups: ["set"] },
  fvd: { label: "FVD", better: "lower", digits: 2, groups: ["set"] },
  fid: { label: "FID", better: "lower", digits: 2, groups: ["set"] },
  /** Mean cosine similarity of the person's features to the first and to the last frame before. */
  subjectConsistency: {
    label: "subject consistency",
    head: "subject",
    better: "higher",
    groups: ["solo"],
  },
  /** The same outside the person. */
  backgroundConsistency: {
    label: "background consistency",
    head: "background",
    better: "higher",
    groups: ["solo"],
  },
  /** 1 − jerk: how little blocks' moves change from one frame to the next, against their length. */
  motionSmoothness: {
    label: "motion smoothness",
    head: "smoothness",
    better: "higher",
    groups: ["solo"],
  },
  /** Mean of the fastest twentieth of the blocks. */
  dynamicDegree: {
    label: "dynamic degree",
    head: "dynamic",
    unit: "diagonals a second",
    better: "higher",
    groups: ["solo"],
  },
  /** 1 − the mean absolute difference of successive frames, values 0..1: VBench's flicker. */
  steadiness: { label: "steadiness", better: "higher", groups: ["solo"] },
  /** As the consistencies above, of CLIP's embedding of whole frames. */
  clipConsistency: { label: "CLIP consistency", head: "CLIP", better: "higher", groups: ["solo"] },
  /** Mean cosine similarity of CLIP's embeddings of the frames to that of a picture. */
  clipReference: { label: "CLIP to reference", better: "higher", groups: ["solo"] },
  /** Intersection over union of the person found and the bodies asked for. */
  poseIou: { label: "pose IoU", better: "higher", digits: 3, groups: ["follow"] },
  /** The same with the bodies of the first frame: what a still picture would have. */
  stillIou: { label: "IoU if still", better: "neither", digits: 3, groups: ["follow"] },
  /** Share of the joints found within a sixteenth of the picture's height; one person only. */
  jointsFound: {
    label: "joints found",
    head: "joints",
    better: "higher",
    digits: 3,
    groups: ["follow"],
  },
  /** Median way between where background blocks went and where the cameras let them. */
  cameraError: {
    label: "camera error",
    unit: "pixels",
    better: "lower",
    digits: 2,
    groups: ["follow"],
  },
  /** Median way that they went at all: the error if the camera were taken to stand still. */
  backgroundMotion: {
    label: "background motion",
    head: "its motion",
    unit: "pixels",
    better: "neither",
    digits: 2,
    groups: ["follow"],
  },
  /** Share of the true frame's landmarks that a network finds within a 32nd of the shorter side. */
  landmarksFound: {
    label: "landmarks found",
    head: "landmarks",
    better: "higher",
    digits: 3,
    groups: ["reenact"],
  },
  /** Cosine similarity of the person's features to the reference's. */
  identity: { label: "identity", better: "higher", digits: 3, groups: ["follow", "reenact"] },
} as const satisfies Readonly<Record<string, Metric>>;

/** The table of all metrics, by name. */
export type Metrics = typeof metrics;

/** A metric's name, as records and flags have it. */
export type MetricName = keyof Metrics;

/** Names of the metrics of some groups. */
export type MetricOf<Group extends MetricGroup> = {
  [Name in MetricName]: Extract<Metrics[Name]["groups"][number], Group> extends never ? never
    : Name;
}[MetricName];

/** Names of the distances that a network must be loaded for. */
export type NetMetric = {
  [Name in MetricName]: Metrics[Name] extends { readonly net: true } ? Name : never;
}[MetricName];

const names = Object.keys(metrics) as MetricName[];

/** Metrics of some groups, in the order of columns. */
export function metricsOf<Group extends MetricGroup>(
  ...groups: readonly Group[]
): readonly MetricOf<Group>[] {
  const wanted: readonly MetricGroup[] = groups;
  return names.filter((name): name is MetricOf<Group> =>
    metrics[name].groups.some((group) => wanted.includes(group))
  );
}

/** Whether a network must be loaded for a metric. */
export function isNetMetric(name: MetricName): name is NetMetric {
  return "net" in metrics[name];
}

/** Metrics that a network must be loaded for, in the order of columns. */
export const netMetrics: readonly NetMetric[] = names.filter(isNetMetric);

/** What is said of a metric; undefined for a name that this version does not measure. */
export function metricNamed(name: string): Metric | undefined {
  return Object.hasOwn(metrics, name) ? metrics[name as MetricName] : undefined;
}

/** Head of a metric's column, with an arrow that says which way is better. */
export function headOf(name: MetricName): string {
  const { label, head }: Metric = metrics[name];
  return withArrow(head ?? label, name);
}

/** A metric's name in any words, with an arrow that says which way is better. */
export function withArrow(text: string, name: string): string {
  const better = metricNamed(name)?.better ?? "neither";
  return { higher: `${text} ↑`, lower: `${text} ↓`, neither: text }[better];
}

/** Rows in the order of tables: what models are compared with, then what they make. */
export function baselinesFirst<T extends { readonly row: string }>(rows: readonly T[]): T[] {
  const made = ({ row }: T) => Number(MADE.has(row));
  return rows.toSorted((a, b) => made(a) - made(b));
}

/** Rows that a model makes. */
const MADE: ReadonlySet<string> = new Set(["model", "grid", "each view alone"]);

/** How bad a value is beside others of the same metric: the higher the worse; none is the worst. */
export function badness(name: string, value: number | null | undefined): number {
  if (value === null || value === undefined) return Infinity;
  const better = metricNamed(name)?.better ?? "neither";
  return better === "neither" ? 0 : better === "lower" ? value : -value;
}
