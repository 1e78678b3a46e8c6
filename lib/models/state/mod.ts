/**
 * Checkpoints as models take them: tensors by name, mapped from their files when they are copied.
 * @module
 */
export { aboutIn, type ModelAbout, modelAbout, type ModelFacts, modelSpec } from "./model_spec.ts";
export { toStore } from "./save.ts";
export { computedTensor, partOf, reshapedTensor, type StateTensor } from "./state_tensor.ts";
export {
  configBeside,
  named,
  openState,
  ownConfig,
  someNames,
  type StoredState,
} from "./stored_state.ts";
