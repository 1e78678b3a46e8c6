/**
 * A tracked video in one picture: frames with the body over them, and how far each frame's fit lies from
 * landmarks and mask.
 * @module
 */
import { median } from "../geometry/mod.ts";
import { encodePng, type Frames, readImage, renderSvgFrame } from "../io/mod.ts";
import type { FrameFit, TrackedClip } from "../track/mod.ts";
import { lettering, textWidth, wrapText } from "./lettering.ts";
import { viewSize } from "./pictures.ts";
import { embedded, ink, number, warningSign } from "./svg.ts";
import { type TrackDrawing, trackPictures } from "./track_pictures.ts";

/** Frames that are shown, in rows. */
const SHOWN = 11, COLUMNS = 4;
const PAD = 30, GAP = 14, CAPTION = 24, HEADER = 92;
/** Area of a picture in the sheet, square pixels. */
const AREA = 330 * 220;
/** Height of a chart, and the space over it. */
const CHART = 84, OVER = 40;

interface Cell {
  readonly width: number;
  readonly height: number;
}

/** Draws the sheet. Errors as the video's reader. */
export async function drawTrackSheet(drawing: TrackDrawing): Promise<Frames> {
  const { track } = drawing;
  const size = viewSize(track);
  const share = Math.sqrt(AREA / (size.width * size.height));
  const cell = { width: Math.round(size.width * share), height: Math.round(size.height * share) };
  const parts: string[] = [];
  const panels = await panelsOf(drawing);
  for (const [i, panel] of panels.entries()) {
    const [column, row] = [i % COLUMNS, Math.floor(i / COLUMNS)];
    const place = {
      x: PAD + column * (cell.width + GAP),
      y: HEADER + row * (cell.height + CAPTION + GAP),
    };
    parts.push(drawPanel(panel, { ...place, cell }));
  }
  const columns = Math.min(COLUMNS, panels.length);
  const width = Math.max(900, 2 * PAD + columns * (cell.width + GAP) - GAP);
  let y = HEADER + Math.ceil(panels.length / COLUMNS) * (cell.height + CAPTION + GAP);
  for (const chart of charts) {
    parts.push(drawChart(chart, { y: y + OVER, width: width - 2 * PAD, fits: track.fits }));
    y += OVER + CHART;
  }
  const words = drawWords(drawing, { y: y + OVER, width: width - 2 * PAD });
  return await renderSvgFrame(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${words.bottom + PAD}">` +
      `<rect width="100%" height="100%" fill="${ink.paper}"/>${header(drawing, width)}` +
      `${parts.join("")}${words.svg}</svg>`,
  );
}

/** A picture and what stands below it. */
interface Panel {
  readonly png: Uint8Array;
  readonly text: string;
  readonly wrong?: boolean;
  /** Numbers of persons, and where they are as shares of the picture. */
  readonly names?: readonly { readonly number: number; readonly x: number; readonly y: number }[];
}

/** Frames spread over the video, and last the empty scene. */
async function panelsOf(drawing: TrackDrawing): Promise<Panel[]> {
  const { track: { motion: { frames }, fits, fps, scene } } = drawing;
  const size = viewSize(drawing.track);
  const many = Math.min(SHOWN, frames);
  const shown = new Set(
    Array.from({ length: many }, (_, i) => Math.round(i * (frames - 1) / Math.max(1, many - 1))),
  );
  const panels: Panel[] = [];
  for await (const { frame, picture } of trackPictures(drawing, (frame) => shown.has(frame))) {
    const { doubt } = fits[frame];
    panels.push({
      png: await encodePng({ ...size, count: 1, fps: 1, data: picture }),
      text: `frame ${frame} · ${(frame / fps).toFixed(2)} s${doubt ? ` · ${doubt}` : ""}`,
      wrong: doubt !== undefined,
      names: namesIn(drawing.track, frame),
    });
  }
  const empty = await readImage(scene.path, { ...size, fit: "contain" });
  const filled = (100 * scene.filled).toFixed(0);
  return [...panels, {
    png: await encodePng(empty),
    text: `the empty scene; ${filled} % of it was never visible`,
  }];
}

/** Where the heads of all persons are who could be chosen; of a single one nobody asks. */
function namesIn({ persons, frames, width, height }: TrackedClip, frame: number): Panel["names"] {
  if (persons.length < 2) return [];
  return frames[frame].persons.flatMap(({ id, box }) => {
    const known = persons.find((person) => person.id === id);
    const [x, y] = [(box.x + box.width / 2) / width, box.y / height];
    return known ? [{ number: known.number, x, y: Math.min(0.95, Math.max(0.1, y)) }] : [];
  });
}

