import { UsageError } from "../../lib/errors.ts";
import { type Device, requireDevice } from "../../lib/tensor/mod.ts";

/**
 * What `--device` names. Throws {@linkcode UsageError} for another word, EnvironmentError for a device
 * that this machine lacks.
 */
export function deviceOf(text: string): Device {
  if (!/^(cpu|cuda(:\d{1,2})?)$/.test(text)) {
    throw new UsageError(`--device ${text}: expected cpu, cuda or cuda:N`);
  }
  const device = text as Device;
  requireDevice(device);
  return device;
}
