/**
 * Textured people: meshes with skin weights and pictures of clothes, hair and faces. Each number has
 * its own colours over one of the meshes.
 * @module
 */
import {
  addVertexNormals,
  type BodyMesh,
  makeBody,
  type Random,
  rasterise,
} from "../../geometry/mod.ts";
import type { Rgb } from "./colour.ts";
import type { Figure } from "./figure.ts";
import { litColour } from "./light.ts";
import { sampleTexture, type Texture } from "./texture.ts";

/** A mesh that can be posed, as the assets have it. */
export interface TexturedPerson {
  readonly name: string;
  /** Whether it is for held-out clips alone. */
  readonly heldOut: boolean;
  /** Shape coefficients of the body underneath, [10]. */
  readonly shape: Float32Array;
  /** Rest places in the T-pose, metres, [V*3]. */
  readonly rest: Float32Array;
  /** Joints that move each vertex, [V*4], and by how much. */
  readonly joints: Uint8Array;
  readonly weights: Float32Array;
  /** Corners, [F*3]. */
  readonly faces: Uint32Array;
  /** Where each corner is in its texture, v upwards, [F*6]. */
  readonly uv: Float32Array;
  /** Texture of each face, and whether it is on the head. */
  readonly faceTextures: Uint8Array;
  readonly faceOnHead: Uint8Array;
  readonly textures: readonly Texture[];
  /** Colour of the face's skin, which clothes are told from. */
  readonly skin: Rgb;
}

/** Who may be in clips: `mixed` is half and half. */
export const synthPeople = ["procedural", "textured", "mixed"] as const;

/** One of {@link synthPeople}. */
export type SynthPeople = typeof synthPeople[number];

/** How a number's clothes and hair differ from the pictures. */
export interface Look {
  /** Turn of the clothes' hue, and a tint that greys take too, in colour differences (Rec. 601). */
  readonly turn: number;
  readonly tint: readonly [number, number];
  /** Exponent of their brightness. */
  readonly gamma: number;
  /** Factor of the hair's brightness. */
  readonly hair: number;
}

/** Colour differences from the face's that skin still has, and that clothes have for sure. */
const SKIN = { near: 0.035, far: 0.1 };

/** Draws one; for a quarter the pictures stay as they are. */
export function drawLook(random: Random): Look {
  if (random.float() < 0.25) return { turn: 0, tint: [0, 0], gamma: 1, hair: 1 };
  const turn = random.range(-Math.PI, Math.PI);
  const angle = random.range(-Math.PI, Math.PI), strength = random.range(0, 0.12);
  return {
    turn,
    tint: [Math.cos(angle) * strength, Math.sin(angle) * strength],
    gamma: random.range(0.8, 1.25),
    hair: random.range(0.6, 1.3),
  };
}

/** A textured person over `body`, whose joints and shapes the asset was made for. */
export function texturedFigure(body: BodyMesh, person: TexturedPerson, look: Look): Figure {
  const { shape, faces } = person;
  const mesh = meshOf(body, person);
  const detail = detailOf(person);
  const paint = painter(person, look);
  return {
    body,
    shape,
    lift: Math.max(
      0,
      lowest(body.pose({ pose: STILL, shape }).vertices, body.bodyFaces) -
        lowest(person.rest, faces),
    ),
    faceCount: faces.length / 3,
    get drawn() {
      return new Set(faces);
    },
    pose(input) {
      const { vertices } = mesh.pose(input);
      return {
        vertices,
        normals: addVertexNormals(new Float32Array(vertices.length), vertices, faces),
      };
    },
    raster(posed, { camera, target, firstFace }) {
      rasterise(target, camera, { vertices: posed.vertices, faces, firstFace });
    },
    shade({ normals }, light, metres) {
      const normal = new Float64Array(3), colour = new Float32Array(3);
      return (face, second, third, out) => {
        const first = 1 - second - third;
        const [a, b, c] = [faces[face * 3] * 3, faces[face * 3 + 1] * 3, faces[face * 3 + 2] * 3];
        for (let k = 0; k < 3; k++) {
          normal[k] = normals[a + k] * first + normals[b + k] * second + normals[c + k] * third;
        }
        paint(face, { second, third, footprint: detail[face] * metres }, colour);
        litColour(light, colour, normal, out);
      };
    },
  };
}

