/**
 * A first guess of a pose from 3D landmarks: trunk and head by two directions each, limbs by where
 * their bones point and the plane that they bend in.
 * @module
 */
import {
  between,
  type BodyMesh,
  fromAxisAngle,
  inverse,
  JOINT_NAMES,
  JOINT_PARENTS,
  type JointName,
  matrixToAxisAngle,
  multiply,
  type Quaternion,
  rotate,
  slerp,
  toAxisAngle,
} from "../geometry/mod.ts";
import { bodySpots } from "../perception/mod.ts";

type Vector = readonly number[];
type SpotName = typeof bodySpots[number];

const joint = (name: JointName) => JOINT_NAMES.indexOf(name);
const minus = (a: Vector, b: Vector) => a.map((value, c) => value - b[c]);
const plus = (a: Vector, b: Vector) => a.map((value, c) => value + b[c]);
const times = (a: Vector, by: number) => a.map((value) => value * by);
const unit = (a: Vector) => times(a, 1 / (Math.hypot(...a) || 1));
const cross = (a: Vector, b: Vector) => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

/** The turn that takes one pair of directions to another: the first exactly, the second in its plane. */
function turnOf(from: readonly [Vector, Vector], to: readonly [Vector, Vector]): Quaternion {
  const [a, b] = [from, to].map(([main, side]) => {
    const x = unit(main), z = unit(cross(main, side));
    return [x, cross(z, x), z];
  });
  const matrix = [0, 1, 2].flatMap((row) =>
    [0, 1, 2].map((column) => [0, 1, 2].reduce((sum, k) => sum + b[k][row] * a[k][column], 0))
  );
  return fromAxisAngle(matrixToAxisAngle(matrix));
}

/** How much of its usual bending plane a limb keeps; one that is bent by more goes by its own. */
const USUAL = 0.3;

/** Limbs: the turning joint, the hinge, its end, and the hinge's axis at rest. */
const limbs = (["left", "right"] as const).flatMap((side) =>
  [
    { bones: ["hip", "knee", "ankle"], axis: [1, 0, 0] },
    { bones: ["shoulder", "elbow", "wrist"], axis: [0, side === "left" ? -1 : 1, 0] },
  ].map(({ bones, axis }) => ({
    joints: bones.map((name) => `${side}_${name}`) as [JointName, JointName, JointName],
    axis,
  }))
);

/**
 * The pose [72] in which a body stands as 33 landmarks do; they are [33, 3], any unit and origin, Y up,
 * in axes in which the body faces +Z when its root does not turn.
 */
export function firstPose(landmarks: ArrayLike<number>, { restJoints }: BodyMesh): Float32Array {
  const at = (name: SpotName): number[] => {
    const i = bodySpots.indexOf(name) * 3;
    return [landmarks[i], landmarks[i + 1], landmarks[i + 2]];
  };
  const middle = (name: string) =>
    times(plus(at(`left_${name}` as SpotName), at(`right_${name}` as SpotName)), 0.5);
  const across = (name: string) =>
    minus(at(`left_${name}` as SpotName), at(`right_${name}` as SpotName));
  const world: Quaternion[] = JOINT_NAMES.map(() => [1, 0, 0, 0]);
  const set = (name: JointName, turn: Quaternion) => world[joint(name)] = turn;
  const up = minus(middle("shoulder"), middle("hip"));
  const [X, Y, Z] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
  const pelvis = set("pelvis", turnOf([X, Y], [across("hip"), up]));
  const chest = turnOf([Y, X], [up, across("shoulder")]);
  set("spine1", slerp(pelvis, chest, 0.3));
  set("spine2", slerp(pelvis, chest, 0.6));
  for (const name of ["spine3", "left_collar", "right_collar"] as const) set(name, chest);
  const ears = middle("ear");
  const head = set("head", turnOf([X, Z], [across("ear"), minus(at("nose"), ears)]));
  set("neck", slerp(chest, head, 0.5));
  const rest = (name: JointName) => [...restJoints.subarray(joint(name) * 3, joint(name) * 3 + 3)];
  for (const { joints: [first, hinge, end], axis } of limbs) {
    const bone = minus(rest(hinge), rest(first));
    const [upper, lower] = [
      unit(minus(at(hinge as SpotName), at(first as SpotName))),
      unit(minus(at(end as SpotName), at(hinge as SpotName))),
    ];
    const parent = world[JOINT_PARENTS[joint(first)]];
    const plain = multiply(between(rotate(parent, bone), upper), parent);
    // A limb that is nearly straight has no plane of its own.
    const turnAxis = plus(cross(upper, lower), times(rotate(plain, axis), USUAL));
    const turned = set(first, turnOf([bone, axis], [upper, turnAxis]));
    const lowerRest = rotate(turned, minus(rest(end), rest(hinge)));
    set(hinge, multiply(between(lowerRest, lower), turned));
  }
  for (const side of ["left", "right"] as const) {
    const shin = world[joint(`${side}_knee`)];
    const sole = minus(at(`${side}_foot_index`), at(`${side}_heel`));
    const ankle = multiply(between(rotate(shin, Z), sole), shin);
    set(`${side}_ankle`, ankle);
    set(`${side}_foot`, ankle);
    const [index, pinky] = [at(`${side}_index`), at(`${side}_pinky`)];
    const hand = minus(times(plus(index, pinky), 0.5), at(`${side}_wrist`));
    const out = side === "left" ? X : times(X, -1);
    const wrist = turnOf([out, Z], [hand, minus(index, pinky)]);
    set(`${side}_wrist`, wrist);
    set(`${side}_hand`, wrist);
  }
  return Float32Array.from(
    world.flatMap((turn, j) => {
      const parent = JOINT_PARENTS[j];
      return toAxisAngle(parent < 0 ? turn : multiply(inverse(world[parent]), turn));
    }),
  );
}
