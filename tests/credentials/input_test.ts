import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { credentialsLibrary, readSigner, signPart } from "../../lib/credentials/mod.ts";
import { writePng } from "../../lib/io/mod.ts";
import { carriesCredentials, originOf } from "../../lib/pipelines/record/mod.ts";
import { opensslMissing, writeCertificates } from "../support/certificates.ts";
import { isa4d } from "../support/cli.ts";
import { withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";
import { ramps } from "../support/pictures.ts";

const library = credentialsLibrary();

Deno.test({
  name: "credentials: an input that is marked by them alone is named in the result",
  ignore: opensslMissing || library === undefined,
  fn: () =>
    withFolder(async (folder) => {
      await writeCertificates(folder);
      await writeJobFiles(folder);
      const at = (name: string) => join(folder, name);
      const digitalSourceType =
        "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";
      await writePng(at("beach.png"), ramps({ width: 32, height: 32, count: 1 }));
      equal(await carriesCredentials(at("beach.png")), false);
      await signPart(at("beach.png"), at("beach.png"), {
        signer: await readSigner("cert.pem,key.pem", at),
        library: library!,
        generator: { name: "another program", version: "1" },
        ...{ digitalSourceType, ingredients: [] },
      });
      equal(await carriesCredentials(at("beach.png")), true);
      const origin = await originOf({
        job: { weights: "none", background: at("beach.png"), reference: { pose: "none" } },
        ...{ weights: [], inputs: [{ path: at("beach.png"), sha256: "" }] },
      });
      deepEqual([origin.sourceType, origin.ingredients], [
        "compositeWithTrainedAlgorithmicMedia",
        [{ file: "beach.png", digitalSourceType }],
      ]);
      const args = [...smallJob, "--background", "beach.png", "-o", "a.png", "--frames", "1"];
      const { code, stderr } = await isa4d(args, { cwd: folder });
      equal(code, 0, stderr);
      match(
        stderr,
        /beach\.png" carries Content Credentials, which stay in a signed result: --sign/,
      );
    }),
});
