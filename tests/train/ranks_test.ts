import assert from "node:assert/strict";
import { scope, zeros } from "../../lib/tensor/mod.ts";
import { planBuckets, rankPlace, Ranks } from "../../lib/train/mod.ts";

Deno.test("rankPlace: a process alone has none", () => {
  assert.equal(rankPlace({}), undefined);
  assert.equal(rankPlace({ WORLD_SIZE: "1", RANK: "0" }), undefined);
  // A batch script, before srun: many tasks are meant, this process is none of them.
  assert.equal(rankPlace({ SLURM_JOB_ID: "7", SLURM_NTASKS: "8", SLURM_PROCID: "0" }), undefined);
});

Deno.test("rankPlace: torchrun's variables, whose agent may hold the meeting place", () => {
  const torchrun = {
    RANK: "9",
    WORLD_SIZE: "16",
    LOCAL_RANK: "1",
    MASTER_ADDR: "node3",
    MASTER_PORT: "29500",
  };
  const place = { rank: 9, world: 16, localRank: 1, address: "node3", port: 29500 };
  assert.deepEqual(rankPlace(torchrun), { ...place, hosted: false, attempt: "0" });
  const elastic = { TORCHELASTIC_USE_AGENT_STORE: "True", TORCHELASTIC_RESTART_COUNT: "2" };
  assert.deepEqual(rankPlace({ ...torchrun, ...elastic }), {
    ...place,
    hosted: true,
    attempt: "2",
  });
});

Deno.test("rankPlace: srun's variables; the ranks meet at the first host of the list", () => {
  const srun = {
    SLURM_STEP_NUM_TASKS: "16",
    SLURM_PROCID: "3",
    SLURM_LOCALID: "3",
    SLURM_JOB_ID: "1234567",
    SLURM_STEP_ID: "0",
    SLURM_JOB_NODELIST: "gpu[007-009,12],login1",
  };
  const place = rankPlace(srun)!;
  assert.deepEqual([place.rank, place.world, place.localRank], [3, 16, 3]);
  assert.equal(place.address, "gpu007");
  assert.ok(place.port >= 20000 && place.port < 40000);
  assert.equal(rankPlace({ ...srun, SLURM_PROCID: "4" })!.port, place.port);
  assert.notEqual(rankPlace({ ...srun, SLURM_STEP_ID: "1" })!.port, place.port);
  const lists = ["node1", "node1,node2", "a[1-3]b,c", "rack2-n[01,05-08]-ib"];
  const first = lists.map((list) => rankPlace({ ...srun, SLURM_JOB_NODELIST: list })!.address);
  assert.deepEqual(first, ["node1", "node1", "a1b", "rack2-n01-ib"]);
});

Deno.test("rankPlace: what is missing or no number is named", () => {
  const torchrun = { RANK: "1", WORLD_SIZE: "2", MASTER_ADDR: "here", MASTER_PORT: "1" };
  assert.throws(() => rankPlace({ ...torchrun, MASTER_ADDR: undefined }), /MASTER_ADDR is not set/);
  assert.throws(() => rankPlace({ ...torchrun, RANK: "two" }), /RANK is "two", expected a whole/);
  assert.throws(() => rankPlace({ ...torchrun, RANK: "2" }), /rank is 2, expected 0 to 1/);
});

Deno.test("planBuckets: every parameter once, last ones first, owners balanced to a tenth", () => {
  scope(() => {
    const shapes = Array.from({ length: 40 }, (_, i) => [64, 16 * (1 + i % 5)]);
    const parameters = new Map(shapes.map((shape, i) => [`p${i}`, zeros(shape)]));
    for (const world of [2, 3, 8]) {
      const plan = planBuckets(parameters, world);
      const names = plan.flatMap(({ names }) => names);
      assert.deepEqual(names, [...parameters.keys()].reverse());
      const loads = new Array(world).fill(0);
      for (const { names, owner } of plan) {
        for (const name of names) loads[owner] += parameters.get(name)!.numel;
      }
      const total = loads.reduce((a, b) => a + b);
      assert.ok(Math.max(...loads) < 1.1 * total / world, `${world} ranks own ${loads}`);
    }
  });
});

Deno.test("Ranks: one alone has the whole batch and is its own sum", () => {
  const { alone } = Ranks;
  assert.deepEqual([alone.rank, alone.world], [0, 1]);
  assert.deepEqual(alone.part(10), { first: 0, count: 10, of: 10 });
  assert.deepEqual(alone.sum([1, 2]), [1, 2]);
});
