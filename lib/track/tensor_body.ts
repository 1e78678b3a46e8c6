/**
 * The spots of a body as a differentiable function of pose, shape and place.
 * @module
 */
import { type BodyMesh, JOINT_COUNT } from "../geometry/mod.ts";
import {
  add,
  cat,
  cos,
  div,
  expand,
  indexSelect,
  matmul,
  mul,
  reshape,
  scope,
  select,
  sin,
  sqrt,
  stack,
  sub,
  sum,
  type Tensor,
  tensor,
  unsqueeze,
} from "../tensor/mod.ts";

// B poses, J joints, S shape coefficients, L spots

/** A spot moves rigidly with a joint; a mean of two joints has two. */
export interface BodySpot {
  /** One or two joints. */
  readonly joints: readonly number[];
  /** The vertex of the skin that it goes along with as the shape changes; absent: the joint. */
  readonly vertex?: number;
  /** From the joint, metres in the T-pose of the mean shape; default where the vertex is. */
  readonly offset?: readonly number[];
}

/** Joints of posed bodies: how they are turned, [B, J, 3, 3], and where they are, [B, J, 3]. */
export interface TensorStand {
  readonly turns: Tensor;
  readonly places: Tensor;
}

/** Where places go that joints carry: offsets [K, 3] from the joints of `rows` [K], counted over B·J. */
export function carriedBy(
  { turns, places }: TensorStand,
  { rows, offsets }: { readonly rows: Tensor; readonly offsets: Tensor },
): Tensor {
  return scope(() => {
    const turn = indexSelect(reshape(turns, [-1, 3, 3]), 0, rows);
    const turned = select(matmul(turn, unsqueeze(offsets, -1)), 2, 0);
    return add(indexSelect(reshape(places, [-1, 3]), 0, rows), turned);
  });
}

/** Shape coefficients at most: a pose file holds ten. */
const SHAPES = 10;

/** A body's skeleton and spots as constant tensors. Free it after use. */
export class TensorBody<Spot extends BodySpot = BodySpot> {
  readonly spots: readonly Spot[];
  readonly shapes: number;
  readonly #rest: Linear;
  readonly #spots: Linear;
  readonly #levels: readonly Level[];
  /** Where each joint stands in the order of the levels. */
  readonly #order: Tensor;
  readonly #first: Tensor;
  readonly #second: Tensor;

