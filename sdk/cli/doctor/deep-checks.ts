import { buildContent } from "../../../provider/secret-sync/secret-types.js";
import { buildTestValue, type TestSecrets } from "./test-secrets.js";

/** Something that this package counts on, and only an account can show. */
export interface DeepCheck {
  /** A sentence without its end. */
  readonly expectation: string;
  /** @returns what Snowflake did instead; undefined where it did what is expected */
  readonly run: (secrets: TestSecrets) => Promise<string | undefined>;
}

/** What an account is asked by writing secrets of the run's own, each check under labels of its own. */
export const deepChecks: readonly DeepCheck[] = [
  {
    expectation: "a value can be a bind in CREATE SECRET, and SHOW SECRETS lists the secret at once",
    run: async (secrets) => {
      await secrets.create("CREATE");
      return expectEqual((await secrets.show("CREATE"))?.type, "GENERIC_STRING");
    },
  },
  {
    expectation: "a PASSWORD secret takes user name and password as binds, in CREATE and in ALTER",
    run: async (secrets) => {
      const build = () => buildContent({ type: "password", username: "u", password: buildTestValue() });
      await secrets.create("PASSWORD", build());
      await secrets.alter("PASSWORD", build());
      const shown = await secrets.show("PASSWORD");
      return expectEqual(
        [shown?.type, shown?.comment].join(" "),
        `PASSWORD ${secrets.buildComment("altered")}`,
      );
    },
  },
  {
    expectation: "a value can be a bind in ALTER SECRET, which keeps created_on",
    run: async (secrets) => {
      await secrets.create("ALTER");
      const before = await secrets.show("ALTER");
      await secrets.alter("ALTER");
      return expectEqual((await secrets.show("ALTER"))?.createdOn, before?.createdOn);
    },
  },
  {
    expectation: "value and COMMENT are set by one ALTER SECRET, with every character",
    run: async (secrets) => {
      const text = `place=a/b'c"d\\e\nf\u00fc`;
      await secrets.create("COMMENT");
      await secrets.alter("COMMENT", undefined, text);
      return expectEqual((await secrets.show("COMMENT"))?.comment, secrets.buildComment(text));
    },
  },
  {
    expectation: "a comment is removed by UNSET COMMENT, and the secret stays",
    run: async (secrets) => {
      await secrets.create("UNSET");
      const before = await secrets.show("UNSET");
      await secrets.unsetComment("UNSET");
      return expectEqual(await secrets.show("UNSET"), before && { ...before, comment: "" });
    },
  },
  {
    expectation: "the owner sees the grants on a secret, and ALTER SECRET keeps them",
    run: async (secrets) => {
      await secrets.create("GRANTS");
      await secrets.grantRead("GRANTS");
      await secrets.alter("GRANTS");
      const grants = await secrets.showGrants("GRANTS");
      return expectEqual(grants.map(({ privilege }) => privilege).sort(), ["OWNERSHIP", "READ"]);
    },
  },
  {
    expectation: "names in double quotes are kept exactly",
    run: async (secrets) => {
      await secrets.create('a"b/ c');
      return expectEqual((await secrets.show('a"b/ c')) !== undefined, true);
    },
  },
  {
    expectation: "a secret gets another created_on from CREATE OR REPLACE SECRET",
    run: async (secrets) => {
      await secrets.create("REPLACE");
      const before = await secrets.show("REPLACE");
      await secrets.create("REPLACE", undefined, true);
      const isMoved = (await secrets.show("REPLACE"))?.createdOn !== before?.createdOn;
      return expectEqual(isMoved, true);
    },
  },
  {
    expectation: "a dropped secret is no longer listed by SHOW SECRETS",
    run: async (secrets) => {
      await secrets.create("DROP");
      await secrets.drop("DROP");
      return expectEqual(await secrets.show("DROP"), undefined);
    },
  },
];

/** Nothing of a value is compared here. */
function expectEqual(found: unknown, wanted: unknown): string | undefined {
  const [shown, expected] = [found, wanted].map((each) => JSON.stringify(each) ?? "nothing");
  return shown === expected ? undefined : `found ${shown}, expected ${expected}`;
}
