/**
 * Task `bench:cuda`: a sampling step of ISA-DiT on a CUDA device, `small` and `isa4d-4b`, in bfloat16:
 * time, operator calls, what part of the device's own speed at products it reaches, and memory. A model
 * that does not fit is a row that says so. Without a CUDA device it says so and ends with 0.
 *
 * `./denow task bench:cuda [--device cuda:0] [--presets small,isa4d-4b] [--runs 7]`; `--device cpu
 * --presets tiny` rehearses it.
 * @module
 */
import { parseArgs } from "node:util";
import { IsaDit, isaDitPresets } from "../../lib/models/isa_dit/mod.ts";
import { allGiven, Vars } from "../../lib/nn/mod.ts";
import { flopsOf } from "../../lib/plan/mod.ts";
import {
  autocast,
  cudaDevices,
  type Device,
  emptyCache,
  generator,
  isHere,
  matmul,
  memoryStats,
  noGrad,
  onCall,
  ones,
  randn,
  resetPeakMemory,
  scope,
  synchronize,
  type Tensor,
  to,
  zero_,
} from "../../lib/tensor/mod.ts";
import { randomConditions } from "../cases/dit.ts";
import { spreadOf } from "../support/statistics.ts";

/** Latent sizes: 17 frames of 128×128, and 65 of 1408×768. */
const sizes = {
  small: { B: 1, T: 5, h: 16, w: 16 },
  large: { B: 1, T: 17, h: 96, w: 176 },
} as const;

function timed(device: Device, runs: number, body: () => Tensor): number {
  const times: number[] = [];
  for (let i = 0; i <= runs; i++) {
    synchronize(device);
    const started = performance.now();
    scope(() => void body());
    synchronize(device);
    if (i > 0) times.push(performance.now() - started);
  }
  return spreadOf(times).median;
}

/** FLOPs a millisecond of a large product in bfloat16: what the device can do. */
function productSpeed(device: Device, runs: number): number {
  const side = device === "cpu" ? 512 : 8192;
  return scope(() => {
    const x = randn([side, side], { device, dtype: "bfloat16" });
    return 2 * side ** 3 / timed(device, runs, () => matmul(x, x));
  });
}

interface Row {
  readonly ms: number;
  readonly calls: number;
  readonly flops: number;
  readonly peakMb: number;
}

function step(preset: string, device: Device, runs: number): Row {
  const config = isaDitPresets[preset];
  const size = preset === "isa4d-4b" ? sizes.large : sizes.small;
  // Zeros take as long as weights do.
  using vars = Vars.root({ device, dtype: "bfloat16", given: allGiven });
  const model = new IsaDit(vars, config);
  return scope(() =>
    noGrad(() => {
      for (const weight of vars.named().values()) zero_(weight);
      using random = generator(1, "cpu");
      const drawn = randomConditions(config, size, random);
      const conditions = Object.fromEntries(
        Object.entries(drawn).map(([name, x]) => [name, to(x as Tensor, { device })]),
      ) as unknown as typeof drawn;
      const noisy = randn([...conditions.background.shape], { device });
      const t = ones([size.B], { device });
      return autocast({ device, dtype: "bfloat16" }, () => {
        const encoded = model.encode(conditions);
        const body = () => model.forward(noisy, t, encoded);
        let [calls, flops] = [0, 0];
        scope(() =>
          void onCall((call) => {
            calls++;
            flops += flopsOf(call);
          }, body)
        );
        resetPeakMemory(device);
        const ms = timed(device, runs, body);
        return { ms, calls, flops, peakMb: memoryStats(device).peakAllocated / 2 ** 20 };
      });
    })
  );
}

const { values } = parseArgs({
  args: Deno.args,
  options: {
    device: { type: "string", default: "cuda" },
    presets: { type: "string", default: "small,isa4d-4b" },
    runs: { type: "string", default: "7" },
  },
});
const [device, runs] = [values.device as Device, Number(values.runs)];
if (!isHere(device)) {
  console.log(
    `bench:cuda: no device "${device}" here (${cudaDevices()} CUDA devices), so nothing was measured`,
  );
  Deno.exit(0);
}
const speed = productSpeed(device, runs);
console.log(`device ${device}, products in bfloat16 ${(speed / 1e9).toFixed(2)} TFLOP/s`);
console.log("preset          step ms    calls   TFLOP/s   of it   peak MB");
let failed = 0;
for (const preset of values.presets.split(",")) {
  try {
    const { ms, calls, flops, peakMb } = step(preset, device, runs);
    console.log(
      [
        preset.padEnd(12),
        ms.toFixed(1).padStart(10),
        String(calls).padStart(8),
        (flops / ms / 1e9).toFixed(2).padStart(9),
        `${(100 * flops / ms / speed).toFixed(0)} %`.padStart(7),
        peakMb.toFixed(0).padStart(9),
      ].join(" "),
    );
  } catch (error) {
    failed++;
    console.log(`${preset.padEnd(12)} FAILED: ${(error as Error).message.split("\n")[0]}`);
  }
  emptyCache(device);
}
if (failed > 0) Deno.exit(1);
