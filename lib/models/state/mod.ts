/**
 * Checkpoints as models take them: tensors by name, mapped from their files when they are copied.
 * @module
 */
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
