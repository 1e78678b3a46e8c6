/**
 * Hair and hats of a photograph: what its mask shows around the head goes along with the head as a flat
 * card through it, and down to the shoulders more and more with the chest. Within the head it is hidden.
 * @module
 */
import {
  type BodyMesh,
  type BodyPose,
  type Camera,
  JOINT_NAMES,
  projectPoints,
  rotate,
} from "../geometry/mod.ts";
import { headPixels } from "./card_pixels.ts";
import type { PersonMask } from "./picture.ts";
import { localTo, standOf } from "./stand.ts";
import { jointOf, type PosedSurface } from "./surface.ts";

/** A card: a grid of places. */
export interface HeadCard {
  /** [N·3] from the head's joint in the axes of the head at rest, metres. */
  readonly byHead: Float32Array;
  /** [N·3] as of the head, of the chest. */
  readonly byChest: Float32Array;
  /** [N] how much of a place goes along with the head, 0 to 1. */
  readonly share: Float32Array;
  /** [F·3] */
  readonly faces: Uint32Array;
  /** [N·2] where in the picture a place's looks lie, pixels. */
  readonly uv: Float32Array;
  /** [N] drawn where the interpolated value is ≥ 0. */
  readonly keep: Float32Array;
}

/** What a card is made from. */
export interface CardView {
  readonly body: BodyMesh;
  readonly pose: BodyPose;
  /** Of the picture's size. */
  readonly camera: Camera;
  readonly mask: PersonMask;
  /** Where the face is: no hair. */
  readonly face?: PersonMask;
}

/** How far a card reaches from the head's middle: up, down and to both sides, metres. */
const REACH = { up: 0.35, down: 0.4, side: 0.32 };
/** Between two places of the grid, metres. */
const STEP = 0.004;
/** How far behind the head's middle the card stands, metres: before it are chin and face. */
const BACK = 0.02;
/** How far behind the shoulders' joints it stands there, metres: what of it they cover does not show. */
const BEHIND = 0.1;
/** A head that is turned by more to the side, by its cosine, shows a face's outline, and hair to one side. */
const FRONTAL = 0.65;

const [HEAD, CHEST, LEFT, RIGHT] = (["head", "spine3", "left_shoulder", "right_shoulder"] as const)
  .map((name) => JOINT_NAMES.indexOf(name));

/**
 * The card of a picture, and the mask without what is on it; undefined where the head is seen from the
 * side, or not at all.
 */
export function headCard(
  view: CardView,
): { readonly card: HeadCard; readonly rest: PersonMask } | undefined {
  const { body, pose, camera } = view;
  const { rotation: r } = camera;
  const stand = standOf(body, pose);
  const ahead = rotate(stand[HEAD].turn, [0, 0, 1]);
  if (Math.abs(r[6] * ahead[0] + r[7] * ahead[1] + r[8] * ahead[2]) < FRONTAL) return undefined;
  const { vertices, joints } = body.pose(pose);
  const middle = middleOf(body, vertices).map((value, c) => value + BACK * r[6 + c]);
  const { owned, rest } = headPixels(view, { vertices, middle, step: STEP });
  // From the head's middle to that of the shoulders: down in the picture, and away from the camera.
  const [low, far] = [3, 6].map((row) =>
    [0, 1, 2].reduce((sum, c) => {
      const shoulders = (joints[LEFT * 3 + c] + joints[RIGHT * 3 + c]) / 2;
      return sum + r[row + c] * (shoulders - middle[c]);
    }, 0)
  );
  const [columns, rows] = [2 * REACH.side, REACH.up + REACH.down]
    .map((metres) => Math.round(metres / STEP) + 1);
  const level = (place: number) => Math.floor(place / columns) * STEP - REACH.up;
  const share = Float32Array.from(
    { length: columns * rows },
    (_, i) => 1 - Math.max(0, Math.min(1, level(i) / Math.max(STEP, low))),
  );
  const spread = Float32Array.from({ length: columns * rows * 3 }, (_, i) => {
    const [place, c] = [Math.floor(i / 3), i % 3];
    const x = place % columns * STEP - REACH.side;
    return middle[c] + x * r[c] + level(place) * r[3 + c] +
      (1 - share[place]) * (far + BEHIND) * r[6 + c];
  });
  const { uv } = projectPoints(camera, spread);
  const keep = share.map((_, i) => owned(uv[i * 2] / camera.width, uv[i * 2 + 1] / camera.height));
  const [byHead, byChest] = [HEAD, CHEST].map((joint) => localTo(stand[joint], spread));
  const faces = shownFaces(columns, rows, keep);
  if (faces.length === 0) return undefined;
  return { card: { byHead, byChest, share, faces, uv, keep }, rest };
}

/** A card where a pose's head and chest are. */
export function poseCard(card: HeadCard, body: BodyMesh, pose: BodyPose): PosedSurface {
  const stand = standOf(body, pose);
  const [head, chest] = [stand[HEAD], stand[CHEST]];
  const ahead = rotate(head.turn, [0, 0, 1]);
  const { byHead, byChest, share } = card;
  const vertices = new Float32Array(byHead.length), normals = new Float32Array(byHead.length);
  for (let i = 0; i < byHead.length; i += 3) {
    const own = share[i / 3];
    const a = rotate(head.turn, byHead.subarray(i, i + 3));
    const b = rotate(chest.turn, byChest.subarray(i, i + 3));
    for (let c = 0; c < 3; c++) {
      vertices[i + c] = own * (head.at[c] + a[c]) + (1 - own) * (chest.at[c] + b[c]);
    }
    normals.set(ahead, i);
  }
  return { vertices, normals };
}

/** The mean of the head's vertices: a card through it lies within the head as the picture shows it. */
function middleOf(body: BodyMesh, vertices: Float32Array): number[] {
  const own = [...new Set(body.bodyFaces)].filter((v) => jointOf(body, v) === HEAD);
  return [0, 1, 2].map((c) => own.reduce((sum, v) => sum + vertices[v * 3 + c], 0) / own.length);
}

/** Two triangles a cell of a grid, where a corner is shown. */
function shownFaces(columns: number, rows: number, keep: Float32Array): Uint32Array {
  const faces: number[] = [];
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const at = row * columns + column, below = at + columns;
      if (Math.max(keep[at], keep[at + 1], keep[below], keep[below + 1]) < 0) continue;
      faces.push(at, below, at + 1, at + 1, below, below + 1);
    }
  }
  return Uint32Array.from(faces);
}
