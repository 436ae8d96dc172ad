/** What a live part needs, from the environment; says loudly when it is not there. */
export function findSetting(part: string, variable: string): string | undefined {
  const value = process.env[variable];
  if (value === undefined || value === "") {
    console.warn(
      `SKIPPED: nothing of ${part} was tested, because ${variable} is not set (test/live/README.md)`,
    );
    return undefined;
  }
  console.warn(`${part}: this run creates things and removes them again, where ${variable}=${value} says`);
  return value;
}
