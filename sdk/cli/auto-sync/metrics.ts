/** What is asked for when somebody looks. */
export interface MetricSources {
  readonly countStacks: () => number;
  /** Of the engine. */
  readonly countRuns: () => Readonly<Record<"running" | "waiting", number>>;
}

/** The metrics of one process; names of stacks, and no name or value of a secret, are in the labels. */
export async function createMetrics({ countStacks, countRuns }: MetricSources) {
  const { Counter, Gauge, Registry, collectDefaultMetrics } = await import("prom-client");
  const registry = new Registry();
  // In milliseconds. The default, 10, takes a quarter of the processor time of a hundred stacks that do not change.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 1_000 });
  const registers = [registry];
  const ofStack = ["project", "stack"] as const;
  const gauge = (name: string, help: string) =>
    new Gauge({ registers, name: `auto_sync_${name}`, help, labelNames: ofStack });
  const count = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter<L>({ registers, name: `auto_sync_${name}`, help, labelNames });

  new Gauge({
    registers,
    name: "auto_sync_stacks",
    help: "Stacks that are followed.",
    collect() {
      this.set(countStacks());
    },
  });
  new Gauge({
    registers,
    name: "auto_sync_runs",
    help: "Runs of Pulumi that are under way, or wait for one to end.",
    labelNames: ["state"] as const,
    collect() {
      for (const [state, runs] of Object.entries(countRuns())) this.set({ state }, runs);
    },
  });
  const gauges = {
    lastSuccess: gauge(
      "last_success_timestamp_seconds",
      "When a look last found nothing new, or synced. Absent before the first success.",
    ),
    duration: gauge(
      "look_duration_seconds",
      "How long the last look took, with the run of Pulumi that followed from it.",
    ),
    troubles: gauge("failures_in_a_row", "Looks that failed since the last one that did not."),
    isWaiting: gauge("waiting", "1 while another update of the stack is running."),
    pending: gauge("pending_changes", "Secrets that differ from what was last synced."),
    refusedLogins: gauge(
      "refused_logins_in_a_row",
      "Log-ins that Snowflake refused since the last good one, of the user that the stack logs in as.",
    ),
    loginExpiry: gauge(
      "login_expires_timestamp_seconds",
      "When the token ends that the stack last logged in with. Absent where the token does not tell.",
    ),
  };
  return {
    ...gauges,
    isRefused: new Gauge({
      registers,
      name: "auto_sync_refused",
      help: "1 for each reason for which a stack waits for a person: more than secrets would change.",
      labelNames: [...ofStack, "reason"] as const,
    }),
    looks: count("looks_total", "Looks by how they ended.", [...ofStack, "outcome"]),
    failures: count("failures_total", "Failures by error code.", [...ofStack, "code"]),
    changes: count("changes_total", "Secrets that were synced, by kind of change.", [...ofStack, "kind"]),
    statements: count("statements_total", "Statements that runs of Pulumi sent to Snowflake.", ofStack),
    logins: count("logins_total", "Log-ins to Snowflake in runs of Pulumi, by how they ended.", [
      ...ofStack,
      "outcome",
    ]),
    reads: count(
      "source_reads_total",
      "Reads of sources by type and outcome. An answer that several stacks share counts once.",
      ["type", "outcome"],
    ),
    /** Takes away what is of one stack and may not stay: counts may. */
    forget: (project: string, stack: string) => {
      for (const each of Object.values(gauges)) each.remove(project, stack);
    },
    render: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}
