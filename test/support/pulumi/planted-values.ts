import { createHash, randomBytes } from "node:crypto";

/** Repeats the values of a run: its seed stands in the message of a leak. */
export const plantingSeed = process.env.TEST_SEED ?? randomBytes(6).toString("hex");

/** Texts that a careless hand breaks on its way into a file, a statement, a pattern or an address. */
const shapes: readonly ((letters: (length: number) => string) => string)[] = [
  (letters) => letters(16),
  (letters) => `${letters(5)}'${letters(3)}"${letters(3)}\`${letters(3)}''`,
  (letters) => `${letters(9)}\n${letters(9)}\r\n\t${letters(9)}`,
  (letters) => `^${letters(4)}.*(${letters(3)})[${letters(3)}]+?{2}|$${letters(3)}`,
  (letters) => `{"${letters(4)}":["${letters(4)}\\","${letters(3)}\\\\n"]}`,
  (letters) => `~${letters(2)}|`,
  (letters) => `${letters(4)}&${letters(4)}=%20+/#?<${letters(3)}>`,
  (letters) => `${letters(4)}-ä-€-${letters(3)}-😀-${letters(3)}`,
  // Not closed: a whole one is a reference to Infisical, which puts another value in its place.
  (letters) => `\${${letters(5)}$(${letters(4)});--${letters(3)}\\`,
];

let planted = 0;

/**
 * A value for each name: random, so that nothing else looks like it, and in another shape each time. Which name gets
 * which shape differs from seed to seed.
 */
export function plantValues<Name extends string>(...names: readonly Name[]): Readonly<Record<Name, string>> {
  const first = createHash("sha256").update(`${plantingSeed} shape`).digest().readUInt16BE();
  const values = names.map((name): [Name, string] => {
    planted += 1;
    const shape = shapes[(first + planted) % shapes.length] ?? shapes[0];
    let stream = "";
    for (let block = 0; stream.length < 64; block += 1) {
      const digest = createHash("sha256").update(`${plantingSeed} ${planted} ${block}`).digest("base64");
      stream += digest.replace(/[^A-Za-z0-9]/g, "");
    }
    const letters = (length: number) => {
      const taken = stream.slice(0, length);
      stream = stream.slice(length);
      return taken;
    };
    return [name, shape?.(letters) ?? ""];
  });
  return Object.fromEntries(values) as Record<Name, string>;
}
