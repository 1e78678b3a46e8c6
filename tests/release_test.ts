import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeRelease } from "../cli/release/archive.ts";
import { commitOf, versionText } from "../cli/support/version.ts";
import { run } from "./support/commands.ts";
import { namesIn, withFolder } from "./support/folders.ts";

/** A checkout with what a release needs, one commit in it; returns the commit. */
async function checkout(root: string, changelog = "# Changelog\n\n## 1.2.3 – 2026-11-30\n") {
  await Deno.mkdir(root);
  const files = {
    "deno.json": '{"version": "1.2.3"}',
    "CHANGELOG.md": changelog,
    "COMMIT": "$Format:%H$\n",
    ".gitattributes": "COMMIT export-subst\n",
    ".gitignore": "/out/\n",
  };
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(root, name), text);
  }
  await Deno.writeTextFile(join(root, "run"), "#!/bin/sh\n", { mode: 0o755 });
  await git(root, "init", "-q", "-b", "main");
  await git(root, "add", "-A");
  await git(root, "commit", "-q", "-m", "first");
  return (await git(root, "rev-parse", "HEAD")).trim();
}

async function git(root: string, ...args: string[]): Promise<string> {
  const who = ["-c", "user.name=a", "-c", "user.email=a@b"];
  const { code, stdout, stderr } = await run("git", ["-C", root, ...who, ...args]);
  equal(code, 0, stderr);
  return stdout;
}

Deno.test("commitOf: of a branch, packed or not, of a work tree beside it, of a commit alone", () =>
  withFolder(async (folder) => {
    const root = join(folder, "one");
    const commit = await checkout(root);
    equal(commitOf(root), commit);
    await git(root, "worktree", "add", "-q", "-b", "side/branch", join(folder, "two"));
    equal(commitOf(join(folder, "two")), commit);
    await git(root, "pack-refs", "--all");
    for (const place of [root, join(folder, "two")]) equal(commitOf(place), commit, place);
    await git(root, "checkout", "-q", "--detach");
    equal(commitOf(root), commit);
    equal(commitOf(folder), undefined);
    match(versionText(root), new RegExp(`^\\d+\\.\\d+\\.\\d+ \\(${commit.slice(0, 12)}\\)$`));
    match(versionText(folder), /^\d+\.\d+\.\d+$/);
  }));

Deno.test("release: one commit gives the same bytes anywhere, and an archive knows its commit", () =>
  withFolder(async (folder) => {
    const root = join(folder, "one");
    const commit = await checkout(root);
    const first = await writeRelease(root, join(folder, "a"));
    await git(folder, "clone", "-q", root, "clone");
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const second = await writeRelease(join(folder, "clone"), join(folder, "b"));
    equal(second.sha256, first.sha256);
    const bytes = await Deno.readFile(second.path);
    equal(createHash("sha256").update(bytes).digest("hex"), first.sha256);
    deepEqual(namesIn(join(folder, "b")), ["isa4d-1.2.3.tar.gz", "isa4d-1.2.3.tar.gz.sha256"]);
    const check = await run("sha256sum", ["-c", "isa4d-1.2.3.tar.gz.sha256"], {
      cwd: join(folder, "b"),
    });
    equal(check.code, 0, check.stderr);
    const unpacked = await run("tar", ["xzf", first.path], { cwd: folder });
    equal(unpacked.code, 0, unpacked.stderr);
    const out = join(folder, "isa4d-1.2.3");
    equal(commitOf(out), commit);
    equal(((await Deno.stat(join(out, "run"))).mode ?? 0) & 0o777, 0o755);
    await git(root, "commit", "-q", "--allow-empty", "-m", "second");
    ok((await writeRelease(root, join(folder, "a"))).sha256 !== first.sha256);
  }));

Deno.test("release: a changed file, a changelog without the version and no checkout are named", () =>
  withFolder(async (folder) => {
    const root = join(folder, "one");
    await checkout(root);
    await Deno.writeTextFile(join(root, "new.txt"), "");
    await rejects(writeRelease(root, join(folder, "a")), /"new\.txt" is not what the commit holds/);
    const old = join(folder, "old");
    await checkout(old, "# Changelog\n\n## 1.2.2 – 2026-11-30\n");
    await rejects(writeRelease(old, join(folder, "a")), /no heading "## 1\.2\.3 …"/);
    await rejects(writeRelease(folder, join(folder, "a")), /is no checkout to release/);
    equal(namesIn(folder).includes("a"), false);
  }));
