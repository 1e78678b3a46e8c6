/**
 * What the campaign found, each as the smallest file that shows it.
 * @module
 */
import { equal, ok, rejects, throws } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readSmplBody } from "../../lib/data/body_smpl_file.ts";
import { readBody } from "../../lib/data/mod.ts";
import { readMotionFile } from "../../lib/data/motions/read_motion_file.ts";
import { readPlaces } from "../../lib/data/photographed_places.ts";
import { readTexturedPeople } from "../../lib/data/textured_people.ts";
import { InputError } from "../../lib/errors.ts";
import { discardParts } from "../../lib/io/atomic.ts";
import { tagsFile } from "../../lib/io/container_tags.ts";
import { readJson, readSafetensors, writeNpz, writeSafetensors } from "../../lib/io/mod.ts";
import { readPickle } from "../../lib/io/pickle/mod.ts";
import { denseFloats, SparseMatrix } from "../../lib/io/pickle/sparse.ts";
import { savedState } from "../../lib/pipelines/record/mod.ts";
import { readSeen } from "../../lib/track/seen_file.ts";
import { withFolder } from "../support/folders.ts";
import { pause } from "./processes.ts";

/** Asserts that a file is refused in one line that names it, and steers no terminal. */
async function refuses(path: string, read: (path: string) => Promise<unknown>): Promise<void> {
  await rejects(read(path), (error) => {
    ok(error instanceof InputError, String(error));
    ok(error.message.includes(path), error.message);
    // deno-lint-ignore no-control-regex
    ok(!/[\u0000-\u001f\u007f-\u009f\u202e]/.test(error.message), JSON.stringify(error.message));
    ok(error.message.length < 1800, `${error.message.length} characters`);
    return true;
  });
}

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

Deno.test("found: a tensor's name that steers the terminal, or fills it, is shown as text in one line", () =>
  withFolder(async (folder) => {
    for (const name of ["\u001b[2J\u202e\nisa4d: all is well", "a".repeat(1e6)]) {
      const header = JSON.stringify({ [name]: { dtype: "F99", shape: [1], data_offsets: [0, 1] } });
      const text = new TextEncoder().encode(header);
      const path = join(folder, "a.safetensors");
      const length = Uint8Array.from({ length: 8 }, (_, i) => Math.floor(text.length / 256 ** i));
      await Deno.writeFile(path, new Uint8Array([...length, ...text]));
      await refuses(path, readSafetensors);
    }
  }));

Deno.test("found: a clip of DeepMimic that is null is refused", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.txt");
    await Deno.writeTextFile(path, "null");
    await refuses(path, (path) => readMotionFile({ path }));
  }));

Deno.test("found: people and places whose facts are broken, or lack what they name, are refused", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.safetensors");
    const facts = {
      people: ["{", "null", '[{"name":"a","heldOut":false,"skin":[1,2,3],"pictures":1e9}]'],
      places: ["{", '[{"name":"a","heldOut":false,"radius":1,"brightest":[0,1,0]}]'],
    };
    for (const [kind, texts] of Object.entries(facts)) {
      for (const text of texts) {
        await writeSafetensors(path, new Map(), { format: `isa4d-${kind}`, [kind]: text });
        await refuses(path, kind === "people" ? readTexturedPeople : readPlaces);
      }
    }
  }));

Deno.test("found: frames of persons that announce more than is there are refused before memory is taken", () =>
  withFolder(async (folder) => {
    const path = join(folder, "seen-000000.npz");
    const broken = [
      "[]",
      '{"width":16384,"height":16384,"first":0,"frames":[[{"mask":2}]]}',
      '{"width":1e9,"height":1e9,"first":0,"frames":[]}',
    ];
    for (const text of broken) {
      const data = bytes(text);
      await writeNpz(
        path,
        new Map([
          ["facts", { dtype: "uint8", shape: [data.length], data }],
          ["numbers", { dtype: "float32", shape: [400], data: new Float32Array(400) }],
          ["masks", { dtype: "uint16", shape: [2], data: Uint16Array.of(255, 1) }],
        ]),
      );
      const before = Deno.memoryUsage();
      await refuses(path, readSeen);
      ok(Deno.memoryUsage().external - before.external < 1e8, text);
    }
  }));

