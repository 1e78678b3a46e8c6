import type { BodyMesh } from "../../lib/geometry/mod.ts";

export const RADIUS = 0.5;
const [RINGS, SEGMENTS] = [60, 120];

/** A ball in the place of a body: poses move it and turn nothing. */
export function ballMesh(): BodyMesh {
  const template = ballVertices();
  const faces = ballFaces();
  return {
    ...{ template, faces, bodyFaces: faces, vertexCount: template.length / 3 },
    faceShells: new Uint8Array(faces.length / 3),
    faceParts: new Uint8Array(faces.length / 3),
    skinJoints: new Uint8Array(template.length / 3),
    skinWeights: new Float32Array(template.length / 3).fill(1),
    // Nothing of it is a head.
    restJoints: new Float32Array(72).fill(9),
    shellNames: ["body"],
    partNames: ["body"],
    pose: ({ translation = [0, 0, 0] }: { translation?: ArrayLike<number> }) => ({
      vertices: template.map((x, i) => x + translation[i % 3]),
      joints: new Float32Array(72),
    }),
  } as unknown as BodyMesh;
}

function ballVertices(): Float32Array {
  return Float32Array.from({ length: (RINGS + 1) * SEGMENTS * 3 }, (_, i) => {
    const vertex = Math.floor(i / 3);
    const a = Math.PI * Math.floor(vertex / SEGMENTS) / RINGS;
    const b = 2 * Math.PI * vertex / SEGMENTS;
    const place = [Math.sin(a) * Math.sin(b), Math.cos(a), Math.sin(a) * Math.cos(b)];
    return RADIUS * place[i % 3];
  });
}

/** Counter-clockwise seen from outside, as all bodies are. */
function ballFaces(): Uint32Array {
  const faces: number[] = [];
  for (let ring = 0; ring < RINGS; ring++) {
    for (let s = 0; s < SEGMENTS; s++) {
      const [a, b] = [ring * SEGMENTS + s, ring * SEGMENTS + (s + 1) % SEGMENTS];
      faces.push(a, a + SEGMENTS, b, b, a + SEGMENTS, b + SEGMENTS);
    }
  }
  return Uint32Array.from(faces);
}
