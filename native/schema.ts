/** Reads ATen schemas and writes their TypeScript wrappers. */

/** One argument of an operator. */
export interface SchemaArgument {
  readonly name: string;
  /** Without alias annotation, `?` and list length. */
  readonly type: string;
  readonly optional: boolean;
  readonly fixedLength: boolean;
  readonly written: boolean;
  readonly defaultText: string | undefined;
}

/** An operator's schema. */
export interface Schema {
  readonly text: string;
  readonly name: string;
  readonly overload: string;
  readonly positional: readonly SchemaArgument[];
  readonly keyword: readonly SchemaArgument[];
  readonly returns: readonly string[];
  /** The result is the argument that was written to. */
  readonly inPlace: boolean;
}

/** How an argument's type reads in TypeScript and which function encodes it. */
interface Mapping {
  readonly type: string;
  readonly put: string;
}

// Not offered: everything here is strided, unpinned memory in the default format.
const HIDDEN = new Set(["layout", "pin_memory", "memory_format"]);

/** Parses `aten::add.Tensor(Tensor self, *, Scalar alpha=1) -> Tensor`. */
export function parseSchema(text: string): Schema {
  const match = /^(aten::\w+)(?:\.(\w+))?\((.*)\) -> (.*)$/.exec(text);
  if (!match) throw new Error(`cannot read the schema ${text}`);
  const [, name, overload = "", argumentText, returnText] = match;
  const parts = splitTop(argumentText);
  const star = parts.indexOf("*");
  const positional = star < 0 ? parts : parts.slice(0, star);
  const keyword = star < 0 ? [] : parts.slice(star + 1);
  const inner = /^\((.*)\)$/.exec(returnText);
  const returns = inner ? splitTop(inner[1]) : [returnText];
  return {
    text,
    name,
    overload,
    positional: positional.map(parseArgument),
    keyword: keyword.map(parseArgument),
    returns: returns.map((part) => part.replace(/\([^)]*\)/, "").split(" ")[0]),
    inPlace: returns.length > 0 && returns[0].includes("!"),
  };
}

function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const char of text) {
    if ("([".includes(char)) depth++;
    if (")]".includes(char)) depth--;
    if (char === "," && depth === 0) {
      parts.push(part.trim());
      part = "";
    } else part += char;
  }
  if (part.trim()) parts.push(part.trim());
  return parts;
}

function parseArgument(text: string): SchemaArgument {
  const match = /^(\w+)(\([^)]*\))?((?:\??\[\d*\])?)(\??) (\w+)(?:=(.*))?$/.exec(text);
  if (!match) throw new Error(`cannot read the argument ${text}`);
  const [, base, aliasing = "", list, optional, name, defaultText] = match;
  return {
    name,
    type: base + list.replace(/\d+/, ""),
    optional: optional === "?",
    fixedLength: /\d/.test(list),
    written: aliasing.includes("!"),
    defaultText,
  };
}

function mappingOf(argument: SchemaArgument): Mapping {
  const numbers = argument.fixedLength ? "number | readonly number[]" : "readonly number[]";
  switch (argument.type) {
    case "Tensor":
      if (argument.optional) return { type: "Tensor", put: "argOptional" };
      return argument.written
        ? { type: "Tensor", put: "argTensor" }
        : { type: "Tensor | number", put: "argValue" };
    case "Tensor[]":
      return { type: "readonly Tensor[]", put: "argTensors" };
    case "Tensor?[]":
      return { type: "readonly (Tensor | undefined)[]", put: "argSparseTensors" };
    case "int":
    case "SymInt":
    case "float":
    case "Scalar":
      return { type: "number", put: "argNumber" };
    case "bool":
      return { type: "boolean", put: "argBool" };
    case "int[]":
    case "SymInt[]":
    case "float[]":
    case "Scalar[]":
      return { type: numbers, put: "argNumbers" };
    case "bool[]":
      return { type: "readonly boolean[]", put: "argBools" };
    case "str":
      return { type: "string", put: "argString" };
    case "ScalarType":
      return { type: "DType", put: "argDtype" };
    case "Device":
      return { type: "Device", put: "argDevice" };
    case "Generator":
      return { type: "Generator", put: "argGenerator" };
    default:
      throw new Error(`no mapping for an argument of type ${argument.type}`);
  }
}

