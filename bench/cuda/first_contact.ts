/**
 * Task `test:cuda`: the first contact with a CUDA device in one command. What reading cannot prove is
 * tried there, each check by itself, and one table says what held and what failed with which message.
 * Without a CUDA device it says so and ends with 0.
 *
 * `./denow task test:cuda [--device cuda:0]`; `--device cpu` rehearses the checks themselves.
 * @module
 */
import { parseArgs } from "node:util";
import { IsaDit, isaDitPresets } from "../../lib/models/isa_dit/mod.ts";
import { VideoVae, videoVaePresets } from "../../lib/models/video_vae/mod.ts";
import { attend, Vars } from "../../lib/nn/mod.ts";
import {
  allowTf32,
  autocast,
  cudaDevices,
  deterministic,
  type Device,
  type DType,
  empty,
  freeDeviceMemory,
  generator,
  grad,
  isHere,
  liveTensors,
  matmul,
  memoryStats,
  noGrad,
  rand,
  randn,
  resetPeakMemory,
  scope,
  square,
  sum,
  synchronize,
  type Tensor,
  to,
  toFloat32,
} from "../../lib/tensor/mod.ts";
import { AdamW } from "../../lib/train/mod.ts";
import { openGates } from "../cases/case.ts";
import { randomConditions } from "../cases/dit.ts";

interface Check {
  readonly name: string;
  /** Says what it saw; throws where that is wrong. */
  run(device: Device): string;
}

/** Fresh weights of a seed, drawn on the CPU and the same on every device. */
function filled(device: Device, build: (vars: Vars) => void): Vars {
  const vars = Vars.root({ seed: 1 });
  build(vars);
  using random = generator(2, "cpu");
  openGates(vars, random);
  if (device === "cpu") return vars;
  const there = Vars.root({ device });
  build(there);
  there.load(vars.named());
  vars.dispose();
  return there;
}

const host = (x: Tensor): Float32Array =>
  toFloat32(to(to(x, { dtype: "float32" }), { device: "cpu" }));

/** Largest difference, relative to the largest value. */
function distance(a: Float32Array, b: Float32Array): number {
  const largest = b.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-30);
  const off = a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);
  return Number.isFinite(off) ? off / largest : Infinity;
}

function near(off: number, most: number): string {
  if (!(off <= most)) throw new Error(`off by ${off.toExponential(1)}, at most ${most} is right`);
  return `off by ${off.toExponential(1)}`;
}

/** A tiny ISA-DiT's flow, and its square's slope by all weights. */
function flowOn(device: Device, dtype: DType): { flow: Float32Array; slope: Float32Array } {
  const config = isaDitPresets.tiny;
  let model!: IsaDit;
  using vars = filled(device, (vars) => model = new IsaDit(vars, config));
  return scope(() => {
    using random = generator(3, "cpu");
    const size = { B: 2, T: 2, h: 8, w: 8 };
    const conditions = randomConditions(config, size, random);
    const noisy = randn(conditions.background.shape, { generator: random });
    const t = rand([size.B], { generator: random });
    const there = Object.fromEntries(
      Object.entries(conditions).map(([name, x]) => [name, to(x as Tensor, { device })]),
    ) as unknown as typeof conditions;
    const weights = [...vars.parameters().values()];
    const flow = autocast(
      { device, dtype },
      () => model.forward(to(noisy, { device }), to(t, { device }), model.encode(there)),
    );
    const slopes = grad([sum(square(to(flow, { dtype: "float32" })))], weights, {
      allowUnused: true,
    });
    const slope = slopes.flatMap((x) => x ? [...host(x)] : []);
    return { flow: host(flow), slope: Float32Array.from(slope) };
  });
}

function videoOn(device: Device): Float32Array {
  let vae!: VideoVae;
  using _vars = filled(device, (vars) => vae = new VideoVae(vars, videoVaePresets.tiny));
  return scope(() =>
    noGrad(() => {
      using random = generator(3, "cpu");
      const video = to(randn([1, 3, 5, 32, 32], { generator: random }), { device });
      return host(vae.decode(vae.encode(video)));
    })
  );
}

