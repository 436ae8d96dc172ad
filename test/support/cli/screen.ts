import { createOutput, type Output } from "../../../sdk/cli/output.js";

/** A stream that keeps what was written to it. */
export class Screen {
  text = "";

  constructor(
    readonly isTTY: boolean,
    readonly columns: number,
  ) {}

  write = (text: string) => {
    this.text += text;
  };
}

/** The output of a command, on screens of their own. */
export function openOutput(
  isTTY: boolean,
  { isJson = false, columns = 80 } = {},
): { readonly stdout: Screen; readonly stderr: Screen; readonly output: Output } {
  const streams = { stdout: new Screen(isTTY, columns), stderr: new Screen(isTTY, columns) };
  return { ...streams, output: createOutput(isJson, streams) };
}
