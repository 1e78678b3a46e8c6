/**
 * What `isa4d verify` does once its flags are read.
 * @module
 */
import { EnvironmentError, InputError } from "../../lib/errors.ts";
import {
  bringCredentialsLibrary,
  checkCredentials,
  type Credentials,
  findCredentials,
} from "../../lib/credentials/mod.ts";
import { readText } from "../../lib/io/mod.ts";
import { type Marks, readMarks } from "../../lib/pipelines/record/mod.ts";
import type { Context } from "../support/context.ts";
import { describeSourceType } from "./terms.ts";

/** All flags of `isa4d verify`. */
export interface VerifyFlags {
  readonly trust?: string;
  readonly json?: boolean;
}

/** Content Credentials that are there, checked or not. */
type Found = Credentials | { readonly state: "unchecked"; readonly reason: string };

/** Prints the marks of a file, as lines or as JSON; fails where it was altered. */
export async function runVerify(
  file: string,
  { trust, json }: VerifyFlags,
  context: Context,
): Promise<void> {
  const path = context.path(file);
  const anchors = trust === undefined ? undefined : await readText(context.path(trust));
  const marks = await readMarks(path);
  const credentials = await findCredentials(path) !== undefined
    ? await checked(path, anchors, context)
    : undefined;
  const verdict = verdictOf(marks, credentials);
  if (json) {
    const record = { format: "isa4d-verify", version: 1, file: path, verdict };
    await context.print(JSON.stringify({ ...record, ...marks, credentials }));
  } else {
    const lines = [`${path}: ${verdict}`, ...linesOf(marks), ...credentialLines(credentials)];
    await context.print(lines.join("\n"));
  }
  if (verdict === "altered") throw new InputError(`"${path}" was changed after it was signed`);
}

/** Without the library's package the credentials are there all the same. */
async function checked(
  path: string,
  anchors: string | undefined,
  context: Context,
): Promise<Found> {
  try {
    const library = await bringCredentialsLibrary({ onProgress: context.notice });
    return await checkCredentials(path, { library, anchors });
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return { state: "unchecked", reason: error.message };
  }
}

type Verdict = Credentials["state"] | "absent";

function verdictOf(
  { digitalSourceType, record }: Marks,
  credentials: Found | undefined,
): Verdict {
  if (credentials) return credentials.state === "unchecked" ? "untrusted" : credentials.state;
  return digitalSourceType === undefined && record === undefined ? "absent" : "untrusted";
}

function linesOf({ digitalSourceType, creatorTool, ingredients, record }: Marks): string[] {
  return [
    `source       ${digitalSourceType ? describeSourceType(digitalSourceType) : "not said"}`,
    ...creatorTool === undefined ? [] : [`written by   ${creatorTool}`],
    ...ingredients.map(({ file, digitalSourceType }) =>
      `made from    ${file || "a file"}: ${describeSourceType(digitalSourceType)}`
    ),
    ...record === undefined ? [] : [`record       ${record}, see isa4d info`],
  ];
}

function credentialLines(found: Found | undefined): string[] {
  if (!found) return ["credentials  none"];
  if (found.state === "unchecked") return [`credentials  there, not checked: ${found.reason}`];
  const { signer, time, generator, digitalSourceType, ingredients, problems } = found;
  return [
    `credentials  signed by ${signer ?? "somebody"}${time === undefined ? "" : `, ${time}`}`,
    ...generator === undefined ? [] : [`  generator  ${generator}`],
    ...digitalSourceType === undefined
      ? []
      : [`  source     ${describeSourceType(digitalSourceType)}`],
    ...ingredients.map(({ title, relationship, digitalSourceType }) => {
      const own = digitalSourceType === undefined
        ? ""
        : `: ${describeSourceType(digitalSourceType)}`;
      return `  made from  ${title} (${relationship})${own}`;
    }),
    ...problems.map((problem) => `  problem    ${problem}`),
  ];
}