const camel = (name: string) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const isHidden = (argument: SchemaArgument) => HIDDEN.has(argument.name);

/** The wrapper's source. Required positional arguments stay so; all others go into a record. */
export function emitWrapper(schema: Schema, alias: string): string {
  const required = schema.positional.filter((argument) => argument.defaultText === undefined);
  const named = [...schema.positional, ...schema.keyword].slice(required.length);
  const offered = named.filter((argument) => !isHidden(argument));
  const constant = `op_${alias}`;
  const parameters = required.map((argument) => {
    const absent = argument.optional ? " | undefined" : "";
    return `${camel(argument.name)}: ${mappingOf(argument).type}${absent}`;
  });
  const mustName = offered.some((argument) =>
    argument.defaultText === undefined && !argument.optional
  );
  if (offered.length) parameters.push(`options${mustName ? "" : "?"}: ${recordType(offered)}`);
  const overload = JSON.stringify(schema.overload);
  return [
    `const ${constant} = new Operator(${JSON.stringify(schema.name)}, ${overload});`,
    `/** \`${schema.text}\` */`,
    `export function ${alias}(${parameters.join(", ")}): ${returnType(schema)} {`,
    "c.begin();",
    ...required.map((argument) => `c.${mappingOf(argument).put}(${camel(argument.name)});`),
    ...emitOptions(named, offered, mustName),
    ...emitCall(schema, constant, camel(required[0]?.name ?? "")),
    "}\n",
  ].join("\n");
}

function recordType(offered: readonly SchemaArgument[]): string {
  const fields = offered.map((argument) => {
    const optional = argument.defaultText !== undefined || argument.optional ? "?" : "";
    return `readonly ${camel(argument.name)}${optional}: ${mappingOf(argument).type}`;
  });
  return `{ ${fields.join("; ")} }`;
}

function emitOptions(
  named: readonly SchemaArgument[],
  offered: readonly SchemaArgument[],
  mustName: boolean,
): string[] {
  if (!offered.length) return [];
  // libtorch fills what comes after the last given argument.
  const last = named.indexOf(offered[offered.length - 1]);
  const puts = named.slice(0, last + 1).map((argument) =>
    isHidden(argument)
      ? "c.argOmitted();"
      : `c.${mappingOf(argument).put}(options.${camel(argument.name)});`
  );
  return mustName ? puts : ["if (options !== undefined) {", ...puts, "}"];
}

function returnType(schema: Schema): string {
  if (schema.returns.length === 0) return "void";
  if (schema.inPlace) return "Tensor";
  if (schema.returns.length > 1) return `[${schema.returns.map(() => "Tensor").join(", ")}]`;
  const types: Record<string, string> = {
    "Tensor": "Tensor",
    "Tensor[]": "Tensor[]",
    "bool": "boolean",
    "int": "number",
    "float": "number",
    "Scalar": "number",
  };
  const type = types[schema.returns[0]];
  if (!type) throw new Error(`no mapping for the result of ${schema.text}`);
  return type;
}

function emitCall(schema: Schema, constant: string, first: string): string[] {
  if (schema.returns.length === 0) return [`c.callVoid(${constant});`];
  if (schema.inPlace) return [`c.callVoid(${constant});`, `return ${first};`];
  const type = returnType(schema);
  if (schema.returns.length > 1) {
    return [`return c.callTuple(${constant}, ${schema.returns.length}) as ${type};`];
  }
  const calls: Record<string, string> = {
    "Tensor": "callTensor",
    "Tensor[]": "callTensors",
    "boolean": "callBool",
    "number": "callNumber",
  };
  return [`return c.${calls[type]}(${constant});`];
}
