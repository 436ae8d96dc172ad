import type { ListedDestination } from "../../provider/export-destination/listing.js";
import { type AwsFlags, readAwsFlags } from "./common-options.js";
import type { Output } from "./output.js";
import { screenWidth, wrapText } from "./text-layout.js";

export interface DestinationFlags extends AwsFlags {
  readonly organization: string;
  readonly prefix?: string;
  readonly destination?: string;
}

/** An organization's destinations, active ones first; or the one that the flags name. */
export async function tellDestinations(flags: DestinationFlags, output: Output): Promise<void> {
  const { getDestination, listDestinations } = await import("../../provider/export-destination/listing.js");
  const query = {
    organizationId: flags.organization,
    aws: readAwsFlags(flags),
    ...(flags.prefix === undefined ? {} : { secretNamePrefix: flags.prefix }),
  };
  const found =
    flags.destination === undefined
      ? await listDestinations(query)
      : [await getDestination({ ...query, destinationId: flags.destination })];
  const screen = found.map((each) => describeDestination(each, output.paint)).join("\n\n");
  output.tell(screen || "there are none", { destinations: found });
}

const colours = { Connected: "green", Error: "red", Disconnected: "dim" } as const;

function describeDestination(destination: ListedDestination, paint: Output["paint"]): string {
  const { integrationStatus, type, name, destinationId, place, createdAt, archivedAt, deletionDate } =
    destination;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["id", destinationId],
    ["created", createdAt],
    ["archived", archivedAt],
    ["deleted", deletionDate],
    ["made by", place],
    ["secret", destination.secretName],
  ];
  const head = wrapText(`${integrationStatus}  ${type}  ${name}`, screenWidth, "  ");
  return [
    paint(colours[integrationStatus], integrationStatus) + head.slice(integrationStatus.length),
    ...rows.flatMap(([label, value]) =>
      value === undefined ? [] : [wrapText(`  ${label.padEnd(8)}  ${value}`, screenWidth, " ".repeat(10))],
    ),
  ].join("\n");
}
