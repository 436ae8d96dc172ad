import { beforeEach, describe, expect, it } from "vitest";
import { useDemoAccount } from "../support/snowflake/use-demo-account.js";
import { openWire, type WireAnswer, type WireSession } from "../support/snowflake/wire-client.js";

/**
 * What snowflake-jdbc 4.4.1 sends, recorded on the wire (2026-11-25, Java 17). The driver itself is a jar of 95 MB and
 * needs a Java, so it is no part of the tests; docs/snowflake-server.md says what was seen with it.
 */
const CREATE = "CREATE SECRET P TYPE=GENERIC_STRING SECRET_STRING=? COMMENT=?";
const request = {
  sequenceId: 33,
  bindings: null,
  bindStage: null,
  describeOnly: false,
  parameters: {},
  queryContextDTO: null,
  describedJobId: null,
  querySubmissionTime: 1_795_616_671_029,
  isInternal: false,
  asyncExec: false,
};
const text = (value: string) => ({ type: "TEXT", fmt: null, schema: null, value });

const demo = useDemoAccount();
let session: WireSession;
beforeEach(async () => {
  session = await openWire(demo.server, demo.seed);
});

const send = (sqlText: string, more: object = {}): Promise<WireAnswer> =>
  session.query(sqlText, { ...request, ...more });
const held = () => demo.control.secrets("APP", "SECRETS").map(({ name, value }) => [name, value]);

describe("the words of JDBC", () => {
  it("describe a prepared statement, and then run it with its binds", async () => {
    const described = await send(CREATE, { describeOnly: true, isInternal: true });
    expect(described.data).toMatchObject({
      statementTypeId: 0x6000,
      numberOfBinds: 2,
      metaDataOfBinds: [{ type: "text" }, { type: "text" }],
      arrayBindSupported: false,
    });
    expect(held()).toEqual([]);

    const applied = await send(CREATE, {
      bindings: { 1: text("it's ü"), 2: text("c") },
      describedJobId: described.data?.queryId,
      parameters: { NEW_SQL_FORMAT: false },
    });
    expect(applied).toMatchObject({ success: true, data: { statementTypeId: 0x6000 } });
    expect(held()).toEqual([["P", "it's ü"]]);
    demo.control.dropSecret("APP", "SECRETS", "P");
  });

  it("switch autocommit and list databases and schemas, with a comment in the middle", async () => {
    for (const value of ["false", "true"]) {
      const sql = `alter session /* JDBC:SnowflakeConnectionImpl.setAutoCommit*/ set autocommit=${value}`;
      expect(await send(sql)).toMatchObject({ success: true, data: { statementTypeId: 0x4100 } });
    }
    const schemas = await send('show /* JDBC:DatabaseMetaData.getSchemas() */ schemas in database "APP"');
    expect(schemas.data).toMatchObject({ statementTypeId: 0x4400, returned: 2 });
    const databases = await send("show /* JDBC:DatabaseMetaData.getCatalogs() */ databases in account");
    expect(databases.data).toMatchObject({ statementTypeId: 0x4400, returned: 3 });
  });

  it("run several statements, of which each tells whether it has rows", async () => {
    const sql = "CREATE SECRET M TYPE=GENERIC_STRING SECRET_STRING='x'; SHOW SECRETS; DROP SECRET M";
    const { data } = await send(sql, { parameters: { MULTI_STATEMENT_COUNT: 3 } });
    expect(data).toMatchObject({ statementTypeId: 0xa000, resultTypes: `${0x6000},${0x4400},${0x6000}` });
  });
});
