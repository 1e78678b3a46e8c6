import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import sharp from "sharp";
import {
  encodeJpeg,
  type Origin,
  probeVideo,
  readVideo,
  readVideoMetadata,
  readXmp,
  writeAlpha,
  writeMp4Stream,
  writePng,
  writePngSequence,
  writeVideo,
} from "../../lib/io/mod.ts";
import { streamOf } from "../../lib/io/frames.ts";
import { readPacket } from "../../lib/io/xmp/mod.ts";
import { exiftool } from "../support/exiftool.ts";
import { withFolder } from "../support/folders.ts";
import { ramps } from "../support/pictures.ts";

const VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/";

const origin: Origin = {
  sourceType: "compositeWithTrainedAlgorithmicMedia",
  creatorTool: "isa4d 0.0",
  ingredients: [{ file: "a<b>&c.png", digitalSourceType: `${VOCABULARY}digitalCapture` }],
};

const facts = {
  description: undefined,
  digitalSourceType: VOCABULARY + origin.sourceType,
  creatorTool: origin.creatorTool,
  ingredients: origin.ingredients,
};

const containers = ["mp4", "mov", "mkv", "webm", "gif", "webp"] as const;

for (const ending of containers) {
  Deno.test(`xmp: a ${ending} says how it came to be, beside its job, and plays as before`, () =>
    withFolder(async (folder) => {
      const [plain, marked] = [join(folder, `plain.${ending}`), join(folder, `marked.${ending}`)];
      const frames = ramps({ width: 64, height: 48, count: 5, fps: 8 });
      const metadata = JSON.stringify({ job: "ü=;#\\\n", long: "x".repeat(70_000) });
      await writeVideo(plain, frames, { metadata });
      await writeVideo(marked, frames, { metadata, origin });
      const description = ending === "webp" ? metadata : undefined;
      deepEqual(await readXmp(marked), { ...facts, description });
      equal((await readXmp(plain))?.digitalSourceType, undefined);
      equal(await readVideoMetadata(marked), metadata);
      deepEqual(await readVideo(marked), await readVideo(plain));
      const { duration: _, ...known } = await probeVideo(marked);
      const { duration: __, ...before } = await probeVideo(plain);
      deepEqual(known, before);
    }));
}

Deno.test("xmp: a gif of one frame and a webp still begin and end as such for sharp", () =>
  withFolder(async (folder) => {
    for (const [ending, pages] of [["gif", 3], ["webp", 3]] as const) {
      const path = join(folder, `a.${ending}`);
      await writeVideo(path, ramps({ count: 3, fps: 8 }), { origin });
      equal((await sharp(path, { pages: -1 }).metadata()).pages, pages);
    }
  }));

Deno.test("xmp: pictures, numbered pictures, mattes and streams say it too", () =>
  withFolder(async (folder) => {
    const frames = ramps({ width: 32, height: 24, count: 2, fps: 8 });
    const at = (name: string) => join(folder, name);
    await writePng(at("a.png"), frames, { origin });
    await Deno.writeFile(at("a.jpg"), await encodeJpeg(frames, { origin }));
    await writePngSequence(at("%d.png"), frames, { origin });
    const rgba = { width: 32, height: 24, fps: 8, frames: [new Uint8Array(32 * 24 * 4)] };
    for (const name of ["m.mov", "m.webm", "m%d.png"]) await writeAlpha(at(name), rgba, { origin });
    using stream = await Deno.open(at("s.mp4"), { write: true, create: true });
    await writeMp4Stream(
      async (bytes) => {
        for (let done = 0; done < bytes.length;) done += await stream.write(bytes.subarray(done));
      },
      streamOf(frames),
      { origin },
    );
    for (
      const name of [
        ...["a.png", "a.jpg", "1.png", "2.png", "m.mov", "m.webm", "m1.png", "s.mp4"],
      ]
    ) deepEqual(await readXmp(at(name)), facts, name);
    equal((await readVideo(at("s.mp4"))).count, 2);
    await writePng(at("plain.png"), frames);
    equal(await readXmp(at("plain.png")), undefined);
  }));

Deno.test({
  name: "xmp: exiftool reads the same from every kind of file",
  ignore: exiftool.missing,
  fn: () =>
    withFolder(async (folder) => {
      const frames = ramps({ width: 32, height: 24, count: 2, fps: 8 });
      const names = ["a.mp4", "a.mov", "a.gif", "a.webp"];
      for (const name of names) await writeVideo(join(folder, name), frames, { origin });
      await writePng(join(folder, "a.png"), frames, { origin });
      for (const name of [...names, "a.png"]) {
        const said = await exiftool.read(join(folder, name));
        equal(said["XMP:DigitalSourceType"], facts.digitalSourceType, name);
        equal(said["XMP:CreatorTool"], "isa4d 0.0", name);
        equal(said["XMP:IngredientsFilePath"], "a<b>&c.png", name);
        equal(said["ExifTool:Warning"], undefined, name);
      }
      for (const name of ["b.mkv", "b.webm"]) {
        await writeVideo(join(folder, name), frames, { origin });
        const said = await exiftool.read(join(folder, name));
        ok(Object.values(said).includes(facts.digitalSourceType), JSON.stringify(said));
      }
    }),
});

Deno.test({
  name: "xmp: what exiftool writes is read, of pictures and videos",
  ignore: exiftool.missing,
  fn: () =>
    withFolder(async (folder) => {
      const frames = ramps({ width: 32, height: 24, count: 2, fps: 8 });
      const address = `${VOCABULARY}digitalCapture`;
      const at = (name: string) => join(folder, name);
      for (const name of ["a.mp4", "a.mov", "a.gif", "a.webp"]) await writeVideo(at(name), frames);
      await writePng(at("a.png"), frames);
      await Deno.writeFile(at("a.jpg"), await encodeJpeg(frames));
      await sharp(frames.data.subarray(0, 32 * 24 * 3), {
        raw: { width: 32, height: 24, channels: 3 },
      })
        .tiff().toFile(at("a.tif"));
      for (const name of ["a.mp4", "a.mov", "a.gif", "a.png", "a.jpg", "a.tif"]) {
        await exiftool.write(at(name), [`-XMP-iptcExt:DigitalSourceType=${address}`]);
        equal((await readXmp(at(name)))?.digitalSourceType, address, name);
      }
    }),
});

Deno.test("xmp: properties are read as elements, attributes and addresses, under any prefix", () => {
  const packet = (inner: string, attributes = "") =>
    `<?xpacket begin="\ufeff"?><!-- <a> --><x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF
    xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:i='http://iptc.org/std/Iptc4xmpExt/2008-02-29/'>
    <r:Description ${attributes}>${inner}</r:Description></r:RDF></x:xmpmeta> <?xpacket end="w"?>`;
  const type = (text: string) => readPacket(text)?.digitalSourceType;
  equal(type(packet("<i:DigitalSourceType> a&amp;b&#x21; </i:DigitalSourceType>")), "a&b!");
  equal(type(packet("", `i:DigitalSourceType='a'`)), "a");
  equal(type(packet(`<i:DigitalSourceType r:resource="a"/>`)), "a");
  equal(type(packet("<i:DigitalSourceType><![CDATA[a<b]]></i:DigitalSourceType>")), "a<b");
  equal(type(packet("<i:Other><i:DigitalSourceType>a</i:DigitalSourceType></i:Other>")), undefined);
  for (const broken of ["", "x", "<a>", "<a></b>", "</a>", "<a/><", `<?xpacket?><a b=c/>`]) {
    equal(readPacket(broken), undefined, broken);
  }
});