const checks: readonly Check[] = [
  ...(["float32", "bfloat16"] as const).map((dtype): Check => ({
    name: `ISA-DiT in ${dtype} as the CPU's, gradients too`,
    run(device) {
      const [here, there] = [flowOn("cpu", dtype), flowOn(device, dtype)];
      const most = dtype === "float32" ? 1e-3 : 3e-2;
      return `${near(distance(there.flow, here.flow), most)}, gradients ${
        near(distance(there.slope, here.slope), 2 * most)
      }`;
    },
  })),
  {
    name: "VideoVAE as the CPU's",
    run: (device) => near(distance(videoOn(device), videoOn("cpu")), 1e-3),
  },
  {
    name: "attention over more heads than CUDA's grid has room for",
    run: (device) =>
      scope(() => {
        const q = randn([11_000, 6, 4, 32], { device });
        const first = to(attend(q, q, q), { device: "cpu" });
        const own = to(q, { device: "cpu" });
        return near(distance(host(first), host(attend(own, own, own))), 1e-3);
      }),
  },
  {
    name: "AdamW's step as the CPU's",
    run(device) {
      const after = (device: Device) =>
        scope(() => {
          using random = generator(5, "cpu");
          const [weight, gradient] = [1, 2].map(() =>
            to(randn([64, 64], { generator: random }), { device })
          );
          const adam = new AdamW(new Map([["w", weight]]));
          for (let i = 0; i < 3; i++) adam.step(new Map([["w", gradient]]), 1e-2);
          adam.dispose();
          return host(weight);
        });
      return near(distance(after(device), after("cpu")), 1e-5);
    },
  },
  {
    name: "deterministic: two runs are equal to the bit",
    run(device) {
      deterministic(true);
      try {
        const [a, b] = [flowOn(device, "float32"), flowOn(device, "float32")];
        return near(distance(a.slope, b.slope), 0);
      } finally {
        deterministic(false);
      }
    },
  },
  {
    name: "TF32 can be had",
    run: (device) =>
      scope(() => {
        const x = randn([512, 512], { device });
        const exact = host(matmul(x, x));
        allowTf32(true);
        try {
          return near(distance(host(matmul(x, x)), exact), 1e-2);
        } finally {
          allowTf32(false);
        }
      }),
  },
  {
    name: "no tensor and no memory is left behind",
    run(device) {
      flowOn(device, "float32");
      const [tensors, { allocated }] = [liveTensors(), memoryStats(device)];
      for (let i = 0; i < 3; i++) flowOn(device, "bfloat16");
      synchronize(device);
      const left = liveTensors() - tensors;
      const bytes = memoryStats(device).allocated - allocated;
      if (left !== 0 || bytes > 0) throw new Error(`${left} tensors, ${bytes} bytes are left`);
      return "none";
    },
  },
  {
    name: "too much memory is refused in words",
    run(device) {
      try {
        empty([2 ** 46], { device }).dispose();
      } catch (error) {
        const [line] = (error as Error).message.split("\n");
        if (!/memory|allocate/i.test(line)) throw new Error(`it says: ${line}`);
        return line.slice(0, 60);
      }
      throw new Error("256 TB were given");
    },
  },
];

function tried({ name, run }: Check, device: Device): boolean {
  resetPeakMemory(device);
  const started = performance.now();
  let seen: string, held = true;
  try {
    seen = run(device);
  } catch (error) {
    held = false;
    seen = (error as Error).message.split("\n")[0];
  }
  const peak = (memoryStats(device).peakAllocated / 2 ** 20).toFixed(0);
  const ms = (performance.now() - started).toFixed(0);
  console.log(
    `${held ? "ok    " : "FAILED"} ${name.padEnd(58)} ${ms.padStart(7)} ms ${
      peak.padStart(6)
    } MB  ${seen}`,
  );
  return held;
}

const { values: { device } } = parseArgs({
  args: Deno.args,
  options: { device: { type: "string", default: "cuda" } },
});
if (!isHere(device as Device)) {
  console.log(
    `test:cuda: no device "${device}" here (${cudaDevices()} CUDA devices), so nothing was tested; ` +
      "`isa4d doctor` says what CUDA needs",
  );
} else {
  const room = (freeDeviceMemory(device as Device) / 2 ** 30).toFixed(1);
  console.log(`device ${device}, ${room} GB free, ${checks.length} checks`);
  const failed = checks.filter((check) => !tried(check, device as Device)).length;
  console.log(failed === 0 ? "all held" : `${failed} of ${checks.length} failed`);
  if (failed > 0) Deno.exit(1);
}
