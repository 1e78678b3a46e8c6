import { equal, ok } from "node:assert/strict";
import { readBody } from "../../lib/data/mod.ts";
import { JOINT_NAMES } from "../../lib/geometry/mod.ts";
import { scalpSource } from "../../lib/prior/scalp.ts";

Deno.test("scalpSource: the back of a head wears what the crown wears, beside the parting", async () => {
  const body = await readBody();
  const { template } = body;
  const head = JOINT_NAMES.indexOf("head") * 3;
  const [, y, z] = body.restJoints.subarray(head, head + 3);
  const skin = Uint32Array.from(new Set(body.bodyFaces));
  const top = skin.reduce((high, v) => Math.max(high, template[v * 3 + 1]), -Infinity);
  const source = scalpSource(body, skin.filter((v) => template[v * 3 + 2] > z));
  let back = 0;
  for (const v of skin) {
    const from = source(v);
    const [x, height, depth] = template.subarray(v * 3, v * 3 + 3);
    const isNose = Math.abs(x) < 0.01 && depth > z + 0.09 && height > y;
    if (isNose || height < y - 0.2) equal(from, undefined);
    if (Math.abs(x) > 0.05 || depth > z - 0.06 || height < top - 0.12) continue;
    back++;
    ok(from !== undefined && template[from * 3 + 1] > top - 0.04, `vertex ${v}`);
    ok(Math.abs(template[from * 3]) > 0.02, `vertex ${v} wears the parting`);
  }
  ok(back > 20, `${back} vertices`);
});

Deno.test("scalpSource: where no crown is shown nothing is known", async () => {
  equal(scalpSource(await readBody(), new Uint32Array())(0), undefined);
});
