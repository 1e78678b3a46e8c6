import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { InputError, IoError } from "../../lib/errors.ts";
import {
  type Claim,
  FileHashes,
  isGone,
  LeaseWatch,
  Ledger,
  type LedgerEntry,
  parseJobsFile,
  prepareBatch,
  thisOwner,
} from "../../lib/batch/mod.ts";
import { Lease } from "../../lib/batch/lease.ts";
import { attemptsOf, lines, smallDefaults } from "../support/batch_files.ts";
import { namesIn, withFolder } from "../support/folders.ts";

const LEASE_MS = 1000;

const entriesOf = (...ids: string[]): LedgerEntry[] =>
  ids.map((id) => ({ id, hash: id, record: "{}", output: `${id}.mp4`, models: id[0] }));

/** A process of another machine, of which nothing can be known. */
const elsewhere = (name: string) => ({ name, key: `elsewhere/${name}/1` });

/** A ledger with jobs that it wants, and a watch over it. */
function open(path: string, entries: readonly LedgerEntry[], now?: () => number) {
  const ledger = Ledger.open(path);
  ledger.add(entries);
  ledger.want(entries);
  return { ledger, watch: new LeaseWatch(LEASE_MS, now) };
}

const withLedgers = (body: (path: string, folder: string) => Promise<void> | void) =>
  withFolder(async (folder) => await body(join(folder, "batch.sqlite"), folder));

Deno.test("Ledger: of two processes each job goes to one, and only its holder ends it", () =>
  withLedgers((path) => {
    const entries = entriesOf("a1", "a2", "b1");
    const { ledger: one, watch } = open(path, entries);
    const { ledger: two } = open(path, entries);
    using _one = one;
    using _two = two;
    const claims: Claim[] = [];
    for (let i = 0; i < 4; i++) {
      const claim = [one, two][i % 2].claim(elsewhere(`p${i % 2}`), { watch });
      if (claim) claims.push(claim);
    }
    deepEqual(claims.map(({ id }) => id), ["a1", "a2", "b1"]);
    const made = { seconds: 1, inputs: [], outputs: [] };
    equal(two.finish({ ...claims[0], owner: elsewhere("p1") }, made), false);
    equal(two.beat({ ...claims[0], attempt: 2 }), false);
    ok(one.beat(claims[0]) && one.finish(claims[0], made));
    equal(one.finish(claims[0], made), false);
    ok(two.fail(claims[1], "no", { again: true }) && one.release(claims[2]));
    deepEqual(one.counts(), { pending: 2, running: 0, done: 1, failed: 0 });
    deepEqual(attemptsOf(path).map(({ result }) => result), ["done", "failed", "interrupted"]);
  }));

Deno.test("Ledger: jobs of the loaded models come first, those that failed or vanished last", () =>
  withLedgers((path) => {
    const { ledger, watch } = open(path, entriesOf("a1", "b1", "a2", "b2"));
    using _ = ledger;
    const take = (models?: string) => ledger.claim(elsewhere("p"), { watch, models })!;
    const first = take();
    ledger.fail(first, "no memory", { again: true });
    const order = [first, take("a"), take("b"), take("b"), take("b")].map(({ id }) => id);
    deepEqual(order, ["a1", "a2", "b1", "b2", "a1"]);
    equal(ledger.claim(elsewhere("p"), { watch }), undefined);
    equal(ledger.rows(["a1"])[0].error, "no memory");
  }));

Deno.test("LeaseWatch: a job of another machine is free when its beat stood still for a lease", () =>
  withLedgers((path) => {
    let now = 0;
    const { ledger, watch } = open(path, entriesOf("a"), () => now);
    using _ = ledger;
    const held = ledger.claim(elsewhere("far"), { watch })!;
    const take = () => ledger.claim(elsewhere("near"), { watch });
    for (now of [0, 999, 1000]) equal(take(), undefined);
    ledger.beat(held);
    for (now of [1500, 2500]) equal(take(), undefined);
    now = 2501;
    const taken = take()!;
    deepEqual([taken.id, taken.attempt, taken.cuts], ["a", 2, 1]);
    equal(ledger.beat(held), false);
    equal(ledger.finish(held, { seconds: 1, inputs: [], outputs: [] }), false);
    deepEqual(attemptsOf(path).map(({ result }) => result), ["cut", "null"]);
  }));

Deno.test("Lease: gives signs of life beside a thread that is busy; a job that is taken aborts", () =>
  withLedgers(async (path) => {
    const { ledger, watch } = open(path, entriesOf("a"));
    using _ = ledger;
    const held = ledger.claim(elsewhere("p"), { watch })!;
    using lease = new Lease(path, { leaseMs: 80 });
    const lost = lease.hold(held);
    // Nothing else runs in this thread meanwhile.
    while (ledger.rows()[0].beat < 2) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
    equal(lost.aborted, false);
    ledger.release(held);
    await new Promise((resolve) => lost.addEventListener("abort", resolve));
    match(lost.reason.message, /another process has taken job "a"/);
    lease.drop();
  }));

Deno.test("isGone: a process of this machine that has ended, but not while its parent can tell of it", async () => {
  const own = thisOwner();
  const child = new Deno.Command("sleep", { args: ["60"] }).spawn();
  const space = own.key.split("/")[0];
  const stat = await Deno.readTextFile(`/proc/${child.pid}/stat`);
  const key = `${space}/${child.pid}/${stat.split(") ")[1].split(" ")[19]}`;
  deepEqual([isGone(own.key), isGone(key)], [false, false]);
  // The same number, but begun at another time.
  ok(isGone(`${space}/${child.pid}/1`));
  child.kill("SIGKILL");
  await child.status;
  ok(isGone(key));
  equal(isGone(`${key}/${own.key.split("/").slice(1).join("/")}`), false);
  ok(isGone(`${key}/${child.pid}/1`));
  equal(isGone(key.replace(space, "another machine")), false);
});