Deno.test("found: an array within a pickle that is shorter than it says names the pickle's file", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.pkl");
    const pickle =
      "cnumpy\nndarray\n(tR(I1\n(I9\ntcnumpy\ndtype\n(S'f4'\nI0\nI1\ntRI00\nS'abcd'\ntb.";
    await Deno.writeFile(path, bytes(pickle));
    await refuses(path, (path) => readPickle(path));
    equal((await Deno.stat(path)).size, pickle.length);
  }));

Deno.test("found: JSON that is nested so deep that walking it would end the program is refused", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.json");
    await Deno.writeFile(path, bytes("[".repeat(20_000) + "]".repeat(20_000)));
    await refuses(path, readJson);
    await Deno.writeFile(path, bytes("[".repeat(150) + "]".repeat(150)));
    await readJson(path);
  }));

Deno.test("found: a body without what it needs is refused by the file's name", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.safetensors");
    for (const shapes of ["", "Infinity"]) {
      await writeSafetensors(path, new Map(), { shapes });
      await refuses(path, readBody);
    }
  }));

Deno.test("found: a numpy array in an order that is a large number is refused", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.pkl");
    const dtype = "cnumpy\ndtype\n(S'f4'\nI0\nI1\ntR";
    const order = "L99999999999999999999L\n";
    const pickle = `cnumpy.core.numeric\n_frombuffer\n(S'abcd'\n${dtype}(I1\nt${order}tR.`;
    await Deno.writeFile(path, bytes(pickle));
    await refuses(path, (path) => readPickle(path));
  }));

Deno.test("found: a sparse matrix that its pickle never fills is refused", () => {
  throws(() => denseFloats(new SparseMatrix("csc")), InputError);
});

Deno.test("found: a state whose tensors have other names than a sampler's is refused", () => {
  const one = { dtype: "float32" as const, shape: [1], bytes: new Uint8Array(4) };
  const state = (names: readonly string[]) => ({
    tensors: new Map(names.map((name) => [name, one])),
    metadata: { done: "1" },
  });
  for (const names of [["sample", "history.1"], ["sample", "x"], ["x"], []]) {
    throws(() => savedState("a.safetensors", state(names), "cpu"), InputError);
  }
  const { state: { sample, history } } = savedState("a.safetensors", state(["sample"]), "cpu");
  equal(history.length, 0);
  sample.dispose();
});

Deno.test("found: a body of FLAME whose joint names a far parent is refused by the file's name", () => {
  const path = fileURLToPath(new URL("../fixtures/body/flame_far_parent.pkl", import.meta.url));
  return refuses(path, (path) => readSmplBody(path));
});

Deno.test("found: a video's tags, which wait in the folder for temporary files, go when a command is ended", async () => {
  const path = await tagsFile({ comment: "a job" });
  ok(path !== undefined);
  equal(await Deno.readTextFile(path), ";FFMETADATA1\ncomment=a job\n");
  discardParts();
  await rejects(Deno.stat(path), Deno.errors.NotFound);
});

Deno.test("found: an ffmpeg that hangs ends with the program that started it", () =>
  withFolder(async (folder) => {
    const ffmpeg = join(folder, "ffmpeg");
    await Deno.writeTextFile(ffmpeg, "#!/bin/sh\nexec sleep 600\n", { mode: 0o755 });
    const code = `
      import { startFfmpeg } from "${new URL("../../lib/io/ffmpeg.ts", import.meta.url)}";
      console.log(startFfmpeg([]).child.pid);
      Deno.exit(0);
    `;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-check", code],
      cwd: fileURLToPath(new URL("../../", import.meta.url)),
      env: { ISA4D_FFMPEG: ffmpeg },
    }).output();
    const pid = Number(new TextDecoder().decode(stdout));
    ok(pid > 0);
    for (let looks = 0; looks < 200 && runs(pid); looks++) await pause(50);
    const stayed = runs(pid);
    if (stayed) Deno.kill(pid, "SIGKILL");
    ok(!stayed, "it is still there");
  }));

/** Whether a process is there; one that nobody has asked for its end yet is not. */
function runs(pid: number): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`) !== "";
  } catch {
    return false;
  }
}
