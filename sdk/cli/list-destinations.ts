import type { ListedDestination } from "../../provider/export-destination/listing.js";
import { type AwsFlags, readAwsFlags } from "./common-options.js";
import { type Line, type Output, paintStart } from "./output.js";
import { screenWidth, wrapText } from "./text-layout.js";

/** The flags of `list destinations`. */
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
  const screen = found.flatMap((each, index) => [...(index === 0 ? [] : [""]), ...describeDestination(each)]);
  const data = { destinations: found };
  if (screen.length === 0) output.tellNothing("no export destinations found", data);
  else output.tell(screen, data);
}

function isPast(time: string | undefined): boolean {
  return time !== undefined && Date.parse(time) <= Date.now();
}

const colours = { Connected: "green", Error: "red", Disconnected: "dim" } as const;

function describeDestination(destination: ListedDestination): Line[] {
  const { integrationStatus, type, name, destinationId, place, createdAt, archivedAt, deletionDate } =
    destination;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["id", destinationId],
    ["created", createdAt],
    ["archived", archivedAt],
    [isPast(deletionDate) ? "deleted" : "deletes on", deletionDate],
    ["created by", place],
    ["secret", destination.secretName],
  ];
  const [first = "", ...others] = wrapText(`${integrationStatus}  ${type}  ${name}`, screenWidth, "  ");
  return [
    paintStart(first, integrationStatus.length, colours[integrationStatus]),
    ...others,
    ...rows.flatMap(([label, value]) =>
      value === undefined ? [] : wrapText(`  ${label.padEnd(10)}  ${value}`, screenWidth, " ".repeat(12)),
    ),
  ];
}
