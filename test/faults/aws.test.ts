import pLimit from "p-limit";
import { describe, expect, it, type TestContext, vi } from "vitest";
import { denied, type FaultEffect, notVisibleYet, throttled } from "../support/aws/faults.js";
import { useAws } from "../support/aws/use-aws.js";
import { atNight, inHosts } from "../support/nightly.js";
import { type AwsFault, callMs, listCalls, type SceneName, seeThrough } from "./aws-faults.js";
import { silence, specialFaults } from "./aws-special-faults.js";

const forever = Number.POSITIVE_INFINITY;
const unavailable: FaultEffect = { kind: "error", code: "ServiceUnavailable", status: 503 };
const internal: FaultEffect = { kind: "error", code: "InternalServiceError", status: 500 };
const expired: FaultEffect = { kind: "error", code: "ExpiredTokenException" };

const scenesToSee: readonly SceneName[] = ["rotation", "disconnect", ...atNight("creation", "repair")];

// Each test waits for its turn; how long an operation may take is measured by itself.
vi.setConfig({ testTimeout: 600_000 });

// What AWS may do to an export destination, each fault in a region of its own.
describe.each(inHosts("dynamic"))("an export destination in the host %s", (host) => {
  // More at once would only wait for each other.
  const limit = pLimit(4);
  const aws = useAws();
  const listed = new Map<SceneName, ReturnType<typeof listCalls>>();
  const list = (scene: SceneName) => {
    const calls = listed.get(scene) ?? limit(() => listCalls(aws(), host, scene));
    listed.set(scene, calls);
    return calls;
  };
  const see = (context: TestContext, fault: AwsFault) => limit(() => seeThrough(context, aws(), host, fault));

  describe.concurrent("a fault of AWS", () => {
    // It waits for a limit of ours, so it begins first and holds up nobody.
    it(`${silence.what} (${silence.at})`, (context) => seeThrough(context, aws(), host, silence));

    it.for(specialFaults)("$what ($at)", (fault, context) => see(context, fault));

    it("a secret that was just made may be not found for a moment, at any call that follows", async (context) => {
      const calls = await list("creation");
      const hits = [...calls.entries()].flatMap(([k, call]) => {
        // To a creation AWS never answers so.
        if (k <= calls.indexOf("CreateSecret") || call === "CreateSecret") return [];
        return see(context, {
          what: "a secret just made is not found for a moment",
          at: "any call of a creation after the first CreateSecret",
          place: `${call}, call ${k + 1}`,
          scene: "creation",
          inject: ({ aws: { faults } }) =>
            faults.add({
              operation: "*",
              skip: k,
              times: calls[k + 1] === "CreateSecret" ? 1 : 2,
              effect: notVisibleYet,
            }),
        });
      });
      await Promise.all(hits);
    });
  });

  describe.concurrent.each(scenesToSee)("a fault of AWS in a %s", (scene) => {
    it.for<[string, FaultEffect]>([
      ["is throttled", throttled],
      ["fails in AWS", internal],
      ["is cut before AWS sees it", { kind: "cut", when: "before" }],
    ])(
      "each call that once %s is tried again, and nothing is done twice",
      async ([what, effect], context) => {
        const calls = await list(scene);
        await see(context, {
          what: `each call once ${what}`,
          at: `a ${scene} (${calls.length} calls)`,
          scene,
          boundMs: callMs,
          inject: ({ aws: { faults } }) =>
            faults.add({
              operation: "*",
              times: forever,
              matches: (_, { attempt }) => attempt === 1,
              effect,
            }),
          expectHit: (hit) => expect(hit).toEqual([...calls, ...calls].sort()),
        });
      },
    );

    it("a call that takes effect and loses its answer is tried again, and nothing is done twice", async (context) => {
      const calls = await list(scene);
      const hits = [...calls.entries()].map(([k, call]) =>
        see(context, {
          what: "the answer is lost after the call took effect",
          at: `any call of a ${scene}`,
          place: `${call}, call ${k + 1}`,
          scene,
          inject: ({ aws: { faults } }) =>
            faults.add({ operation: "*", skip: k, effect: { kind: "cut", when: "after" } }),
        }),
      );
      await Promise.all(hits);
    });

    it("a token that expires at any call is told, and the next operation finishes with a new one", async (context) => {
      const calls = await list(scene);
      const hits = [...calls.entries()].map(([k, call]) =>
        see(context, {
          what: "the token expires",
          at: `${call} of a ${scene}`,
          place: `${call}, call ${k + 1}`,
          scene,
          inject: ({ aws: { faults } }) =>
            faults.add({ operation: "*", skip: k, times: forever, effect: expired }),
          told: /AWS ExpiredToken(Exception)?.* Fix: .*renew them/,
        }),
      );
      await Promise.all(hits);
    });

    it("a permission that is missing is named, whichever it is, and the next operation finishes with it", async (context) => {
      const calls = await list(scene);
      const hits = [...new Set(calls)].map((operation) => {
        const service = { GetCallerIdentity: "sts", GetJobs: "glue", GetJobRuns: "glue" }[operation];
        return see(context, {
          what: `no permission for ${operation}`,
          at: `a ${scene}`,
          scene,
          inject: ({ aws: { faults } }) => faults.add({ operation, times: forever, effect: denied }),
          told: new RegExp(`allow ${service ?? "secretsmanager"}:${operation}`),
        });
      });
      await Promise.all(hits);
    });

    it.for<[string, FaultEffect]>([
      ["throttles", throttled],
      ["answers with HTTP 503", unavailable],
    ])(
      "an AWS that %s and does not stop is told after its tries, and the next operation finishes",
      async ([what, effect], context) => {
        const last = (await list(scene)).length - 1;
        const hits = [1, last].map((k) =>
          see(context, {
            what: `AWS ${what}, and it does not end`,
            at: `call ${k + 1} of a ${scene}`,
            scene,
            boundMs: callMs,
            inject: ({ aws: { faults } }) => faults.add({ operation: "*", skip: k, times: forever, effect }),
            told: /run again/,
          }),
        );
        await Promise.all(hits);
      },
    );
  });
});
