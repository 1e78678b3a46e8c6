/**
 * All networks that see persons, opened together.
 * @module
 */
import type { Device } from "../tensor/mod.ts";
import type { HandNetworks } from "./hands.ts";
import { networkBytes, type NetworkFilesOptions, type NetworkName } from "./network_files.ts";
import { TfliteNetwork } from "./tflite/mod.ts";

/** Where networks come from and run. */
export interface NetworksOptions extends NetworkFilesOptions {
  /** Default: "cpu". */
  readonly device?: Device;
}

/** Opened networks; dispose them. */
export interface Networks extends Disposable {
  readonly device: Device;
  readonly detector: TfliteNetwork;
  readonly body: TfliteNetwork;
  readonly hands: HandNetworks;
  readonly face: TfliteNetwork;
}

/**
 * Opens the networks, and brings their files where they are missing. Throws
 * {@linkcode EnvironmentError} where they cannot be had, {@linkcode InputError} for a damaged file.
 */
export async function openNetworks(options: NetworksOptions = {}): Promise<Networks> {
  const { device = "cpu", ...where } = options;
  const opened: TfliteNetwork[] = [];
  const close = () => opened.forEach((network) => network[Symbol.dispose]());
  const open = async (name: NetworkName): Promise<TfliteNetwork> => {
    const { path, bytes } = await networkBytes(name, where);
    const network = new TfliteNetwork(bytes, { path, device });
    opened.push(network);
    return network;
  };
  try {
    return {
      device,
      detector: await open("pose_detection"),
      body: await open("pose_landmark_heavy"),
      hands: {
        recrop: await open("hand_recrop"),
        landmarks: await open("hand_landmark_full"),
      },
      face: await open("face_landmark"),
      [Symbol.dispose]: close,
    };
  } catch (error) {
    close();
    throw error;
  }
}
