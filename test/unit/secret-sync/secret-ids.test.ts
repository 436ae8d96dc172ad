import { describe, expect, it } from "vitest";
import { unknownValue } from "../../../provider/engine/unknown.js";
import { hosts, openSyncHost } from "../../support/hosts.js";
import { createFixture, destination, overwrite } from "./fixture.js";

describe.each(hosts)("the names of the secrets for their readers, in the host %s", (name) => {
  it("follow the key schema, are quoted, and come in order", async () => {
    const { connection } = await createFixture();
    const host = openSyncHost(name, connection);
    await host.up({
      secrets: { B: "1", 'a"b': "2" },
      destinationConfig: destination,
      environment: "prod",
      syncOptions: { ...overwrite, keySchema: "{{environment}}_{{secretKey}}" },
    });
    expect(host.state()).toMatchObject({
      secretIds: { B: '"APP"."SECRETS"."prod_B"', 'a"b': '"APP"."SECRETS"."prod_a""b"' },
      secretIdList: ['"APP"."SECRETS"."prod_B"', '"APP"."SECRETS"."prod_a""b"'],
    });
  });
});

describe("in a preview", () => {
  const ids = { secretIds: { A: '"APP"."SECRETS"."A"' } };

  it.each([
    ["where a value is not known", { A: unknownValue }, {}, ids],
    ["where the keys are not known", unknownValue, {}, { secretIds: unknownValue }],
    [
      "where the schema is not known",
      { A: "1" },
      { destinationConfig: { database: "APP", schema: unknownValue } },
      { secretIds: unknownValue },
    ],
    ["where the connection is not known", { A: "1" }, { connection: unknownValue }, ids],
  ])("they are known as far as the keys and the schema are: %s", async (_, secrets, more, expected) => {
    const { stack, sync } = await createFixture();
    const { inputs } = await stack.preview({ app: sync(secrets as never, more) });
    expect(inputs.app).toMatchObject(expected);
  });

  it("they stay through a refresh, whose inputs the next run compares", async () => {
    const { stack, sync } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    await stack.refresh();
    expect(stack.state()).toMatchObject(ids);
    expect(stack.resources.get("app")?.inputs).toMatchObject(ids);
  });
});
