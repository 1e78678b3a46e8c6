import { deepEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { bodyPath, HELD_OUT_SEED, readBody, renderClip } from "../../lib/data/mod.ts";
import { writePng } from "../../lib/io/mod.ts";
import { parseJob } from "../../lib/pipelines/job/mod.ts";
import { inspectJob } from "../../lib/preview/mod.ts";
import { withEnv, withFolder } from "../support/folders.ts";

Deno.test("preview: a photo that cuts somebody off is framed as it is, and no mask is guessed", () =>
  withFolder((folder) =>
    withEnv({ XDG_CACHE_HOME: join(folder, "caches") }, async () => {
      const size = { width: 256, height: 256 };
      const { frames, mask } = renderClip(await readBody(), {
        ...{ seed: HELD_OUT_SEED + 1, ...size, frames: 1, kind: "video" as const },
      });
      const rows = [mask.findIndex((value) => value > 0), mask.findLastIndex((value) => value > 0)]
        .map((at) => Math.floor(at / size.width));
      const height = Math.round((rows[0] + rows[1]) / 2 + 0.1 * (rows[1] - rows[0]));
      const image = join(folder, "half.png");
      const data = frames.data.subarray(0, height * size.width * 3);
      await writePng(image, { ...frames, height, data });
      const job = parseJob({
        reference: { image },
        persons: [{ motion: "builtin:wave" }],
        ...{ width: 256, height: 2 * Math.round(height / 2), frames: 5, output: "-" },
      });
      const { fits: [fit], warnings } = await inspectJob(job, { bodyPath });
      ok(fit!.outside > 0.25, `${fit!.outside}`);
      deepEqual(warnings.filter(({ kind }) => /frame|pose/.test(kind)), []);
    })
  ));
