import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { credentialsLibrary } from "../../lib/credentials/mod.ts";
import { opensslMissing, writeCertificates } from "../support/certificates.ts";
import { isa4d, textOf } from "../support/cli.ts";
import { exiftool } from "../support/exiftool.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";

const missing = opensslMissing || credentialsLibrary() === undefined;
if (missing) {
  console.warn("left out: signing, which needs openssl and what `./denow task setup --all` brings");
}

const sign = ["--sign", "cert.pem,key.pem"];

async function verified(file: string, cwd: string, flags: readonly string[] = []) {
  const { code, stdout, stderr } = await isa4d(["verify", file, "--json", ...flags], { cwd });
  return { code, stderr, ...JSON.parse(textOf(stdout)) };
}

async function made(cwd: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await isa4d(args, { cwd });
  equal(code, 0, stderr);
}

Deno.test({
  name:
    "isa4d generate --sign: every kind of output is trusted by who trusts the signer, until changed",
  ignore: missing,
  fn: () =>
    withFolder(async (cwd) => {
      await writeJobFiles(cwd);
      await writeCertificates(cwd);
      const outputs = ["a.mp4", "a.mov", "a.gif", "a.webp", "a.webm", "a.mkv", "p/%d.png"];
      for (const output of outputs) await made(cwd, [...smallJob, "-o", output, ...sign]);
      equal(namesIn(cwd).filter((name) => name.endsWith(".c2pa")).join(), "a.mkv.c2pa,a.webm.c2pa");
      for (const output of outputs) {
        const file = output.replace("%d", "3");
        const { code, verdict, credentials } = await verified(file, cwd, ["--trust", "ca.pem"]);
        deepEqual([code, verdict, credentials.problems], [0, "trusted", []], file);
        deepEqual([credentials.signer, credentials.ingredients.length], ["Signer, Studio", 1]);
        match(credentials.digitalSourceType, /\/trainedAlgorithmicMedia$/);
        equal((await verified(file, cwd)).verdict, "untrusted", file);
        const bytes = await Deno.readFile(join(cwd, file));
        bytes[bytes.length - 40] ^= 1;
        await Deno.writeFile(join(cwd, file), bytes);
        const changed = await verified(file, cwd, ["--trust", "ca.pem"]);
        deepEqual([changed.code, changed.verdict], [1, "altered"], file);
        match(changed.stderr, /^isa4d verify: "[^"]*" was changed after it was signed\n$/);
      }
      await made(cwd, [...smallJob, "-o", "a.webm", "-y"]);
      equal((await verified("a.webm", cwd)).credentials, undefined, "the older credentials stayed");
    }),
});

Deno.test({
  name:
    "isa4d generate --sign: the matte too, and an input's own credentials stay within the result's",
  ignore: missing,
  fn: () =>
    withFolder(async (cwd) => {
      await writeJobFiles(cwd);
      await writeCertificates(cwd);
      const one = [...smallJob, "--frames", "1"];
      await made(cwd, [...one, "-o", "first.png", "--matte", "m/%d.png", ...sign]);
      equal((await verified("m/1.png", cwd, ["--trust", "ca.pem"])).verdict, "trusted");
      const over = ["--background", "first.png", "-o", "second.png"];
      await made(cwd, [...one, ...over, ...sign]);
      const { credentials } = await verified("second.png", cwd, ["--trust", "ca.pem"]);
      deepEqual(
        credentials.ingredients.map((
          { title, relationship, digitalSourceType }: Record<string, string>,
        ) => [title, relationship, digitalSourceType?.split("/").at(-1)]),
        [
          ["me.png", "inputTo", undefined],
          ["first.png", "componentOf", "trainedAlgorithmicMedia"],
        ],
      );
      const { stdout } = await isa4d(["verify", "second.png"], { cwd });
      match(textOf(stdout), /\ncredentials +signed by Signer, Studio\n/);
      match(textOf(stdout), /\n +made from +first\.png \(componentOf\): made by a trained model/);
      match(textOf(stdout), /\n +problem +signing certificate untrusted/);
      if (exiftool.missing) return;
      const said = await exiftool.read(join(cwd, "first.png"));
      match(String(said["JUMBF:ActionsDigitalSourceType"]), /\/trainedAlgorithmicMedia$/);
    }),
});

