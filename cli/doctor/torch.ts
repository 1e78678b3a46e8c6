/**
 * `isa4d doctor` on libtorch, the native library, the devices and their number types.
 * @module
 */
import { fileURLToPath } from "node:url";
import { type Check, check, type Finding, outputOf } from "./check.ts";
import type { Libtorch } from "../../lib/native/mod.ts";
import type { NativeReport, NativeSuccess } from "./native.ts";

const setUp = "run `./denow task setup`";

/** Finds libtorch, opens the native library, counts devices. */
export async function torchChecks(): Promise<{ checks: Check[]; usable: boolean }> {
  const libtorch = await check("libtorch", findTorch);
  const native = await askNative();
  return {
    checks: [
      libtorch,
      await check("native", () => ofNative(native, libtorch.ok)),
      await check("device", () => ofDevice(native)),
      await check("dtype", () => ofDtype(native)),
    ],
    usable: native.ok,
  };
}

/** Runs `doctor_native.ts`; a process that ends without a report is a failure like another. */
async function askNative(): Promise<NativeReport> {
  const program = fileURLToPath(new URL("./native.ts", import.meta.url));
  const { stdout, stderr, code, signal } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", program],
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  try {
    return JSON.parse(text(stdout).split("\n").at(-1)!);
  } catch {
    const how = signal ? `was ended by ${signal}` : `ended with ${code}`;
    const why = text(stderr).split("\n").find((line) => line.trim() !== "");
    return { ok: false, error: `the process that opens it ${how}${why ? `: ${why}` : ""}` };
  }
}

async function findTorch(): Promise<Finding> {
  const { findLibtorch, LIBTORCH_RANGE } = await import("../../lib/native/mod.ts");
  const range = LIBTORCH_RANGE.join(" to ");
  let found: Libtorch | undefined;
  try {
    found = findLibtorch();
  } catch (error) {
    const todo = `set LIBTORCH to the folder of a libtorch ${range}, or unset it`;
    return { ok: false, says: (error as Error).message, todo };
  }
  if (!found) {
    const todo = `${setUp}, or set LIBTORCH to the folder of one`;
    return { ok: false, says: `no libtorch ${range}`, todo };
  }
  return {
    ok: true,
    says: `${found.version} ${found.cuda ? "with CUDA" : "for the CPU"}, ${found.path}`,
    facts: { ...found },
  };
}

function ofNative(native: NativeReport, libtorch: boolean): Finding {
  if (!native.ok) {
    const [says, todo] = native.error.split("; ");
    return {
      ok: false,
      says: libtorch ? says : "needs libtorch",
      todo: libtorch ? todo ?? "delete .deps/native and run `./denow task setup`" : undefined,
    };
  }
  const { path, abi, openMs, firstOpMs } = native;
  return {
    ok: true,
    says: `ABI ${abi}, opens in ${openMs.toFixed(0)} ms, first operation ${
      firstOpMs.toFixed(1)
    } ms`,
    facts: { path, abi, openMs, firstOpMs },
  };
}

/** One GPU as the driver sees it. */
interface Gpu {
  readonly name: string;
  readonly memoryMiB: number;
  readonly freeMiB: number;
  readonly driver: string;
}

async function ofDevice(native: NativeReport): Promise<Finding> {
  const gpus = await gpusOfDriver();
  const cores = navigator.hardwareConcurrency;
  if (!native.ok) {
    return {
      ok: true,
      says: `CPU with ${cores} threads; whether CUDA works shows with the native library`,
      facts: { cores, gpus },
    };
  }
  const cpu = `CPU with ${native.threads} of ${cores} threads`;
  const facts = { cores, threads: native.threads, cudaDevices: native.cudaDevices, gpus };
  if (native.cudaDevices > 0) {
    const names = gpus.map(({ name, memoryMiB, freeMiB }, i) =>
      `cuda:${i} ${name}, ${gib(memoryMiB)} GiB (${gib(freeMiB)} free)`
    );
    const listed = names.length === native.cudaDevices
      ? names.join("; ")
      : `${native.cudaDevices} CUDA devices`;
    return { ok: true, says: `${listed}; ${cpu}`, facts };
  }
  const { why, ...rest } = whyNoCuda(native, gpus);
  return { ...rest, says: `${cpu}; no CUDA: ${why}`, facts };
}

/** What `--dtype auto` takes. */
function ofDtype(native: NativeReport): Finding {
  if (!native.ok) return { ok: true, says: "which one is fastest shows with the native library" };
  const { fastest } = native;
  const says = Object.entries(fastest).map(([device, { dtype, why }]) =>
    `${dtype} is the fastest on ${device}: ${why}`
  );
  return { ok: true, says: says.join("; "), facts: { fastest } };
}

/** A GPU that is there and cannot be used is broken; a machine without one is not. */
export function whyNoCuda(
  { cuda, libtorch }: Pick<NativeSuccess, "cuda" | "libtorch">,
  gpus: readonly Gpu[],
): Pick<Finding, "ok" | "todo" | "steps"> & { readonly why: string } {
  const hidden = Deno.env.get("CUDA_VISIBLE_DEVICES");
  if (hidden !== undefined && !/^\s*(\d|GPU-|MIG-)/.test(hidden)) {
    return {
      ok: true,
      why: `CUDA_VISIBLE_DEVICES is "${hidden}"`,
      todo: "unset it to use the GPUs",
    };
  }
  if (gpus.length === 0) {
    if (cuda) return { ok: true, why: "nvidia-smi shows no GPU" };
    return {
      ok: true,
      why: "libtorch is for the CPU alone, and nvidia-smi shows no GPU",
      todo: "where there is one: docs/machines.md says how to get a libtorch with CUDA",
    };
  }
  const [{ name, driver }] = gpus;
  if (!cuda) {
    return {
      ok: true,
      why: `libtorch is for the CPU alone, but there is a ${name}`,
      todo: `get a libtorch ${libtorch} with CUDA:`,
      steps: cudaSteps(libtorch),
    };
  }
  return {
    ok: false,
    why: `there is a ${name}, but libtorch ${libtorch} cannot use it with driver ${driver}`,
    todo: "install a newer driver, or set LIBTORCH to a libtorch for this one's CUDA",
  };
}

/** How to get a libtorch with CUDA; docs/machines.md has the same. */
function cudaSteps(libtorch: string): string[] {
  const folder = "~/isa4d-torch";
  return [
    "run nvidia-smi: its first lines show the newest CUDA version that the driver supports",
    `python3 -m venv ${folder} && ${folder}/bin/pip install torch==${libtorch}`,
    `${folder}/bin/python -c 'import torch; print(torch.version.cuda)': a version, not above the driver's; ` +
    `None: pip took a build for the CPU, name the index of those for CUDA by pip's --index-url`,
    `export LIBTORCH=$(${folder}/bin/python -c 'import torch; print(torch.__path__[0])'), also in ~/.profile`,
    "./denow task setup, which builds isa4d's library for it, then isa4d doctor again",
  ];
}

async function gpusOfDriver(): Promise<Gpu[]> {
  const query = "--query-gpu=name,memory.total,memory.free,driver_version";
  const text = await outputOf("nvidia-smi", [query, "--format=csv,noheader,nounits"]);
  return (text ?? "").split("\n").map((line) => line.split(",").map((cell) => cell.trim()))
    .filter((cells) => cells.length === 4)
    .map(([name, total, free, driver]) => ({
      name,
      memoryMiB: Number(total),
      freeMiB: Number(free),
      driver,
    }));
}

function gib(mebibytes: number): string {
  return (mebibytes / 1024).toFixed(0);
}
