/**
 * `isa4d convert`: cameras and motions from one kind of file to another.
 * @module
 */
import { type Command, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { group } from "./support/help.ts";
import type { Context } from "./support/mod.ts";
import { fileKinds } from "./convert/kinds.ts";
import { overwriteOption, value } from "./support/options.ts";

const side = value(z.int().min(1).max(20_000));

/** Adds `convert` to the program. */
export function register(program: Command, context: () => Context): void {
  program.command("convert")
    .description("convert camera and motion files")
    .argument(
      "<in>",
      "camera file, motion file (file.pkl#tid=2 chooses a track), builtin:NAME, photo (team.jpg#person=2 the second largest person), or fit: and a file of key points",
    )
    .argument("<out>", "file to write; its name says which kind, unless --to does")
    .addOption(overwriteOption())
    .optionsGroup(group.inputs)
    .addOption(
      new Option("--from <kind>", "kind of IN (default: found out from its content)").choices(
        fileKinds,
      ),
    )
    .optionsGroup(group.output)
    .addOption(new Option("--to <kind>", "kind of OUT").choices(fileKinds))
    .optionsGroup(group.size)
    .option(
      "--fps <rate>",
      "resample to this rate, or set it if IN has none",
      value(z.number().positive().max(1000)),
    )
    .option("-W, --width <pixels>", "picture width, for camera files that leave it out", side)
    .option("-H, --height <pixels>", "picture height, likewise", side)
    .optionsGroup(group.scene)
    .option(
      "--scale <metres>",
      "metres in one unit of a camera file's world",
      value(z.number().positive()),
    )
    .optionsGroup(group.output)
    .option("--json", "print one JSON record instead of text")
    .addHelpText("after", kinds)
    .action(async (input, output, flags) => {
      const { runConvert } = await import("./convert/run.ts");
      await runConvert({ input, output, ...flags }, context());
    });
}

const kinds = `
Kinds, and the names that mean them:
  isa4d-cameras  cameras.json          our cameras
  realestate10k  cameras.txt           RealEstate10K's text
  nerf           transforms.json       NeRF, instant-ngp, nerfstudio
  colmap         images.txt            COLMAP's text model, with cameras.txt beside
  isa4d-motion   motion.json           our motion
  smpl           motion.npz            poses [N,72], trans, Y up
  amass          --to amass            poses [N,156], trans, Z up
  tracks         .pkl, .pt, .npy       of 4D-Humans, WHAM, GVHMR, GENMO, TRAM; read only; to cameras
                                       they give their own
  bvh            motion.bvh            with CMU's or Mixamo's names; written with Mixamo's
  gltf           motion.glb            body, motion and camera, for Blender; written only
  photo          me.jpg, .png, .webp   to a pose with its camera, found by networks
  key points     fit:keypoints.json    of COCO or OpenPose: to a pose, for a picture of -W × -H

Examples:
  isa4d convert transforms.json cameras.json
  isa4d convert 0000cc6d8b108390.txt cameras.json --scale 1.5
  isa4d convert demo.pkl#tid=2 walk.npz
  isa4d convert hmr4d_results.pt walk.json
  isa4d convert builtin:mocap-dance dance.glb
  isa4d convert demo.pkl#tid=2 cameras.json --to isa4d-cameras
  isa4d convert anna/01.jpg anna/01.body.json
  isa4d convert fit:keypoints.json anna/01.body.json -W 640 -H 480`;
