import { deepEqual, ok, throws } from "node:assert/strict";
import { cameraCentre } from "../../../lib/geometry/mod.ts";
import { gridPaths, mosaicShape, parseGridJob, stations } from "../../../lib/pipelines/grid/mod.ts";

const size = {
  width: 64,
  height: 64,
  subject: { min: [-0.3, 0, -0.2], max: [0.3, 1.8, 0.2] },
} as const;

/** Degrees around the subject from +Z. */
const azimuths = (path: string, views: number): number[] =>
  stations(path, views, size).map((camera) => {
    const [x, , z] = cameraCentre(camera);
    return (Math.round(Math.atan2(x, z) * 180 / Math.PI) + 360) % 360;
  });

Deno.test("stations: views stand at both ends of a path, and around a turn evenly", () => {
  deepEqual(azimuths("orbit:deg=90", 3), [0, 45, 90]);
  deepEqual(azimuths("orbit:deg=360", 4), [0, 90, 180, 270]);
  deepEqual(azimuths("orbit:deg=360,azimuth=10", 3), [10, 130, 250]);
  const distances = stations("dolly:m=-1", 2, size).map((camera) =>
    Math.hypot(...cameraCentre(camera))
  );
  ok(distances[0] - distances[1] > 0.9);
  throws(() => stations("static", 2, size), /does not move, so all 2 views would be one/);
});

Deno.test("mosaicShape: rows as near to a square as the views fill", () => {
  const shapes = [1, 2, 3, 4, 5, 6, 9, 10].map((views) => Object.values(mosaicShape(views)));
  deepEqual(shapes, [[1, 1], [2, 1], [2, 2], [2, 2], [3, 2], [3, 2], [3, 3], [4, 3]]);
});

Deno.test("gridPaths: each view beside the mosaic", () => {
  deepEqual(gridPaths("/a/b.c/out.mp4", 2), {
    mosaic: "/a/b.c/out.mp4",
    views: ["/a/b.c/out-view-0.mp4", "/a/b.c/out-view-1.mp4"],
    record: "/a/b.c/out.mp4.json",
    sidecar: "/a/b.c/out.grid.json",
  });
  deepEqual(gridPaths("/a/g/%04d.png", 1), {
    mosaic: "/a/g/%04d.png",
    views: ["/a/g/view-0/%04d.png"],
    record: "/a/g/metadata.json",
    sidecar: "/a/g/grid.json",
  });
  throws(() => gridPaths("/a/out.txt", 1), /cannot write a grid to "\/a\/out\.txt"/);
});

Deno.test("parseGridJob: what does not fit is named", () => {
  const job = {
    reference: { image: "me.png", pose: "none" },
    persons: [{ motion: "builtin:walk" }],
    output: "x.mp4",
  };
  deepEqual(parseGridJob({ job }).viewCameras, ["orbit:deg=360"]);
  for (
    const [grid, said] of [
      [{ views: 0 }, /views: expected at least 1/],
      [{ views: 3, viewCameras: ["pan", "pan"] }, /2 view cameras for 3 views/],
      [{ givenViews: [{ view: 4, video: "a" }] }, /no view 4, expected 0 to 3/],
      [{ givenViews: [{ view: 1, video: "a" }, { view: 1, video: "b" }] }, /names a view twice/],
      [{ givenTime: { frame: 4, video: "a" } }, /givenTime.frame/],
    ] as const
  ) throws(() => parseGridJob({ job, ...grid }), said);
});
