/**
 * Which pixels of a photograph are hair and hat: those of the person that hang together with the head
 * and are nearer to it, by far, than to anything else of the body.
 * @module
 */
import {
  type BodyMesh,
  type BodyPose,
  type Camera,
  JOINT_NAMES,
  projectPoints,
  rasterise,
  rasterTarget,
  rotate,
  scaleCamera,
  sizeWithin,
} from "../geometry/mod.ts";
import { isAlike, medianColour } from "./alike.ts";
import { isHand } from "./hands.ts";
import { chamferDistance } from "./near.ts";
import { fitMask, INSIDE, type PersonMask, type RgbPicture } from "./picture.ts";
import { standOf } from "./stand.ts";
import { jointOf } from "./surface.ts";

/** What hair is found from. */
export interface HeadView {
  readonly body: BodyMesh;
  readonly pose: BodyPose;
  /** Of the picture's size. */
  readonly camera: Camera;
  readonly mask: PersonMask;
  /** Where the face is: no hair. */
  readonly face?: PersonMask;
}

/** Longer side of the picture in which parts of the body are told apart, pixels. */
const COMPARED = 512;
/** Hair beside a shoulder is the head's up to so many times the distance to the shoulder. */
const HEAD_FIRST = 8;
/** A head that is turned by more to the side, by its cosine, shows a face's outline, and hair to one side. */
const FRONTAL = 0.65;
/** What of a head is farther away than its middle by more, metres, is the chin's underside. */
const BACK = 0.02;
/** Where a larger share of trunk and limbs has the hair's colour, clothes have it. */
const MOST = 0.4;
/** Hair beside the head that is a smaller share of the person does not tell its colour. */
const LEAST = 0.01;
const [HEAD, NECK] = [JOINT_NAMES.indexOf("head"), JOINT_NAMES.indexOf("neck")];

/** The mask without hair and hat; undefined where the head is seen from the side, or not at all. */
export function withoutHair(view: HeadView): PersonMask | undefined {
  const { body, pose, mask, face } = view;
  const size = sizeWithin(view.camera, COMPARED);
  const camera = scaleCamera(view.camera, size);
  const { rotation: r } = camera;
  const ahead = rotate(standOf(body, pose)[HEAD].turn, [0, 0, 1]);
  if (Math.abs(r[6] * ahead[0] + r[7] * ahead[1] + r[8] * ahead[2]) < FRONTAL) return undefined;
  const { vertices } = body.pose(pose);
  const middle = middleOf(body, vertices).map((value, c) => value + BACK * r[6 + c]);
  const { uv: [, level], depth: [far] } = projectPoints(camera, Float32Array.from(middle));
  const { joints, depth } = jointsIn(body, vertices, camera);
  const distance = (is: (joint: number) => boolean) =>
    chamferDistance(
      Uint8Array.from(joints, (joint) => joint >= 0 && is(joint) ? 255 : 0),
      size.width,
      size.height,
    );
  const head = distance((joint) => joint === HEAD);
  // Hair falls beside the neck.
  const other = distance((joint) => joint !== HEAD && joint !== NECK);
  const coarse = fitMask(mask, size).data;
  const skin = face && fitMask(face, size).data;
  const candidates = joints.map((joint, i) => {
    if (joint < 0) return coarse[i] >= INSIDE && head[i] <= HEAD_FIRST * other[i] ? 1 : 0;
    return joint === HEAD && (depth[i] < far || i < level * size.width) ? 1 : 0;
  });
  const found = connected(candidates, joints.map((joint) => joint === HEAD ? 1 : 0), size.width);
  const isSkin = (i: number) => skin !== undefined && skin[i] >= INSIDE;
  return {
    ...size,
    data: coarse.map((value, i) => joints[i] < 0 && found[i] && !isSkin(i) ? 0 : value),
  };
}

/**
 * The vertices [V] that a picture shows, without those of trunk and limbs that have the colour of the
 * hair beside the head, where most of the others have not: there hair hangs before clothes, and what
 * comes to light when it moves is cloth.
 */
export function withoutHangingHair(
  body: BodyMesh,
  { seen, colours, ...person }: {
    readonly seen: Uint8Array;
    /** [V·3] 0..255, of what is seen. */
    readonly colours: Float32Array;
    readonly picture: RgbPicture;
    readonly mask: PersonMask;
    /** The mask without hair. */
    readonly bare: PersonMask;
  },
): Uint8Array {
  const hair = hairColour(person);
  if (!hair) return seen;
  // Heads are hair themselves, and hands skin as a face in its shade.
  const isBare = (v: number) => jointOf(body, v) === HEAD || isHand(body, v);
  const clothed = [...seen.keys()].filter((v) => seen[v] === 1 && !isBare(v));
  const hanging = clothed.filter((v) => isAlike(colours.subarray(v * 3, v * 3 + 3), hair));
  if (hanging.length > MOST * clothed.length) return seen;
  const out = seen.slice();
  for (const v of hanging) out[v] = 0;
  return out;
}

/** The median of what a mask has more than the one without hair; undefined where that is too little. */
function hairColour(
  { picture, mask, bare }: {
    readonly picture: RgbPicture;
    readonly mask: PersonMask;
    readonly bare: PersonMask;
  },
): number[] | undefined {
  const { width, height } = bare;
  const hair: Uint8Array[] = [];
  let person = 0;
  fitMask(mask, bare).data.forEach((value, i) => {
    if (value < INSIDE) return;
    person++;
    if (bare.data[i] >= INSIDE) return;
    const x = Math.floor((i % width + 0.5) * picture.width / width);
    const y = Math.floor((Math.floor(i / width) + 0.5) * picture.height / height);
    const at = (y * picture.width + x) * 3;
    hair.push(picture.data.subarray(at, at + 3));
  });
  return hair.length < LEAST * person ? undefined : medianColour(hair);
}

/** The mean of the head's vertices. */
function middleOf(body: BodyMesh, vertices: Float32Array): number[] {
  const own = [...new Set(body.bodyFaces)].filter((v) => jointOf(body, v) === HEAD);
  return [0, 1, 2].map((c) => own.reduce((sum, v) => sum + vertices[v * 3 + c], 0) / own.length);
}

/** The joint that moves what each pixel shows of a body, −1 beside it, and its depth. */
function jointsIn(body: BodyMesh, vertices: Float32Array, camera: Camera) {
  const target = rasterTarget(camera.width, camera.height);
  rasterise(target, camera, { vertices, faces: body.bodyFaces });
  const joints = Int8Array.from(
    target.face,
    (face) => face < 0 ? -1 : jointOf(body, body.bodyFaces[face * 3]),
  );
  return { joints, depth: target.depth };
}

/** What of a mask hangs together with pixels of it that are 1 in `from`. */
function connected(mask: ArrayLike<number>, from: ArrayLike<number>, width: number): Uint8Array {
  const found = Uint8Array.from(mask, (value, i) => value * from[i]);
  const stack = [...found.keys()].filter((i) => found[i]);
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const x = at % width;
    for (const next of [at - width, at + width, x > 0 ? at - 1 : -1, x + 1 < width ? at + 1 : -1]) {
      if (!mask[next] || found[next]) continue;
      found[next] = 1;
      stack.push(next);
    }
  }
  return found;
}
