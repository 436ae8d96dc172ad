import { describe, expect, it } from "vitest";
import { useAws } from "../../support/aws/use-aws.js";
import { DestinationFixture } from "../../support/destination-fixture.js";
import { startHttpService } from "../../support/export-services/http-service.js";
import { startRefusingPostgres } from "../../support/export-services/refusing-postgres.js";
import type { HostName, Run } from "../../support/hosts.js";

const esc = String.fromCharCode(27);

/** Names that a careless hand would let into a statement. */
const hostileNames = [
  'A"; DROP DATABASE ANALYTICS; --',
  "A' OR '1'='1",
  "A%",
  "A */ DROP DATABASE ANALYTICS /*",
  "A\\",
  '{"event":"export_secret_ip_check"}',
  "%s %n $HOME $(id)",
  "😀 ÄÖ ﷽",
];

/** What a terminal or a log would take for its own. */
const controlTexts = [
  `A${esc}[2J${esc}]0;owned\u0007`,
  "A\nerror: forged",
  "A\r\n[CREDENTIALS_REJECTED] forged",
  "A\u2028forged",
  "A\u009b2J",
  "A\u202eforged",
];

const controlCharacter = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/** What a server would say to harm whoever reads it; it repeats the password too. */
const buildHostileText = (password: string) =>
  `${controlTexts.join(" ")} ${hostileNames.join(" ")} ${password} ${"x".repeat(100_000)}`;

const aws = useAws();

async function inFixture(
  host: HostName,
  work: (fixture: DestinationFixture) => Promise<void>,
): Promise<void> {
  const fixture = await DestinationFixture.start(aws(), host);
  try {
    await work(fixture);
    await fixture.expectForeignUntouched();
    fixture.expectNoValueSeen();
  } finally {
    await fixture.stop();
  }
}

function expectHarmless({ problems, lines }: Run): void {
  for (const text of problems) expect(text).not.toMatch(controlCharacter);
  expect(`${problems} ${lines}`.length).toBeLessThan(10_000);
}

/** What was asked of Snowflake beside the log-in. */
const kindsAsked = ({ server: { control } }: DestinationFixture) => [
  ...new Set(control.statements().map(({ kind }) => kind)),
];

