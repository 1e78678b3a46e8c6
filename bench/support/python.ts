/** The Python that carries the same libtorch, and what torch.compile needs besides. */

import { delimiter, join } from "node:path";
import { installPackages, lockedPackages } from "../../cli/setup/mod.ts";
import { DEPS_ROOT, findLibtorch, type Libtorch } from "../../lib/native/mod.ts";

const compilerFolder = join(DEPS_ROOT, "bench");

/** The libtorch in use; set-up has brought it. */
export function libtorch(): Libtorch {
  return findLibtorch()!;
}

/** PYTHONPATH with the folder of the libtorch in use in front. */
export function pythonPath({ compile }: { readonly compile: boolean }): string {
  const given = Deno.env.get("PYTHONPATH");
  const torch = join(libtorch().path, "..");
  return [torch, ...(compile ? [compilerFolder] : []), ...(given ? [given] : [])].join(delimiter);
}

/** Why PyTorch cannot be measured here, or undefined. */
export async function whyNoPython(): Promise<string | undefined> {
  const ended = await python("import torch; print(torch.__version__)", false);
  if (ended.code !== 0) return `python3 cannot import torch: ${ended.reason}`;
  const version = libtorch().version;
  return ended.out.startsWith(version)
    ? undefined
    : `python3 imports torch ${ended.out}, isa4d uses ${version}`;
}

/** Why torch.compile cannot be measured here, or undefined; brings its packages where they lack. */
export async function whyNoCompiler(say: (line: string) => void): Promise<string | undefined> {
  const imports = "import sympy, networkx, jinja2, filelock, fsspec, typing_extensions";
  if ((await python(imports, true)).code !== 0) {
    say("installing what torch.compile needs with pip into .deps/bench (once)");
    await Deno.mkdir(compilerFolder, { recursive: true });
    await installPackages(compilerFolder, lockedPackages("bench"));
  }
  const trial = "import torch; torch.compile(lambda x: (x * 2).sin())(torch.ones(8))";
  const ended = await python(trial, true);
  return ended.code === 0 ? undefined : `torch.compile fails: ${ended.reason}`;
}

async function python(
  script: string,
  compile: boolean,
): Promise<{ code: number; out: string; reason: string }> {
  try {
    const { code, stdout, stderr } = await new Deno.Command("python3", {
      args: ["-c", script],
      stdin: "null",
      env: { PYTHONPATH: pythonPath({ compile }) },
    }).output();
    const lines = new TextDecoder().decode(stderr).trim().split("\n");
    return { code, out: new TextDecoder().decode(stdout).trim(), reason: lines.at(-1) ?? "" };
  } catch (error) {
    return { code: 1, out: "", reason: (error as Error).message };
  }
}
