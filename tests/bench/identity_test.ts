import { equal, ok } from "node:assert/strict";
import { coveringOf, renderPair } from "../../bench/support/pairs.ts";
import { readBody } from "../../lib/data/mod.ts";

Deno.test("bench identity: a pair stands one behind the other, and its own pictures are the two ends of the measure", async () => {
  const body = await readBody();
  const pair = renderPair(body, 1, { side: 32, frames: 1 });
  const { frames } = pair.clip;
  const truth = coveringOf(body, pair, frames);
  ok(truth.shared > 8 && truth.telling > truth.shared / 4, `${truth.telling} of ${truth.shared}`);
  equal(truth.front, 1);
  const behind = coveringOf(body, pair, { ...frames, data: pair.alone[0] });
  ok(behind.front < 0.2, `${behind.front} of the person in front where only the other is`);
});