const STILL = new Float32Array(72);

function lowest(vertices: Float32Array, corners: Uint32Array): number {
  return corners.reduce((low, v) => Math.min(low, vertices[v * 3 + 1]), Infinity);
}

/** The mesh as a body of one shape. */
function meshOf(body: BodyMesh, { rest, joints, weights, faces, shape }: TexturedPerson): BodyMesh {
  const count = faces.length / 3;
  return makeBody({
    template: rest,
    shapeVertices: [],
    joints: Float64Array.from(body.poseJoints({ pose: STILL, shape })),
    shapeJoints: [],
    poseVertices: [],
    parents: body.parents,
    skinJoints: joints,
    skinWeights: weights,
  }, {
    faces,
    faceShells: new Uint8Array(count),
    faceParts: new Uint8Array(count),
    shellNames: ["body"],
    partNames: ["body"],
    shapeNames: [],
    takesSmplBetas: false,
  });
}

/** Texture lengths a metre of each face. */
function detailOf({ rest, faces, uv }: TexturedPerson): Float32Array {
  return Float32Array.from({ length: faces.length / 3 }, (_, f) => {
    const at = (corner: number, k: number) => rest[faces[f * 3 + corner] * 3 + k];
    const u = [0, 1, 2].map((k) => at(1, k) - at(0, k)),
      v = [0, 1, 2].map((k) => at(2, k) - at(0, k));
    const metres = Math.hypot(
      u[1] * v[2] - u[2] * v[1],
      u[2] * v[0] - u[0] * v[2],
      u[0] * v[1] - u[1] * v[0],
    );
    const place = (i: number) => uv[f * 6 + i];
    const texture = Math.abs(
      (place(2) - place(0)) * (place(5) - place(1)) - (place(4) - place(0)) * (place(3) - place(1)),
    );
    return metres > 0 ? Math.sqrt(texture / metres) : 0;
  });
}

interface Spot {
  readonly second: number;
  readonly third: number;
  /** Share of the texture's side that a sample covers. */
  readonly footprint: number;
}

/** Gives the colour of a place on a face, as this number wears it. */
function painter(
  { uv, faceTextures, faceOnHead, textures, skin }: TexturedPerson,
  look: Look,
): (face: number, spot: Spot, out: Float32Array) => void {
  const own = differences(skin[0], skin[1], skin[2]);
  const [cos, sin] = [Math.cos(look.turn), Math.sin(look.turn)];
  return (face, { second, third, footprint }, out) => {
    const first = 1 - second - third, at = face * 6;
    const u = uv[at] * first + uv[at + 2] * second + uv[at + 4] * third;
    const v = uv[at + 1] * first + uv[at + 3] * second + uv[at + 5] * third;
    sampleTexture(textures[faceTextures[face]], u, v, footprint, out);
    const { y, b, r } = differences(out[0], out[1], out[2]);
    const away = Math.hypot(b - own.b, r - own.r);
    const cloth = Math.min(1, Math.max(0, (away - SKIN.near) / (SKIN.far - SKIN.near)));
    if (faceOnHead[face]) {
      // Hair is darker than the face; eyes and skin keep their colours.
      const hair = Math.min(1, Math.max(0, (own.y * 0.75 - y) / 0.2));
      const by = 1 + (look.hair - 1) * hair;
      for (let k = 0; k < 3; k++) out[k] *= by;
      return;
    }
    if (cloth === 0) return;
    const luma = y + (Math.pow(y, look.gamma) - y) * cloth;
    const turnedB = b * cos - r * sin + look.tint[0], turnedR = b * sin + r * cos + look.tint[1];
    mixed(luma, b + (turnedB - b) * cloth, r + (turnedR - r) * cloth, out);
  };
}

/** Luma and the differences of blue and red from it. */
function differences(red: number, green: number, blue: number) {
  const y = 0.299 * red + 0.587 * green + 0.114 * blue;
  return { y, b: 0.564 * (blue - y), r: 0.713 * (red - y) };
}

function mixed(y: number, b: number, r: number, out: Float32Array): void {
  out[0] = Math.max(0, y + r / 0.713);
  out[2] = Math.max(0, y + b / 0.564);
  out[1] = Math.max(0, (y - 0.299 * (y + r / 0.713) - 0.114 * (y + b / 0.564)) / 0.587);
}