Deno.test("Ledger: a rollback journal, which shared file systems can lock; one file when all is quiet", () =>
  withLedgers((path, folder) => {
    {
      const { ledger, watch } = open(path, entriesOf("a"));
      using _ = ledger;
      ledger.claim(elsewhere("p"), { watch });
      deepEqual(namesIn(folder), ["batch.sqlite"]);
    }
    using db = new DatabaseSync(path);
    equal(db.prepare("PRAGMA journal_mode").get()?.journal_mode, "delete");
  }));

Deno.test("Ledger: foreign, damaged, newer and missing files are refused in one line", () =>
  withLedgers(async (path, folder) => {
    const refused = (says: RegExp, kind: typeof InputError | typeof IoError, create = true) =>
      throws(() => Ledger.open(path, { create }), (error: Error) => {
        match(error.message, says);
        ok(error.message.includes(path) && !error.message.includes("\n"));
        return error instanceof kind;
      });
    refused(/there is no ledger/, InputError, false);
    await Deno.writeTextFile(
      path,
      "not a database, but long enough to be taken for one".repeat(20),
    );
    refused(/is no ledger, or a damaged one/, InputError);
    await Deno.remove(path);
    for (
      const [change, says] of [
        ["CREATE TABLE x (y)", /another program's database/],
        ["PRAGMA user_version = 9", /of version 9, this isa4d reads version 1/],
      ] as const
    ) {
      if (change.startsWith("PRAGMA")) Ledger.open(path)[Symbol.dispose]();
      {
        using db = new DatabaseSync(path);
        db.exec(change);
      }
      refused(says, InputError);
      await Deno.remove(path);
    }
    await Deno.mkdir(path);
    refused(/cannot be opened or made/, IoError);
    deepEqual(namesIn(folder), ["batch.sqlite"]);
  }));

Deno.test("FileHashes: a file is read again only when it has changed, and a fresh one always", () =>
  withLedgers(async (path, folder) => {
    const file = join(folder, "a.bin");
    const { ledger } = open(path, []);
    using _ = ledger;
    const hashes = new FileHashes(ledger);
    await Deno.writeTextFile(file, "one");
    const one = await hashes.hash(file);
    await Deno.writeTextFile(file, "two");
    const two = await hashes.hash(file);
    ok(one !== two);
    // What the ledger remembers is believed while time, size and inode are the same.
    const { size, mtime, ctime, ino } = await Deno.stat(file);
    const facts = [size, mtime!.getTime(), ctime!.getTime(), ino].join(" ");
    ledger.rememberHash(file, facts, "remembered");
    equal(await hashes.hash(file), "remembered");
    await Deno.writeTextFile(file, "three");
    ok(![one, two, "remembered"].includes(await hashes.hash(file)));
  }));

Deno.test("prepareBatch: what is done stays so until record, input or output change", () =>
  withLedgers(async (path, folder) => {
    await Deno.writeTextFile(join(folder, "me.png"), "a picture");
    const read = (job: Record<string, unknown>) =>
      parseJobsFile(lines([{ ...smallDefaults, weights: "small", id: "a", ...job }]), {
        out: folder,
        resolve: (name) => join(folder, name),
      }).entries;
    using ledger = Ledger.open(path);
    const hashes = new FileHashes(ledger);
    const reasons: string[] = [];
    const prepare = async (job = {}) => {
      const entries = read(job);
      await prepareBatch(ledger, entries, {
        ...{ hashes, folder, onRenew: (_: string, reason: string) => reasons.push(reason) },
      });
      ledger.want(entries);
      return ledger.counts();
    };
    const output = join(folder, "a.mp4");
    const finish = async () => {
      const claim = ledger.claim(thisOwner(), { watch: new LeaseWatch(LEASE_MS) })!;
      await Deno.writeTextFile(output, "a video");
      const image = join(folder, "me.png");
      ledger.finish(claim, {
        seconds: 1,
        inputs: [{ path: image, sha256: await hashes.hash(image) }],
        outputs: [{ path: "a.mp4", bytes: 7, sha256: "" }],
      });
    };
    const isDone = { pending: 0, running: 0, done: 1, failed: 0 };
    const isPending = { ...isDone, done: 0, pending: 1 };
    const changes: [() => Promise<void>, RegExp, Record<string, unknown>?][] = [
      [() => Promise.resolve(), /record has changed/, { seed: 3 }],
      [() => Deno.remove(output), /"a\.mp4" is gone/],
      [() => Deno.writeTextFile(output, "cut"), /"a\.mp4" has 3 bytes, it had 7/],
      [
        () => Deno.writeTextFile(join(folder, "me.png"), "x", { append: true }),
        /me\.png" has changed/,
      ],
    ];
    deepEqual(await prepare(), isPending);
    for (const [change, says, job] of changes) {
      await finish();
      deepEqual(await prepare(), isDone);
      await change();
      deepEqual(await prepare(job), isPending);
      match(reasons.pop()!, says);
      if (job) await prepare();
      reasons.length = 0;
    }
    await finish();
    // The video outlives what it was made from.
    await Deno.remove(join(folder, "me.png"));
    deepEqual(await prepare(), isDone);
  }));
