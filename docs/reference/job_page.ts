/**
 * The page of all fields of a job.
 * @module
 */
import { longFlag } from "../../lib/pipelines/job/mod.ts";

const intro = `<!-- Written by docs/make_reference.ts. Do not edit: run ./denow task reference. -->

# Job

A job is one video as one JSON record: what \`isa4d generate --print-job\` prints, what \`--job FILE\` and
each line of a [batch](../batch.md) hold, and what every result carries. \`isa4d schema\` prints this page as
JSON Schema, so that your editor can check a file while you write it. Unknown fields are errors. Relative
paths start at the folder of the file that holds the job.
`;

const example = `\`\`\`json
{
  "reference": { "image": "me.jpg" },
  "persons": [{ "motion": "builtin:walk" }],
  "camera": "orbit:deg=90",
  "output": "out.mp4"
}
\`\`\`
`;

/** A part of a JSON Schema, as far as a job's has it. */
interface Schema {
  readonly description?: string;
  readonly type?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema | false;
  readonly prefixItems?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** The page, from the job's JSON Schema. */
export function jobPage(schema: object): string {
  const { properties = {}, required = [] } = schema as Schema;
  const { reference, persons, ...rest } = properties;
  const person = persons.items || {};
  const { reference: _, ...personFields } = person.properties ?? {};
  const own = { reference: { type: "object" }, persons: { type: "array" }, ...rest };
  return [
    intro,
    example,
    "## The job",
    list(own, required, {
      reference: `the person's picture: [fields](#reference). Required`,
      persons:
        `one to ${persons.maxItems} persons, each with a motion: [fields](#persons). Required`,
    }),
    "## reference",
    list(reference.properties ?? {}, reference.required ?? [], {}, "ref"),
    "## persons",
    "The fields of each person:",
    list({ reference: { type: "object" }, ...personFields }, person.required ?? [], {
      reference: "what this person looks like, if not as the first: [fields](#reference)",
    }),
  ].join("\n\n");
}

type Said = Readonly<Record<string, string>>;

function list(
  fields: Readonly<Record<string, Schema>>,
  required: readonly string[],
  said: Said = {},
  prefix = "",
): string {
  return Object.entries(fields).map(([name, field]) => {
    if (said[name]) return `- \`${name}\`: ${said[name]}.`;
    const flag = longFlag(
      prefix === "" ? name : `${prefix}${name[0].toUpperCase()}${name.slice(1)}`,
    );
    const switchedOff = field.default === true ? flag.replace("--", "--no-") : flag;
    const facts = [
      typeText(field),
      ...(field.default === undefined ? [] : [`default \`${JSON.stringify(field.default)}\``]),
      ...(required.includes(name) && field.default === undefined ? ["required"] : []),
      `flag \`${switchedOff}\``,
    ];
    return `- \`${name}\` (${facts.join("; ")}): ${field.description}.`;
  }).join("\n");
}

function typeText(field: Schema): string {
  if (field.anyOf) return field.anyOf.map(typeText).join(" or ");
  if (field.const !== undefined) return `\`${JSON.stringify(field.const)}\``;
  if (field.enum) return field.enum.map((one) => `\`${JSON.stringify(one)}\``).join(", ");
  if (field.prefixItems) return `${field.prefixItems.length} numbers`;
  if (field.type === "array") {
    return `list of ${plural(field.items ? typeText(field.items) : "value")}`;
  }
  if (field.type === "object") {
    const parts = Object.entries(field.properties ?? {});
    return `\`{ ${parts.map(([name]) => name).join(", ")} }\``;
  }
  const { minimum, exclusiveMinimum, maximum } = field;
  const low = minimum ?? exclusiveMinimum;
  const above = minimum === undefined && low !== undefined ? "above " : "";
  const range = low === undefined || maximum === undefined ? "" : ` ${above}${low} to ${maximum}`;
  return `${field.type === "string" ? "text" : field.type}${range}`;
}

function plural(text: string): string {
  return text.startsWith("`") ? text : `${text}s`;
}
