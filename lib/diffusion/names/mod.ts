/**
 * Names of the samplers, apart from their code: jobs and flags are read without libtorch.
 * @module
 */

/** In the order of help. */
export const samplerNames = ["euler", "heun", "dpm++2m", "unipc"] as const;

/** Name of a sampler. */
export type SamplerName = typeof samplerNames[number];
