import * as pulumi from "@pulumi/pulumi";
import type {
  ConnectionArgs,
  GetExportDestinationArgs,
  ListExportDestinationsArgs,
  ListedDestination,
} from "../generated/types.js";
import { hideFields } from "./inputs.js";

/** The databases that the connection's role may see, A to Z. What `connection` lacks comes from the provider. */
export function listSnowflakeDatabases(
  connection?: pulumi.Input<ConnectionArgs>,
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<string[]> {
  return invoke<{ databases: string[] }>(
    "listSnowflakeDatabases",
    withConnection({}, connection),
    opts,
  ).apply(({ databases }) => databases);
}

/** The schemas of a database, given by its exact name, that the connection's role may see, A to Z. */
export function listSnowflakeSchemas(
  database: pulumi.Input<string>,
  connection?: pulumi.Input<ConnectionArgs>,
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<string[]> {
  return invoke<{ schemas: string[] }>(
    "listSnowflakeSchemas",
    withConnection({ database }, connection),
    opts,
  ).apply(({ schemas }) => schemas);
}

/** The export destinations of an organization, active ones first; none of their fields is secret. */
export function listExportDestinations(
  query: ListExportDestinationsArgs,
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<ListedDestination[]> {
  return invoke<{ destinations: ListedDestination[] }>("listExportDestinations", { ...query }, opts).apply(
    ({ destinations }) => destinations,
  ) as pulumi.Output<ListedDestination[]>;
}

/** One export destination, active or archived. */
export function getExportDestination(
  query: GetExportDestinationArgs,
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<ListedDestination> {
  return invoke<ListedDestination>("getExportDestination", { ...query }, opts);
}

function withConnection(args: pulumi.Inputs, connection: unknown): pulumi.Inputs {
  return connection === undefined ? args : { ...args, connection: hideFields(connection) };
}

function invoke<T>(
  name: string,
  args: pulumi.Inputs,
  opts: pulumi.InvokeOutputOptions | undefined,
): pulumi.Output<T> {
  return pulumi.runtime.invokeOutput<T>(`snowflake-secrets:index:${name}`, args, opts);
}
