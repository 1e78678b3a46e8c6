import { equal, rejects } from "node:assert/strict";
import { join } from "node:path";
import { findCredentials, sidecarsOf } from "../../lib/credentials/mod.ts";
import { withFolder } from "../support/folders.ts";

Deno.test("credentials: they are found wherever in a file they begin, and beside it", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.mp4");
    const store = Uint8Array.fromHex("6332706100110010800000aa00389b71");
    for (const begin of [0, 100, (1 << 20) - 8, (1 << 20) - 15, 1 << 20, (1 << 21) + 3]) {
      const bytes = new Uint8Array((1 << 21) + 100);
      await Deno.writeFile(path, bytes);
      equal(await findCredentials(path), undefined);
      bytes.set(store, begin);
      await Deno.writeFile(path, bytes);
      equal(await findCredentials(path), "inside", `at ${begin}`);
    }
    await Deno.writeTextFile(path, "c2pa");
    await Deno.writeTextFile(`${path}.c2pa`, "");
    equal(await findCredentials(path), "beside");
    await rejects(findCredentials(join(folder, "none.mp4")), /there is no such file/);
    equal(sidecarsOf("a.mp4").length + sidecarsOf("%d.png").length, 0);
    equal(sidecarsOf("a.webm")[0], "a.webm.c2pa");
  }));