function drawPanel(
  { png, text, wrong, names = [] }: Panel,
  { x, y, cell: { width, height } }: {
    readonly x: number;
    readonly y: number;
    readonly cell: Cell;
  },
): string {
  const [stroke, thick] = wrong ? [ink.warning, 3] : [ink.line, 1];
  let size = 10;
  while (size > 6 && textWidth(text, size) > width) size -= 0.5;
  const pills = names.map((name) => {
    const [u, v] = [x + name.x * width, y + name.y * height];
    return `<circle cx="${number(u)}" cy="${
      number(v - 5)
    }" r="8" fill="#000" fill-opacity="0.6"/>` +
      lettering(`${name.number}`, { x: u, y: v - 1, size: 8, colour: "#fff", anchor: "middle" });
  });
  return embedded(png, { x, y, width, height }) + pills.join("") +
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="none" stroke="${stroke}" stroke-width="${thick}"/>` +
    lettering(text, { x, y: y + height + 17, size, colour: wrong ? ink.warning : ink.soft });
}

function header({ track }: TrackDrawing, width: number): string {
  const { path, motion: { frames, fps }, person, persons, camera, cameras: [{ fx }] } = track;
  const title = "isa4d track";
  const name = path.slice(path.lastIndexOf("/") + 1);
  const lens = `lens ${fx.toFixed(0)} pixels${camera.focal === undefined ? ", fitted" : ""}`;
  const lines = [
    `${name} · ${track.width}×${track.height} · ${frames} frames at ${
      Number(fps.toFixed(2))
    } fps · person ${person.number} of ${persons.length}, in ${person.frames} frames`,
    `${camera.says} · ${lens}`,
  ];
  const x = PAD + textWidth(title, 19) + 34;
  return lettering(title, { x: PAD, y: 47, size: 19, colour: ink.text, weight: 1 }) +
    lines.map((line, i) => {
      let size = 10;
      while (size > 6 && textWidth(line, size) > width - PAD - x) size -= 0.5;
      return lettering(line, { x, y: 38 + i * 21, size, colour: i === 0 ? ink.text : ink.soft });
    }).join("");
}

/** A number of each frame over the video. */
interface Chart {
  readonly label: string;
  readonly of: (fit: FrameFit) => number | undefined;
  /** Value at the upper edge. */
  readonly most: number;
  readonly unit: (value: number) => string;
}

const percent = (value: number) => `${Number((100 * value).toFixed(1))} %`;

const charts: readonly Chart[] = [
  {
    label: "distance of the landmarks from the body, of its height:",
    of: ({ error }) => error,
    most: 0.04,
    unit: percent,
  },
  {
    label: "overlap of body and mask:",
    of: ({ overlap }) => overlap,
    most: 1,
    unit: percent,
  },
];

function drawChart(
  { label, of, most, unit }: Chart,
  { y, width, fits }: {
    readonly y: number;
    readonly width: number;
    readonly fits: readonly FrameFit[];
  },
): string {
  const at = (frame: number) => PAD + frame / fits.length * width;
  const step = width / fits.length;
  const doubts = fits.map(({ doubt }, frame) =>
    doubt
      ? `<rect x="${number(at(frame))}" y="${y}" width="${
        number(step)
      }" height="${CHART}" fill="${ink.warningPaper}"/>`
      : ""
  );
  const bars = fits.map((fit, frame) => {
    const value = of(fit);
    if (value === undefined) return "";
    const height = Math.min(1, value / most) * CHART;
    return `<rect x="${number(at(frame))}" y="${number(y + CHART - height)}" width="${
      number(Math.max(0.6, step - 0.6))
    }" height="${number(height)}" fill="${fit.doubt ? ink.warning : ink.good}"/>`;
  });
  const known = fits.map(of).filter((value) => value !== undefined);
  const middle = median(known);
  const text = `${label} ${middle === undefined ? "–" : unit(middle)} (median; top of the chart ${
    unit(most)
  })`;
  return lettering(text, { x: PAD, y: y - 9, size: 10, colour: ink.soft }) +
    `<rect x="${PAD}" y="${y}" width="${width}" height="${CHART}" fill="#fff" stroke="${ink.line}"/>` +
    doubts.join("") + bars.join("");
}

const TEXT = 11, LINE = 20;

function drawWords(
  { track: { notices } }: TrackDrawing,
  { y: top, width }: { readonly y: number; readonly width: number },
): { svg: string; bottom: number } {
  let y = top;
  const parts: string[] = [];
  for (const notice of notices) {
    const lines = wrapText(notice, TEXT, width - 40, 4);
    parts.push(
      warningSign({ x: PAD, y: y - 13, size: 17 }),
      ...lines.map((line, i) =>
        lettering(line, { x: PAD + 30, y: y + i * LINE, size: TEXT, colour: ink.text })
      ),
    );
    y += lines.length * LINE + 8;
  }
  return { svg: parts.join(""), bottom: y };
}
