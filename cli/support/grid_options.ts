/**
 * The flags that make a job a grid of views, shared by every command that takes one.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { z } from "zod";
import { group } from "./help.ts";
import { numbered, repeated, text, value } from "./options.ts";

/** Adds to a command what {@link requestedGrid} reads, but for the job's own flags. */
export function addGridOptions<A extends unknown[], O extends Record<string, unknown>>(
  command: Command<A, O>,
) {
  return command
    .optionsGroup(group.scene)
    .option(
      "--views <n>",
      "number of views (default: 4, or as many as there are --view-cameras)",
      value(z.int().min(1).max(64)),
    )
    .option(
      "--view-cameras <path|file>",
      "path along which the views are placed, or a file with their cameras; or repeat it for each view (default: orbit:deg=360)",
      repeated(text),
    )
    .option(
      "--view-background <view=file>",
      "background of one view; repeat for others",
      repeated(numbered),
    )
    .option(
      "--given-view <view=video>",
      "video of a view that you already have; it is kept as it is; repeat for others",
      repeated(numbered),
    )
    .option(
      "--given-time <0=video>",
      "frame 0 of all views, as a video or pictures %04d.png from a camera that passes them all",
      numbered,
    );
}
