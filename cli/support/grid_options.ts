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
      "views; with several --view-cameras their number (default: 4)",
      value(z.int().min(1).max(64)),
    )
    .option(
      "--view-cameras <path|file>",
      "a path that the views stand along, a file whose cameras they are, or again for each view (default: orbit:deg=360)",
      repeated(text),
    )
    .option(
      "--view-background <view=file>",
      "background of one view; again for others",
      repeated(numbered),
    )
    .option(
      "--given-view <view=video>",
      "a view that is there, from its start on: it comes back as it is; again for others",
      repeated(numbered),
    )
    .option(
      "--given-time <0=video>",
      "frame 0 of all views as a video, or pictures %04d.png, of a camera that passes them",
      numbered,
    );
}
