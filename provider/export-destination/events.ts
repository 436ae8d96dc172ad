import * as z from "zod";
import { exportTypes } from "./credentials/index.js";

const common = {
  organizationId: z.string(),
  type: z.enum(exportTypes).describe("The type of the credentials."),
  destinationId: z.string(),
  at: z.iso.datetime().describe("When it happened, in UTC."),
};

const ipCheck = z
  .strictObject({
    event: z.literal("export_secret_ip_check"),
    ...common,
    egressIp: z
      .string()
      .nullable()
      .describe("The address that the login came from; null if it is not known."),
    source: z
      .enum(["server", "address service", "unknown"])
      .describe(
        "Who told the address: the server that was logged in to, or the service in `egressIpService`.",
      ),
  })
  .describe("A login checked the credentials.");

const provisioningError = z
  .strictObject({
    event: z.literal("export_secret_provisioning_error"),
    ...common,
    code: z.string().describe("The code of the error, as on the page of errors."),
    message: z.string().describe("What failed. It never holds a value."),
  })
  .describe("The credentials were refused, or could not be stored.");

/** What an export destination logs for log collectors. */
export const exportEvent = z.discriminatedUnion("event", [ipCheck, provisioningError]);
export type ExportEvent = z.infer<typeof exportEvent>;
