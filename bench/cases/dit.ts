/** ISA-DiT: one forward pass, as a sampling step makes it. */

import {
  IsaDit,
  type IsaDitConditions,
  type IsaDitConfig,
  isaDitPresets,
  loadIsaDit,
  makeConditions,
} from "../../lib/models/isa_dit/mod.ts";
import { allGiven, Vars, withProducts } from "../../lib/nn/mod.ts";
import { findWeights } from "../../lib/pipelines/mod.ts";
import {
  type DType,
  type Generator,
  generator,
  noGrad,
  ones,
  rand,
  randint,
  randn,
  scope,
  type Tensor,
} from "../../lib/tensor/mod.ts";
import {
  type BenchCase,
  openGates,
  readInputs,
  readSpec,
  readWeights,
  repeated,
  writeInputs,
  writeSpec,
  writeWeights,
} from "./case.ts";

/** Size of a clip's latents. */
export interface LatentSize {
  readonly B: number;
  readonly T: number;
  readonly h: number;
  readonly w: number;
}

/** Random conditions of a model, all persons in front of the camera. */
export function randomConditions(
  config: IsaDitConfig,
  size: LatentSize,
  random: Generator,
): IsaDitConditions & Readonly<Record<string, Tensor>> {
  const P = config.pointsPerPerson;
  return makeConditions(config, { ...size, P, R: 0 }, ({ name, shape, dtype }) => {
    if (dtype === "int64") {
      return randint(0, name === "pointIndex" ? P : 1, shape, { generator: random });
    }
    if (name === "pointVisible") return rand([...shape], { generator: random });
    return shape.length === 1 ? ones([...shape]) : randn([...shape], { generator: random });
  });
}

/** The shipped ISA-DiT's configuration with its weights, or a tiny random one. */
export async function makeDit(folder: string, tiny: boolean): Promise<IsaDitConfig> {
  if (!tiny) {
    const { dit, vars } = await loadIsaDit((await findWeights("small")).isaDit);
    await writeWeights(folder, vars);
    return dit.config;
  }
  using vars = Vars.root({ seed: 1 });
  new IsaDit(vars, isaDitPresets.tiny);
  using random = generator(2, "cpu");
  openGates(vars, random);
  await writeWeights(folder, vars);
  return isaDitPresets.tiny;
}

/** The model that {@link makeDit} wrote, frozen, its products' weights read into `products` once. */
export async function loadDit(
  folder: string,
  config: IsaDitConfig,
  products?: DType,
): Promise<IsaDit> {
  const vars = Vars.root({ given: allGiven, products });
  const model = new IsaDit(vars, config);
  await readWeights(folder, vars);
  vars.setRequiresGrad(false);
  return model;
}

interface DitSpec {
  readonly kind: "dit";
  readonly config: IsaDitConfig;
  readonly dtype: "float32" | "bfloat16";
}

function ditCase(name: string, dtype: DitSpec["dtype"]): BenchCase {
  return {
    name,
    summary: `ISA-DiT small, 128×128×17, guidance's batch of 2, ${dtype}`,
    tolerance: dtype === "float32" ? 1e-3 : 3e-2,
    async make(folder, tiny) {
      const config = await makeDit(folder, tiny);
      const size = tiny ? { B: 2, T: 2, h: 4, w: 4 } : { B: 2, T: 5, h: 16, w: 16 };
      using random = generator(3, "cpu");
      const conditions = randomConditions(config, size, random);
      const noisy = randn(conditions.background.shape, { generator: random });
      const t = rand([size.B], { generator: random });
      await writeSpec(folder, { kind: "dit", config, dtype } satisfies DitSpec);
      await writeInputs(folder, { noisy, t, ...conditions });
    },
    async load(folder) {
      const { config } = await readSpec<DitSpec>(folder);
      // As `--dtype bfloat16` does.
      const model = await loadDit(folder, config, dtype);
      const inputs = await readInputs(folder);
      const conditions = inputs as unknown as IsaDitConditions;
      const inDtype = <T>(body: () => T): T =>
        dtype === "float32"
          ? noGrad(body)
          : noGrad(() => withProducts({ device: "cpu", dtype }, body));
      const encoded = scope(() => inDtype(() => model.encode(conditions)));
      return repeated(() =>
        scope(() => inDtype(() => model.forward(inputs.noisy, inputs.t, encoded)))
      );
    },
  };
}

/** Forward passes of ISA-DiT. */
export const ditCases: readonly BenchCase[] = [
  ditCase("dit-forward", "float32"),
  ditCase("dit-forward-bf16", "bfloat16"),
];