  constructor(body: BodyMesh, spots: readonly Spot[]) {
    this.spots = spots;
    this.shapes = Math.min(SHAPES, body.shapeNames.length);
    this.#rest = linearIn(body, ({ joints }) => joints);
    this.#spots = linearIn(
      body,
      ({ joints, vertices }) =>
        Float32Array.from(
          spots.flatMap(({ joints: [own], vertex, offset }) =>
            [0, 1, 2].map((c) => {
              const at = own * 3 + c;
              if (vertex === undefined) return offset?.[c] ?? 0;
              const skin = vertices[vertex * 3 + c] - joints[at];
              const mean = body.template[vertex * 3 + c] - body.restJoints[at];
              return skin + (offset === undefined ? 0 : offset[c] - mean);
            })
          ),
        ),
    );
    const { levels, order } = levelsOf(body.parents);
    this.#levels = levels;
    this.#order = indices(order);
    this.#first = indices(spots.map(({ joints }) => joints[0]));
    this.#second = indices(spots.map(({ joints }) => joints.at(-1)!));
  }

  /**
   * Pose [B, 72], shape [B, S], or [1, S] for all, and translation [B, 3] → the spots, [B, L, 3]
   * metres.
   */
  forward(pose: Tensor, shape: Tensor, translation: Tensor): Tensor {
    return scope(() =>
      add(this.spotsOf(this.stand(pose, shape), shape), unsqueeze(translation, 1))
    );
  }

  /** Where joints are and how they are turned: pose [B, 72] and shape [B, S] or [1, S]. */
  stand(pose: Tensor, shape: Tensor): TensorStand {
    const B = pose.shape[0];
    return scope(() => {
      const rest_J3 = at(this.#rest, shape, [shape.shape[0], JOINT_COUNT, 3]);
      const rest_BJ3 = expand(rest_J3, [B, JOINT_COUNT, 3]);
      return this.#walk(rotations(reshape(pose, [B, JOINT_COUNT, 3])), rest_BJ3);
    });
  }

  /**
   * The spots of bodies that stand so, [B, L, 3] metres; `moved` [1, L, 3] is how far each lies from
   * where it is marked, in its joint's axes.
   */
  spotsOf({ turns, places }: TensorStand, shape: Tensor, moved?: Tensor): Tensor {
    return scope(() => {
      const marked = at(this.#spots, shape, [shape.shape[0], this.spots.length, 3]);
      const offsets = moved ? add(marked, moved) : marked;
      const mean = mul(
        add(indexSelect(places, 1, this.#first), indexSelect(places, 1, this.#second)),
        0.5,
      );
      const turned = matmul(indexSelect(turns, 1, this.#first), unsqueeze(offsets, -1));
      return add(mean, select(turned, 3, 0));
    });
  }

  /** Forward kinematics, one level of the tree after the other. */
  #walk(local_BJ33: Tensor, rest_BJ3: Tensor): TensorStand {
    const turns: Tensor[] = [];
    const places: Tensor[] = [];
    for (const { joints, parents, inLast } of this.#levels) {
      const own = indexSelect(local_BJ33, 1, joints);
      const rest = indexSelect(rest_BJ3, 1, joints);
      if (!parents || !inLast) {
        turns.push(own);
        places.push(rest);
        continue;
      }
      const up = indexSelect(turns.at(-1)!, 1, inLast);
      const bone = sub(rest, indexSelect(rest_BJ3, 1, parents));
      turns.push(matmul(up, own));
      const reached = select(matmul(up, unsqueeze(bone, -1)), 3, 0);
      places.push(add(indexSelect(places.at(-1)!, 1, inLast), reached));
    }
    return {
      turns: indexSelect(cat(turns, 1), 1, this.#order),
      places: indexSelect(cat(places, 1), 1, this.#order),
    };
  }

  /** Frees the constants. */
  [Symbol.dispose](): void {
    for (const { base, directions } of [this.#rest, this.#spots]) {
      base.dispose();
      directions.dispose();
    }
    for (const { joints, parents, inLast } of this.#levels) {
      for (const part of [joints, parents, inLast]) part?.dispose();
    }
    for (const index of [this.#order, this.#first, this.#second]) index.dispose();
  }
}

/** Axis-angle [B, J, 3] → matrices [B, J, 3, 3] (Rodrigues). */
function rotations(axisAngle: Tensor): Tensor {
  return scope(() => {
    const square = sum(mul(axisAngle, axisAngle), { dim: -1, keepdim: true });
    // The root's slope at 0 is infinite.
    const angle = sqrt(add(square, 1e-12));
    const [x, y, z] = [0, 1, 2].map((c) => select(div(axisAngle, angle), 2, c));
    const [c, s] = [cos(angle), sin(angle)].map((part) => select(part, 2, 0));
    const rest = sub(1, c);
    const cross = (a: Tensor, b: Tensor) => mul(mul(a, b), rest);
    const rows = [
      ...[add(cross(x, x), c), sub(cross(x, y), mul(z, s)), add(cross(x, z), mul(y, s))],
      ...[add(cross(x, y), mul(z, s)), add(cross(y, y), c), sub(cross(y, z), mul(x, s))],
      ...[sub(cross(x, z), mul(y, s)), add(cross(y, z), mul(x, s)), add(cross(z, z), c)],
    ];
    return reshape(stack(rows, -1), [...axisAngle.shape, 3]);
  });
}

/** Something that depends linearly on the shape. */
interface Linear {
  /** [1, N] */
  readonly base: Tensor;
  /** [S, N] */
  readonly directions: Tensor;
}

function linearIn(
  body: BodyMesh,
  read: (posed: { joints: Float32Array; vertices: Float32Array }) => Float32Array,
): Linear {
  const pose = new Float32Array(72);
  const S = Math.min(SHAPES, body.shapeNames.length);
  const base = read(body.pose({ pose }));
  const directions = new Float32Array(S * base.length);
  for (let s = 0; s < S; s++) {
    const shape = Array.from({ length: S }, (_, i) => i === s ? 1 : 0);
    read(body.pose({ pose, shape })).forEach((value, i) =>
      directions[s * base.length + i] = value - base[i]
    );
  }
  return {
    base: tensor(base, { shape: [1, base.length] }),
    directions: tensor(directions, { shape: [S, base.length] }),
  };
}

function at({ base, directions }: Linear, shape: Tensor, size: readonly number[]): Tensor {
  return reshape(add(base, matmul(shape, directions)), size);
}

/** Joints of one depth of the tree. */
interface Level {
  readonly joints: Tensor;
  readonly parents?: Tensor;
  /** Places of the parents within the level before. */
  readonly inLast?: Tensor;
}

function levelsOf(parents: Int32Array): { levels: Level[]; order: number[] } {
  const levels: Level[] = [];
  const flat: number[] = [];
  let last: number[] = [];
  let now = [...parents.keys()].filter((j) => parents[j] < 0);
  while (now.length > 0) {
    const up = now.map((j) => parents[j]);
    levels.push(
      flat.length === 0 ? { joints: indices(now) } : {
        joints: indices(now),
        parents: indices(up),
        inLast: indices(up.map((parent) => last.indexOf(parent))),
      },
    );
    flat.push(...now);
    last = now;
    now = [...parents.keys()].filter((j) => last.includes(parents[j]));
  }
  return { levels, order: [...parents.keys()].map((j) => flat.indexOf(j)) };
}

function indices(values: readonly number[]): Tensor {
  return tensor([...values], { dtype: "int64" });
}
