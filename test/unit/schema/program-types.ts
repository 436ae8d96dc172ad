import { resolve } from "node:path";
import ts from "typescript";

/** A field of a type, as a TypeScript program and its editor see it. */
export interface TypeField {
  /** It may be left out, or of an output: it may be null or undefined. */
  readonly isOptional: boolean;
  /** The text of the comment; what stands behind `@default` as a sentence at its end. */
  readonly documentation: string;
}

export type TypeFields = ReadonlyMap<string, TypeField>;

/** The types that `pulumi-snowflake-secrets` exports, read by TypeScript's own compiler. */
export interface ProgramTypes {
  /** The fields of a type; of a union those of each member, by its `type`. */
  fieldsOf(typeName: string): TypeFields;
  membersOf(typeName: string): ReadonlyMap<string, TypeFields>;
  /** The properties that a class declares itself. */
  outputsOf(className: string): TypeFields;
}

export function readProgramTypes(): ProgramTypes {
  const root = resolve(__dirname, "../../..");
  const entry = resolve(root, "sdk/index.ts");
  const settings = ts.readConfigFile(resolve(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(settings.config, ts.sys, root);
  const program = ts.createProgram([entry], { ...options, noEmit: true });
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(entry);
  const module = file && checker.getSymbolAtLocation(file);
  if (module === undefined) throw new Error(`${entry} is no module.`);
  const exported = new Map(checker.getExportsOfModule(module).map((symbol) => [symbol.name, symbol]));

  const find = (name: string): ts.Type => {
    const symbol = exported.get(name);
    if (symbol === undefined) throw new Error(`sdk/index.ts does not export ${name}.`);
    return checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(symbol));
  };
  const describe = (properties: readonly ts.Symbol[]): TypeFields =>
    new Map(
      properties.map((property) => [
        property.name,
        {
          isOptional:
            (property.flags & ts.SymbolFlags.Optional) !== 0 ||
            mayBeNothing(checker.getTypeOfSymbol(property), checker),
          documentation: readDocumentation(property, checker),
        },
      ]),
    );
  const readType = (member: ts.Type): string => {
    const property = member.getProperty("type");
    const type = property && checker.getTypeOfSymbol(property);
    const literal = type?.isUnion() ? type.types.find((each) => each.isStringLiteral()) : type;
    return literal?.isStringLiteral() ? literal.value : "";
  };
  return {
    fieldsOf: (name) => describe(find(name).getProperties()),
    membersOf: (name) => {
      const type = find(name);
      const members = type.isUnion() ? type.types : [type];
      return new Map(members.map((member) => [readType(member), describe(member.getProperties())]));
    },
    outputsOf: (name) => {
      const own = find(name)
        .getProperties()
        .filter((property) =>
          property.declarations?.some(
            (declaration) =>
              ts.isPropertyDeclaration(declaration) &&
              /[/\\]sdk[/\\]/.test(declaration.getSourceFile().fileName) &&
              !declaration.getSourceFile().fileName.includes("node_modules"),
          ),
        );
      return describe(own);
    },
  };
}

/** Whether a type, or what an `Output` of it holds, may be null or undefined. */
function mayBeNothing(type: ts.Type, checker: ts.TypeChecker): boolean {
  const nothing = ts.TypeFlags.Null | ts.TypeFlags.Undefined;
  if (type.isUnion() && type.types.some(({ flags }) => (flags & nothing) !== 0)) return true;
  const held =
    type.aliasSymbol?.name === "Output"
      ? type.aliasTypeArguments
      : type.symbol?.name === "OutputInstance"
        ? checker.getTypeArguments(type as ts.TypeReference)
        : undefined;
  return held?.[0] !== undefined && mayBeNothing(held[0], checker);
}

function readDocumentation(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  const byDefault = symbol.getJsDocTags(checker).find(({ name }) => name === "default");
  const sentence = byDefault && `Default: ${ts.displayPartsToString(byDefault.text)}.`;
  return [text, sentence].filter(Boolean).join(" ").replace(/\s+/g, " ");
}
