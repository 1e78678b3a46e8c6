import { rejects } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { InputError } from "../../lib/errors.ts";
import { checkShipped, shippedFolder } from "../../lib/io/mod.ts";
import { withFolder } from "../support/folders.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

Deno.test("a shipped file with one changed byte is refused, before and after it was read whole", () =>
  withFolder(async (folder) => {
    const path = join(folder, "small", "a.safetensors");
    const file = { path: "small/a.safetensors", bytes: 5, sha256: sha256("whole") };
    await Deno.writeTextFile(
      join(folder, "manifest.json"),
      JSON.stringify({ version: 1, weights: [{ name: "small", files: [file] }] }),
    );
    await checkShipped(path, folder); // missing: its reader says so
    await Deno.mkdir(join(folder, "small"));
    const refused = (error: Error) =>
      error instanceof InputError && error.message.startsWith(`"${path}" is damaged or changed`);
    await Deno.writeTextFile(path, "whale");
    await rejects(checkShipped(path, folder), refused);
    await Deno.writeTextFile(path, "whole");
    await checkShipped(path, folder);
    await checkShipped(path, folder);
    await Deno.writeTextFile(path, "whale");
    await Deno.utime(path, 1, 1);
    await rejects(checkShipped(path, folder), refused);
  }));

Deno.test("files of the user's own are not compared with anything", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "manifest.json"), '{"weights":[]}');
    await Deno.writeTextFile(join(folder, "own.safetensors"), "anything");
    await checkShipped(join(folder, "own.safetensors"), folder);
    await checkShipped(join(folder, "own.safetensors"), shippedFolder);
  }));
