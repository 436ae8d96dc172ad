import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, expect, it } from "vitest";
import { pythonOfMoto } from "../../support/aws/aws.js";
import { projectFolder } from "../../support/engine/engine.js";
import { useFixture } from "./fixture.js";

const fixture = useFixture();

// A job that does what the test says, a line each, and answers a line; it lives through all rotations.
const job = `
import json, sys
from active_credentials import ActiveCredentials

active = ActiveCredentials("exports/org_42/active/snowflake")
tell = lambda answer: print(json.dumps(answer), flush=True)

def work(credentials):
    tell({"works with": credentials["password"]})
    if sys.stdin.readline().strip() == "fail":
        raise RuntimeError("refused")
    return credentials["password"]

for line in sys.stdin:
    try:
        tell({"password": active.read()["password"] if line.strip() == "read" else active.use(work)})
    except Exception as error:
        tell({"error": type(error).__name__})
`;

let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill("SIGKILL");
});

function startJob() {
  const started = spawn(pythonOfMoto(), ["-c", job], {
    cwd: join(projectFolder, "examples/read-on-aws"),
    env: {
      ...process.env,
      ...fixture.aws.env,
      AWS_DEFAULT_REGION: fixture.aws.region,
      PYTHONDONTWRITEBYTECODE: "1",
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  child = started;
  const answers = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
  return async (line: string): Promise<unknown> => {
    started.stdin.write(`${line}\n`);
    return JSON.parse(String((await answers.next()).value));
  };
}

it("the reader in examples/read-on-aws follows rotations, and asks once where nothing changed", async () => {
  const stack = await fixture.connectedStack();
  const tell = startJob();
  const { password } = fixture.credentials;
  expect(await tell("read")).toEqual({ password });
  fixture.aws.forgetCalls();
  expect(await tell("read")).toEqual({ password });
  expect(fixture.aws.callCount()).toBe(1);
  const next = fixture.addUser();
  expect((await stack.up(fixture.args({ credentials: next }))).error).toBeUndefined();
  expect(await tell("read")).toEqual({ password: next.password });
  const fixed = { credentials: next, destinationId: "warehouse" };
  expect((await stack.up(fixture.args(fixed))).error).toBeUndefined();
  const last = fixture.addUser("EXPORTER3");
  expect((await stack.up(fixture.args({ ...fixed, credentials: last }))).error).toBeUndefined();
  expect(await tell("read")).toEqual({ password: last.password });
  await stack.destroy();
  expect(await tell("read")).toEqual({ error: "LookupError" });
});

it("it reads again where a rotation comes between the claim and the secret", async () => {
  const stack = await fixture.connectedStack();
  const { secretArn } = stack.outs;
  let rotated: (() => void) | undefined;
  const until = new Promise<void>((resolve) => {
    rotated = resolve;
  });
  fixture.aws.faults.add({
    operation: "GetSecretValue",
    matches: (body) => body.SecretId === secretArn,
    effect: { kind: "hold", when: "before", until },
  });
  const tell = startJob();
  const answer = tell("read");
  await expect
    .poll(() => fixture.aws.calls.some(({ body }) => body.SecretId === secretArn), { timeout: 20_000 })
    .toBe(true);
  const next = fixture.addUser();
  expect((await stack.up(fixture.args({ credentials: next }))).error).toBeUndefined();
  rotated?.();
  expect(await answer).toEqual({ password: next.password });
});

it("it works again with the new credentials where the old ones failed, and fails where they are still active", async () => {
  const stack = await fixture.connectedStack();
  const tell = startJob();
  const { password } = fixture.credentials;
  expect(await tell("use")).toEqual({ "works with": password });
  expect(await tell("fail")).toEqual({ error: "RuntimeError" });
  expect(await tell("use")).toEqual({ "works with": password });
  const next = fixture.addUser();
  expect((await stack.up(fixture.args({ credentials: next }))).error).toBeUndefined();
  expect(await tell("fail")).toEqual({ "works with": next.password });
  expect(await tell("pass")).toEqual({ password: next.password });
});
