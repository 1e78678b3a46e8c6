import { rasterise, rasterTarget } from "../../lib/geometry/mod.ts";
import { declareMap } from "../../lib/models/isa_dit/mod.ts";

/** How near the nearest body is, 1 over metres; 0 where nobody is. */
declareMap("depth", {
  picture: false,
  planes: 1,
  dropout: ["body"],
  *draw({ body, persons, cameras }) {
    for (const [frame, camera] of cameras.entries()) {
      const target = rasterTarget(camera.width, camera.height);
      for (const { poses } of persons) {
        const { vertices } = body.pose(poses[frame]);
        rasterise(target, camera, { vertices, faces: body.bodyFaces });
      }
      yield { planes: [target.depth.map((metres) => 1 / metres)] };
    }
  },
});