Deno.test({
  name: "isa4d grid --sign: what was made is signed, and a view that was given stays as it was",
  ignore: missing,
  fn: () =>
    withFolder(async (cwd) => {
      await writeJobFiles(cwd);
      await writeCertificates(cwd);
      await made(cwd, [...smallJob, "-o", "side.mp4"]);
      const grid = ["grid", ...smallJob.slice(1), "--views", "2", "--given-view", "1=side.mp4"];
      await made(cwd, [...grid, "-o", "g.webm", ...sign]);
      const said = [];
      for (const file of ["g.webm", "g-view-0.webm", "g-view-1.webm"]) {
        const { verdict, digitalSourceType } = await verified(file, cwd, ["--trust", "ca.pem"]);
        said.push([verdict, digitalSourceType?.split("/").at(-1)]);
      }
      deepEqual(said, [
        ["trusted", "compositeWithTrainedAlgorithmicMedia"],
        ["trusted", "trainedAlgorithmicMedia"],
        ["untrusted", undefined],
      ]);
    }),
});

Deno.test({
  name: "isa4d batch --sign: each result is signed, by workers too; the key is in no record",
  ignore: missing,
  fn: () =>
    withFolder(async (cwd) => {
      await writeJobFiles(cwd);
      await writeCertificates(cwd);
      const job = { reference: { image: "me.png", pose: "me.json" } };
      const outputs = ["a.mp4", "b.webm", "c/%d.png"];
      const lines = outputs.map((output, seed) => ({
        ...{ ...job, output, seed, weights: "none", width: 64, height: 64, frames: 2, fps: 8 },
        persons: [{ motion: "builtin:walk" }],
      }));
      await Deno.writeTextFile(
        join(cwd, "jobs.jsonl"),
        lines.map((l) => JSON.stringify(l)).join("\n"),
      );
      for (const [out, more] of [["one", []], ["two", ["--jobs", "2"]]] as const) {
        const batch = ["batch", "jobs.jsonl", "-o", out, ...sign, ...more];
        await made(cwd, batch);
        for (const output of outputs) {
          const file = join(out, output.replace("%d", "2"));
          const { verdict, credentials } = await verified(file, cwd, ["--trust", "ca.pem"]);
          equal(verdict, "trusted", file);
          equal(credentials.ingredients[0].title, "me.png");
        }
        const record = await Deno.readTextFile(join(cwd, out, "a.mp4.json"));
        equal(/key|cert|sign/.test(record), false, record);
        await Deno.remove(join(cwd, out, "b.webm.c2pa"));
        const again = await isa4d(batch, { cwd });
        match(again.stderr, /made anew: "b\.webm\.c2pa" is gone/);
        equal((await verified(join(out, "b.webm"), cwd, ["--trust", "ca.pem"])).verdict, "trusted");
      }
      const wrong = await isa4d(["batch", "jobs.jsonl", "-o", "x", "--sign", "cert.pem"], { cwd });
      deepEqual([wrong.code, namesIn(cwd).includes("x")], [2, false]);
      match(wrong.stderr, /^isa4d batch: "cert\.pem" is no pair of files/);
    }),
});

Deno.test({
  name: "isa4d generate --sign: what cannot sign is said before any work, and nothing is written",
  ignore: missing,
  fn: () =>
    withFolder(async (cwd) => {
      await writeJobFiles(cwd);
      await writeCertificates(cwd);
      for (
        const [args, code, says] of [
          [["-o", "-", ...sign], 2, /--sign signs a file: a stream to stdout cannot be signed/],
          [["-o", "b.mp4", "--sign", "cert.pem"], 2, /"cert\.pem" is no pair of files/],
          [["-o", "b.mp4", "--sign", "ca.pem,ca-key.pem"], 1, /cannot sign "[^"]*b\.mp4": .*self-/],
        ] as const
      ) {
        const end = await isa4d([...smallJob, ...args], { cwd });
        equal(end.code, code);
        match(end.stderr, says);
      }
      deepEqual(namesIn(cwd).filter((name) => name.includes("b.mp4")), [
        "b.mp4.resume.safetensors",
      ]);
    }),
});
