/**
 * The flags that fill a job, shared by every command that takes one. Each is a field of the job: its
 * name, help and group are declared there.
 * @module
 */
import { type Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { ConfigError } from "../../lib/errors.ts";
import { type JobField, jobFields, longFlag } from "../../lib/pipelines/job/mod.ts";
import { group, markNeeded } from "./help.ts";
import type { JobFlags } from "./job_flags.ts";
import { repeated, text, value } from "./options.ts";
import { person } from "./person_flag.ts";

/** How a command takes a job. */
export interface JobOptionChoice<Without extends keyof JobFlags> {
  /** Fields that the command has no flag for. */
  readonly without?: readonly Without[];
  /** The command runs without any of them. */
  readonly optional?: true;
}

/** Adds to a command what {@linkcode requestedJob} reads. */
export function addJobOptions<
  A extends unknown[],
  O extends Record<string, unknown>,
  Without extends keyof JobFlags = never,
>(
  command: Command<A, O>,
  { without = [], optional }: JobOptionChoice<Without> = {},
): Command<A, O & Omit<JobFlags, Without>> {
  const taken = jobFields.filter(({ name }) => !(without as readonly string[]).includes(name));
  for (const field of taken) {
    const option = optionOf(field);
    command.addOption(field.facts.required && !optional ? markNeeded(option) : option);
    if (field.name === "motion") command.addOption(personOption());
  }
  return command
    .optionsGroup(group.inputs)
    .option("--job <file>", "job as a JSON file, see `isa4d schema`; flags override it", text)
    .option(
      "--from <file>",
      "take the job from this video's own record; flags override it",
      text,
    ) as unknown as Command<A, O & Omit<JobFlags, Without>>;
}

/** The option of one field, for a command that takes it alone. */
export function fieldOption(name: string): Option {
  return optionOf(jobFields.find((field) => field.name === name)!);
}

function optionOf({ name, schema, facts, description, choices, fallback }: JobField): Option {
  const { short, takes, help, read, again } = facts;
  // A switch that is on by itself is turned off.
  const long = takes === undefined
    ? longFlag(name).replace("--", "--no-")
    : `${longFlag(name)} ${takes}`;
  const flags = short === undefined ? long : `-${short}, ${long}`;
  const option = new Option(flags, help ?? description).helpGroup(group[facts.group]);
  if (takes === undefined) return option;
  if (fallback) option.default(undefined, fallback);
  if (choices) return option.choices(choices);
  const parse = read ? saying(read) : again ? text : value(schema);
  return again ? option.argParser(repeated(parse)) : option.argParser(parse);
}

/** A reader of values whose complaints commander joins to the flag's name. */
function saying(read: (text: string) => unknown): (text: string) => unknown {
  return (given) => {
    try {
      return read(given);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new InvalidArgumentError(error.message);
    }
  };
}

function personOption(): Option {
  return new Option(
    "--person <ref=…,motion=…>",
    "one person in one flag, instead of the flags above: ref=a.png,pose=a.json,motion=walk.npz,at=-0.5:0:0,placement=file; repeat for each",
  ).helpGroup(group.inputs).argParser(repeated(person));
}
