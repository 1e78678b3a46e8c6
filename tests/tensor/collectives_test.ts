import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { ProcessGroup } from "../../lib/tensor/mod.ts";

const script = fileURLToPath(new URL("rank_process.ts", import.meta.url));

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** What two processes find; undefined for one that said nothing. */
async function ranks(what: string): Promise<(Record<string, unknown> | undefined)[]> {
  const port = String(freePort());
  const children = [0, 1].map((rank) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", script, port, String(rank), what],
      stdin: "null",
      stdout: "piped",
    }).spawn()
  );
  // A rank that hangs never ends by itself.
  if (what === "hang") void children[0].status.then(() => children[1].kill("SIGKILL"));
  const outputs = await Promise.all(children.map((child) => child.output()));
  return outputs.map(({ stdout }) => {
    const text = new TextDecoder().decode(stdout);
    return text === "" ? undefined : JSON.parse(text);
  });
}

Deno.test("ProcessGroup: reduces, copies and gathers over all ranks, and leaves no tensor", async () => {
  const both = { most: [1, 0], first: [6], all: [1, 0, 2, 10], total: [1, 1], left: 0 };
  assert.deepEqual(await ranks("operations"), [both, { ...both, sum: [3, 10] }]);
});

Deno.test("GradientBuckets: sums of all passes and ranks come to the owners, and from them to all", async () => {
  const [first, second] = await ranks("buckets");
  assert.deepEqual(first, second);
  // loss = Σa · Σb · c · (rank + 1 + step): 12 · (3 + 2 · step) over the ranks for c, in two passes.
  const expected = [0, 1, 2].map((step) => {
    const weight = 2 * (3 + 2 * step);
    const parts = [
      [12 * weight],
      [4, 4, 4].map((x) => x * weight),
      [0],
      [
        3,
        3,
        3,
        3,
      ].map((x) => x * weight),
    ];
    return { used: [true, true, false, true], parts };
  });
  assert.deepEqual(first, { steps: expected, left: 0 });
});

Deno.test("ProcessGroup: a rank that fails tells the others why", async () => {
  const [first] = await ranks("fail");
  assert.deepEqual(first, { heard: 'rank 1 ended: cannot read "clips"' });
});

for (const [what, how] of [["kill", "is killed"], ["hang", "hangs"]]) {
  Deno.test(`ProcessGroup: the others hear within seconds which rank ${how}`, async () => {
    const began = performance.now();
    const [first] = await ranks(what);
    assert.match(String(first?.heard), /^rank 1 (has ended or )?hangs: /);
    assert.ok(performance.now() - began < 60_000);
  });
}

Deno.test("ProcessGroup: a rank that is in one long call does not hang", async () => {
  assert.deepEqual(await ranks("longCall"), [{ total: [3] }, { total: [3] }]);
});

Deno.test("ProcessGroup: the others hear that rank 0 is gone, though they met there", async () => {
  const [, second] = await ranks("killFirst");
  assert.match(String(second?.heard), /^rank 0 has ended/);
});

Deno.test("ProcessGroup: ranks that do not come are named", () => {
  const join = { address: "127.0.0.1", port: freePort(), rank: 0, world: 3, joinSeconds: 0.2 };
  assert.throws(
    () => new ProcessGroup(join),
    /rank 1, 2 of 3 did not come to 127\.0\.0\.1:\d+ within/,
  );
  assert.throws(() => new ProcessGroup({ ...join, rank: 3 }), /rank is 3 of 3, expected 0 to 2/);
});