describe.concurrent.each(["dynamic", "plugin"] as const)("an export destination in the host %s", (host) => {
  it.each(hostileNames)("looks for the names %j as they are, and sends no other statement", (name) =>
    inFixture(host, async (fixture) => {
      const { control } = fixture.server;
      control.createDatabase(name);
      control.createWarehouse(name);
      control.grant("USAGE", { database: name }, "EXPORT_ROLE");
      control.grant("USAGE", { warehouse: name }, "EXPORT_ROLE");
      fixture.change({ credentials: { ...fixture.credentials, database: name, warehouse: name } });
      const run = await fixture.up();
      expectHarmless(run);
      expect(kindsAsked(fixture).sort()).toEqual(["SELECT", "SHOW WAREHOUSES"]);
      if (!run.ok) return;
      const secret = await fixture.control.secret(fixture.host.state()?.secretArn ?? "");
      expect(JSON.parse(secret?.value ?? "")).toMatchObject({ database: name, warehouse: name });
      expect((await fixture.claim())?.active?.destinationMetadata).toMatchObject({ database: name });
    }),
  );

  it.each(controlTexts)("shows nothing of %j for what it is, wherever it stands", (text) =>
    inFixture(host, async (fixture) => {
      const { credentials } = fixture;
      const places: readonly Parameters<DestinationFixture["change"]>[0][] = [
        { credentials: { ...credentials, database: text, warehouse: text } },
        { credentials: { ...credentials, account: text } },
        { credentials: { ...credentials, username: text } },
        { credentials: { ...credentials, [text]: "x" } },
        { credentials: { ...credentials, type: text } },
        { name: text, organizationId: text, destinationId: text, secretNamePrefix: text },
        { aws: { tags: { [text]: "x" } } },
        { [text]: "x" },
      ];
      for (const place of places) {
        fixture.change({ credentials, ...place });
        const run = await fixture.up();
        expect(run.ok, JSON.stringify(place)).toBe(false);
        expectHarmless(run);
        for (const argument of Object.keys(place)) fixture.change({ [argument]: undefined });
      }
    }),
  );

  describe("quotes no server that tries to harm its reader:", () => {
    const sayNo = { kind: "sql-error", code: "390100" } as const;

    it.each(["GetCallerIdentity", "GetSecretValue", "DescribeSecret", "CreateSecret"])(
      "AWS at %s",
      (operation) =>
        inFixture(host, async (fixture) => {
          const text = buildHostileText(fixture.credentials.password);
          for (const effect of [
            { kind: "error", code: "AccessDeniedException", message: text },
            { kind: "error", code: text.replace(/[^ -~]/g, "?").slice(0, 4_000), message: text },
          ] as const) {
            fixture.aws.faults.add({ operation, times: Number.POSITIVE_INFINITY, effect });
            const run = await fixture.up();
            expect(run.ok).toBe(false);
            expectHarmless(run);
            expect(run.problems.join()).not.toMatch(/DROP|forged/);
            fixture.aws.faults.clear();
          }
          expect((await fixture.up()).problems).toEqual([]);
        }),
    );

    it("Snowflake at the log-in and at a question", () =>
      inFixture(host, async (fixture) => {
        const { control } = fixture.server;
        const message = buildHostileText(fixture.credentials.password);
        control.addFault({ effect: { kind: "sql-error", code: "001003", message } });
        expectHarmless(await fixture.up());
        control.clearFaults();
        control.addFault({ on: "login", effect: { ...sayNo, message } });
        const run = await fixture.up();
        expect(run.ok).toBe(false);
        expectHarmless(run);
      }));

    it("Snowflake with an address that is none", () =>
      inFixture(host, async (fixture) => {
        fixture.server.control.setClientAddress(controlTexts.join(" "));
        const run = await fixture.up();
        expectHarmless(run);
        expect(JSON.stringify([run, fixture.host.state()])).not.toContain("forged");
      }));

    it("PostgreSQL with a code and a text of its own", () =>
      inFixture(host, async (fixture) => {
        const text = buildHostileText("pg-password-7c1");
        for (const sqlState of ["28P01", "28000", text.slice(0, 60)]) {
          const server = await startRefusingPostgres(sqlState, text);
          try {
            const { host: name, port } = server;
            const login = { username: "u", password: "pg-password-7c1", sslMode: "disable" };
            fixture.change({
              credentials: { type: "postgresql", host: name, port, database: "d", ...login },
            });
            const run = await fixture.up();
            expect(run.ok).toBe(false);
            expectHarmless(run);
            expect(JSON.stringify(run)).not.toMatch(/DROP|forged|pg-password/);
          } finally {
            await server.stop();
          }
        }
      }));

    it.each(["qlik", "power_bi"])("%s with a status, codes and texts of its own", (type) =>
      inFixture(host, async (fixture) => {
        const text = buildHostileText("service-secret-3d9");
        const service = await startHttpService(() => ({ status: 200, body: {} }));
        const id = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
        const credentials =
          type === "qlik"
            ? { type, tenant: "acme.eu.qlikcloud.com", apiKey: "service-secret-3d9" }
            : {
                type,
                tenant: "contoso.com",
                workspace: id,
                clientId: "c",
                clientSecret: "service-secret-3d9",
              };
        const { url } = service;
        fixture.change({
          credentials,
          validation: { endpoint: url, ...(type === "qlik" ? {} : { authorityEndpoint: url }) },
        });
        try {
          for (const status of [200, 400, 401, 403, 404, 500]) {
            for (const body of [
              text,
              {
                error: text,
                error_description: text,
                error_codes: [text],
                errors: [{ title: text, detail: text }],
              },
              { access_token: text, id: { [text]: text }, value: text },
            ]) {
              service.answerWith({ status, body });
              fixture.change({ retryTrigger: `${status} ${JSON.stringify(body).length}` });
              const run = await fixture.up();
              expect(run.ok).toBe(false);
              expectHarmless(run);
              expect(JSON.stringify([run, fixture.host.state()?.errorMessage])).not.toMatch(
                /DROP|forged|service-secret/,
              );
            }
          }
        } finally {
          await service.stop();
        }
      }),
    );

    it("an address service, and whoever wrote the claim", () =>
      inFixture(host, async (fixture) => {
        const text = buildHostileText("p");
        const service = await startHttpService(() => ({ status: 200, body: { ip: text } }));
        try {
          fixture.change({ egressIpService: service.url });
          fixture.server.control.setClientAddress(undefined);
          const first = await fixture.up();
          expectHarmless(first);
          expect(JSON.stringify([first.lines, fixture.host.state()?.egressIp])).not.toContain("forged");
        } finally {
          await service.stop();
        }
      }));
  });

  it.each([100_000, 10 * 1024 * 1024])(
    "refuses a password of %d characters before anything is asked, by the path of its leaf",
    (length) =>
      inFixture(host, async (fixture) => {
        const { credentials } = fixture;
        fixture.change({ credentials: { ...credentials, password: "x".repeat(length) } });
        const run = await fixture.up();
        expect(run.problems.join()).toMatch(
          /credentials\.password: makes the credentials too long: AWS Secrets Manager keeps at most 65536 bytes/,
        );
        expectHarmless(run);
        expect([fixture.takeWrites(), kindsAsked(fixture)]).toEqual([[], []]);
      }),
  );

  it("stores credentials that fill a secret to the last byte, and refuses one byte more", () =>
    inFixture(host, async (fixture) => {
      const { credentials } = fixture;
      const rest = Buffer.byteLength(JSON.stringify({ ...credentials, password: "" }));
      // Two bytes each, and one more where the rest is odd.
      const password = `${"é".repeat(Math.floor((65_536 - rest) / 2))}${(65_536 - rest) % 2 === 1 ? "x" : ""}`;
      fixture.server.control.setPassword("EXPORTER", password);
      fixture.change({ credentials: { ...credentials, password: `${password}x` } });
      expect((await fixture.up()).problems.join()).toMatch(/credentials\.password: /);
      fixture.change({ credentials: { ...credentials, password } });
      expect((await fixture.up()).problems).toEqual([]);
      const secret = await fixture.control.secret(fixture.host.state()?.secretArn ?? "");
      expect(Buffer.byteLength(secret?.value ?? "")).toBe(65_536);
    }));

  it("refuses names that are longer than any service's, so that the claim can be written", () =>
    inFixture(host, async (fixture) => {
      const long = "x".repeat(513);
      fixture.change({ credentials: { ...fixture.credentials, database: long, warehouse: long } });
      const { problems } = await fixture.up();
      expect(problems).toHaveLength(2);
      for (const problem of problems) {
        expect(problem).toMatch(
          /credentials\.(warehouse|database): must not be longer than 512 characters\.$/,
        );
      }
    }));
});
