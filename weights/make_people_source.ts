/**
 * The clothed, textured people of Reallusion (CC BY 3.0) inside the Debian package
 * `sweethome3d-furniture`: Wavefront meshes and JPEG textures, metres, Y up.
 * @module
 */
import { unzipSync } from "fflate";
import { basename, join } from "node:path";
import sharp from "sharp";
import { debianFolder } from "./sources.ts";

/** A mesh with textures. */
export interface SourcePerson {
  readonly name: string;
  /** Places of the vertices, metres, [V*3]. */
  readonly vertices: Float64Array;
  /** Corners of triangles, [F*3]. */
  readonly faces: Uint32Array;
  /** Where each corner is in its texture, v upwards, [F*6]. */
  readonly uv: Float32Array;
  /** Material of each face. */
  readonly faceMaterials: Uint8Array;
  readonly materials: readonly SourceMaterial[];
}

/** A material's picture, or one pixel of its colour. */
export interface SourceMaterial {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** RGB, rows from above. */
  readonly pixels: Uint8Array;
}

/** Files of `Reallusion.sh3f` by name; `folder` is where the package is unpacked, if it is. */
export async function openPeople(folder?: string): Promise<Map<string, Uint8Array>> {
  const root = folder ?? await debianFolder("sweethome3d-furniture");
  const path = join(root, "usr/share/sweethome3d/furniture/Reallusion.sh3f");
  const files = unzipSync(await Deno.readFile(path), {
    filter: ({ name }) => /^reallusion\/\w+\/./.test(name),
  });
  return new Map(Object.entries(files));
}

/** Reads one person. */
export async function readPerson(
  files: ReadonlyMap<string, Uint8Array>,
  name: string,
): Promise<SourcePerson> {
  const text = (ending: string) =>
    new TextDecoder().decode(files.get(`reallusion/${name}/${name}.${ending}`)!);
  const mesh = readObj(text("obj"));
  const pictures = readMtl(text("mtl"));
  const materials: SourceMaterial[] = [];
  for (const material of mesh.materials) {
    const { file, colour } = pictures.get(material) ?? { colour: [128, 128, 128] };
    const bytes = file && files.get(`reallusion/${name}/${basename(file)}`);
    if (!bytes) {
      materials.push({ name: material, width: 1, height: 1, pixels: Uint8Array.from(colour) });
      continue;
    }
    const { data, info } = await sharp(bytes).removeAlpha().toColourspace("srgb").raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    materials.push({ name: material, width, height, pixels: new Uint8Array(data) });
  }
  return { ...mesh, name, materials };
}

function readObj(text: string) {
  const vertices: number[] = [], places: number[] = [];
  const faces: number[] = [], uv: number[] = [], faceMaterials: number[] = [];
  const materials: string[] = [];
  let material = 0;
  for (const line of text.split("\n")) {
    const [kind, ...words] = line.trim().split(/\s+/);
    if (kind === "v") vertices.push(...words.slice(0, 3).map((word) => Number(word) / 100));
    else if (kind === "vt") places.push(Number(words[0]), Number(words[1]));
    else if (kind === "usemtl") {
      const name = words.join(" ");
      if (!materials.includes(name)) materials.push(name);
      material = materials.indexOf(name);
    } else if (kind === "f") {
      const corners = words.map((word) => word.split("/").map((number) => parseInt(number) - 1));
      for (let k = 2; k < corners.length; k++) {
        for (const [vertex, place] of [corners[0], corners[k - 1], corners[k]]) {
          faces.push(vertex);
          uv.push(places[place * 2] ?? 0, places[place * 2 + 1] ?? 0);
        }
        faceMaterials.push(material);
      }
    }
  }
  return {
    vertices: Float64Array.from(vertices),
    faces: Uint32Array.from(faces),
    uv: Float32Array.from(uv),
    faceMaterials: Uint8Array.from(faceMaterials),
    materials,
  };
}

function readMtl(text: string): Map<string, { file?: string; colour: number[] }> {
  const out = new Map<string, { file?: string; colour: number[] }>();
  let name = "";
  for (const line of text.split("\n")) {
    const [kind, ...words] = line.trim().split(/\s+/);
    if (kind === "newmtl") out.set(name = words.join(" "), { colour: [200, 200, 200] });
    else if (kind === "Kd") out.get(name)!.colour = words.map((word) => Number(word) * 255);
    else if (kind === "map_Kd") out.get(name)!.file = words.join(" ");
  }
  return out;
}
