import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { encodePng, writeJson } from "../../lib/io/mod.ts";
import { evalReport } from "../../lib/report/mod.ts";
import { withFolder } from "../support/folders.ts";
import { browserPath, withBrowser } from "../viewer/browser.ts";

const protocol = {
  frames: [3],
  weights: [{ role: "LPIPS", file: "/somewhere/lpips.pt", sha256: "a".repeat(64) }],
  seeds: [],
  versions: { isa4d: "0.1", libtorch: "2" },
};
const base = { format: "isa4d-eval", version: 1, protocol };

/** Records of every kind, and a picture of a worst frame. */
async function writeRecords(folder: string): Promise<void> {
  const data = new Uint8Array(6 * 2 * 3).fill(90);
  const png = await encodePng({ width: 6, height: 2, count: 1, fps: 1, data });
  await Deno.writeFile(join(folder, "worst-1.png"), png);
  const videos = ["one", "<two>"].map((name, i) => ({
    name,
    frames: 3,
    scores: { psnr: i === 0 ? null : 20, ssim: 0.5 + i / 10 },
    byFrame: { psnr: [null, 19, 21], ssim: [0.4, 0.5, 0.6] },
  }));
  const worst = [{ file: "worst-1.png", pair: "<two>", frame: 2, score: "ssim", value: 0.4 }];
  await writeJson(join(folder, "video.json"), { ...base, kind: "video", videos, worst });
  const follow = { path: "/x/result.mp4", frames: 2, scores: { poseIou: 0.7, cameraError: 1 } };
  await writeJson(join(folder, "follow.json"), {
    ...{ ...base, kind: "follow" },
    videos: [{ ...follow, byFrame: [{ poseIou: 0.6 }, { poseIou: null }] }],
  });
  const distance = { name: "FSVD", distance: 1.25, dimensions: 192, samples: [16, 16] };
  await writeJson(join(folder, "set.json"), {
    ...{ ...base, kind: "set" },
    distances: [{ ...distance, warning: "few samples" }],
  });
  const epipolar = { matches: 40, error: 0.5, byChance: 20, near: 0.9 };
  const spots = { spots: 90, difference: 0.02, byChance: 0.1 };
  const pairs = [{ views: [0, 1], angle: 30.2, ...spots, epipolar }];
  await writeJson(join(folder, "views.json"), {
    ...{ ...base, kind: "views" },
    scores: { consistency: 0.8, epipolar, pairs },
  });
  const row = { scores: { psnr: 17.25 }, byView: [{ psnr: 17 }, { psnr: 17.5 }] };
  await writeJson(join(folder, "grid.json"), {
    ...{ ...base, kind: "grid" },
    rows: [
      {
        row: "grid",
        model: "small",
        cfgScale: 2,
        ...row,
        agreement: { consistency: 0.6, epipolar },
      },
      { row: "truth", ...row, agreement: { consistency: null, epipolar } },
    ],
  });
}

Deno.test("evalReport: one page with tables, curves, histograms and the worst frames, nothing from outside", () =>
  withFolder(async (folder) => {
    await writeRecords(folder);
    const page = await evalReport([folder]);
    match(page, /<td>&#60;two&#62;<\/td><td>3<\/td><td>20<\/td><td>0\.6<\/td>/);
    match(page, /<td>one<\/td><td>3<\/td><td>—<\/td><td>0\.5<\/td>/);
    match(page, /FSVD<\/td><td>1\.25<\/td>.*few samples/);
    match(page, /LPIPS aaaaaaaaaaaa; .*versions: isa4d 0\.1, libtorch 2/);
    match(page, /<th>pose IoU ↑<\/th><th>camera error ↓<\/th>/);
    ok(page.indexOf("<td>truth</td>") < page.indexOf("<td>small, grid"), "baselines first");
    ok(page.lastIndexOf("<table>") < page.indexOf("<h2>Protocols</h2>"), "protocols last");
    match(page, /<h2>[^<]*: against the true videos, by frame<\/h2>/);
    match(page, /&#60;two&#62;, frame 2: ssim 0\.4/);
    match(
      page,
      /<td>0 and 1<\/td><td>30°<\/td><td>90<\/td><td>0\.02<\/td><td>0\.1<\/td><td>40<\/td>/,
    );
    match(page, /<td>small, grid, guidance 2<\/td><td>17\.25<\/td><td>0\.6<\/td><td>40<\/td>/);
    match(page, /<th>view 1 PSNR ↑<\/th>.*\n.*<td>17\.5<\/td>/);
    // psnr and ssim as curves and as histograms; poseIou as a curve, one value makes no histogram.
    equal(page.match(/<svg/g)?.length, 5);
    equal(page.match(/<img src="data:image\/png;base64,/g)?.length, 1);
    deepEqual(page.match(/(?:src|href)="(?!data:|#)[^"]*"/g) ?? [], []);
  }));

Deno.test("evalReport: folders without a record, and other files under its name, are told", () =>
  withFolder(async (folder) => {
    await rejects(evalReport([folder]), /holds no record of isa4d eval; --output writes one/);
    await writeJson(join(folder, "solo.json"), {
      ...base,
      kind: "solo",
      videos: [{ frames: "x" }],
    });
    await rejects(
      evalReport([folder]),
      /solo\.json" is no record of isa4d eval: videos\.0\.frames/,
    );
  }));

Deno.test({
  name: "evalReport: a browser shows it all without a complaint or a request",
  ignore: browserPath() === undefined,
  fn: () =>
    withFolder(async (folder) => {
      await writeRecords(folder);
      const path = join(folder, "report.html");
      await Deno.writeTextFile(path, await evalReport([folder]));
      await withBrowser(async (browser) => {
        const page = await browser.newPage({ viewport: { width: 900, height: 700 } });
        const complaints: string[] = [];
        const requests: string[] = [];
        page.on("console", (message) => complaints.push(message.text()));
        page.on("pageerror", (error) => complaints.push(String(error)));
        page.on("request", (request) => requests.push(request.url()));
        await page.goto(`file://${path}`);
        equal(await page.locator("section").count(), 10);
        const drawn = await page.locator("svg, img").all();
        equal(drawn.length, 6);
        for (const one of drawn) ok((await one.boundingBox())!.width > 5);
        ok(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"));
        deepEqual(complaints, []);
        deepEqual(requests.filter((address) => !/^(?:file|data):/.test(address)), []);
      });
    }),
});
