/** Element types and devices, and their codes in libtorch. */

import { ConfigError, InputError } from "../errors.ts";

/** Type of a tensor's elements. */
export type DType =
  | "float32"
  | "float64"
  | "float16"
  | "bfloat16"
  | "int8"
  | "uint8"
  | "int16"
  | "int32"
  | "int64"
  | "bool";

/** Where a tensor lies: `meta` has shapes and no memory, `cuda` is the current CUDA device. */
export type Device = "cpu" | "meta" | "cuda" | `cuda:${number}`;

interface DTypeInfo {
  readonly code: number; // c10::ScalarType
  readonly bytes: number;
}

const DTYPES: Readonly<Record<DType, DTypeInfo>> = {
  uint8: { code: 0, bytes: 1 },
  int8: { code: 1, bytes: 1 },
  int16: { code: 2, bytes: 2 },
  int32: { code: 3, bytes: 4 },
  int64: { code: 4, bytes: 8 },
  float16: { code: 5, bytes: 2 },
  float32: { code: 6, bytes: 4 },
  float64: { code: 7, bytes: 8 },
  bool: { code: 11, bytes: 1 },
  bfloat16: { code: 15, bytes: 2 },
};

const NAMES: (DType | undefined)[] = [];
for (const [name, { code }] of Object.entries(DTYPES)) NAMES[code] = name as DType;

/** libtorch's code of a dtype. */
export function dtypeCode(dtype: DType): number {
  const info = DTYPES[dtype];
  if (!info) {
    throw new InputError(`dtype is "${dtype}", expected one of ${Object.keys(DTYPES).join(", ")}`);
  }
  return info.code;
}

/** The dtype of a libtorch code. */
export function dtypeName(code: number): DType {
  const name = NAMES[code];
  if (!name) {
    throw new InputError(`the tensor's dtype has libtorch code ${code}, which is not supported`);
  }
  return name;
}

/** Bytes of one element. */
export function dtypeBytes(dtype: DType): number {
  return DTYPES[dtype].bytes;
}

/** Whether the dtype holds fractions. */
export function isFloating(dtype: DType): boolean {
  return dtype === "float32" || dtype === "bfloat16" || dtype === "float16" || dtype === "float64";
}

/** c10::DeviceType of CUDA devices. */
const CUDA = 1;
const META = 14;

// One word for a device: its type × 256 + its index + 1, where index −1 is the current device.
const deviceNames = new Map<number, Device>([[0, "cpu"], [META * 256, "meta"]]);

/** The word by which the native library knows a device. */
export function deviceCode(device: Device): number {
  if (device === "cpu") return 0;
  if (device === "meta") return META * 256;
  if (device === "cuda") return CUDA * 256;
  const index = /^cuda:(\d{1,2})$/.exec(device)?.[1];
  if (index === undefined) {
    throw new ConfigError(`device is "${device}", expected cpu, meta, cuda or cuda:N`);
  }
  return CUDA * 256 + Number(index) + 1;
}

/** c10::DeviceType of a device. */
export function deviceType(device: Device): number {
  return Math.floor(deviceCode(device) / 256);
}

/** The device of a native word. */
export function deviceName(code: number): Device {
  let name = deviceNames.get(code);
  if (name === undefined) {
    // Words of a tensor on the CPU may carry the index 0.
    const type = Math.floor(code / 256);
    name = type === 0 ? "cpu" : type === META ? "meta" : `cuda:${Math.max(0, code % 256 - 1)}`;
    deviceNames.set(code, name);
  }
  return name;
}
