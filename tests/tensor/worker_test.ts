import assert from "node:assert/strict";
import { full, item, scope, sum } from "../../lib/tensor/mod.ts";

Deno.test("two threads call at once, each with arenas of its own", async () => {
  const worker = new Worker(new URL("worker.ts", import.meta.url), { type: "module" });
  try {
    const answer = new Promise<number[]>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = reject;
    });
    worker.postMessage(3);
    for (let i = 0; i < 200; i++) {
      assert.equal(scope(() => item(sum(full([5], i)))), 5 * i);
      if (i % 20 === 0) await new Promise((resume) => setTimeout(resume, 1));
    }
    assert.deepEqual(await answer, Array.from({ length: 200 }, (_, i) => 3 * i));
  } finally {
    worker.terminate();
  }
});
