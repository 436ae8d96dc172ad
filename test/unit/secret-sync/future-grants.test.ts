import { describe, expect, it } from "vitest";
import { createFixture, database, role, schema } from "./fixture.js";

const inSchema = `SCHEMA "${database}"."${schema}"`;

describe("a future grant that makes another role the owner of new secrets", () => {
  it.each([inSchema, `DATABASE "${database}"`])(
    "in %s is told once, with the way out, which then works",
    async (scope) => {
      const { stack, sync, control, values } = await createFixture();
      control.createRole("KEEPER");
      control.run(`GRANT OWNERSHIP ON FUTURE SECRETS IN ${scope} TO ROLE KEEPER`);
      const program = { app: sync({ A: "1", B: "2", C: "3" }) };
      const told = (lines: readonly string[]) => lines.join("\n").split("a future grant makes").length - 1;

      // What it created the first time, and what is taken the second time.
      for (let run = 0; run < 2; run += 1) {
        const { ok, failures, problems } = await stack.up(program);
        expect(ok).toBe(false);
        const text = [...problems, ...failures.map(({ reason }) => reason)];
        expect(told(text)).toBe(1);
        expect(text.join("\n")).toContain(
          `[PRIVILEGE_MISSING] a future grant makes role "KEEPER" the owner of every new secret, so role "${role}" cannot see the secrets that it creates: 3 in "${database}"."${schema}": "A", "B", "C". ` +
            `Fix: run REVOKE OWNERSHIP ON FUTURE SECRETS IN ${scope} FROM ROLE "KEEPER"; and, for each of these secrets, GRANT OWNERSHIP ON SECRET "${database}"."${schema}"."A" TO ROLE "${role}" COPY CURRENT GRANTS;`,
        );
        expect(text.join("\n")).not.toContain("meanwhile");
      }

      control.run(`REVOKE OWNERSHIP ON FUTURE SECRETS IN ${scope} FROM ROLE "KEEPER";`);
      for (const name of ["A", "B", "C"]) {
        control.run(
          `GRANT OWNERSHIP ON SECRET "${database}"."${schema}"."${name}" TO ROLE "${role}" COPY CURRENT GRANTS;`,
        );
      }
      expect(await stack.up({ app: sync({ A: "1", B: "2", C: "4", D: "5" }) })).toMatchObject({ ok: true });
      expect(values()).toEqual({ A: "1", B: "2", C: "4", D: "5" });
    },
  );

  it("is no failure where the sync's role inherits that role", async () => {
    const { stack, sync, control, values } = await createFixture();
    control.createRole("KEEPER", { grantedTo: [role] });
    control.run(`GRANT OWNERSHIP ON FUTURE SECRETS IN ${inSchema} TO ROLE KEEPER`);
    await stack.upOk({ app: sync({ A: "1" }) });
    await stack.upOk({ app: sync({ A: "2", B: "3" }) });
    expect(values()).toEqual({ A: "2", B: "3" });
    expect(control.secret(database, schema, "A")?.owner).toBe("KEEPER");
    await stack.destroy();
    expect(values()).toEqual({});
  });
});
