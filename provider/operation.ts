const maps: Map<unknown, unknown>[] = [];

/**
 * A map that lives as long as one operation of the engine. The engine starts a process for each operation, so in
 * production nothing ends it; a process that runs several calls `endOperation` between them.
 */
export function createOperationMap<K, V>(): Map<K, V> {
  const map = new Map<K, V>();
  maps.push(map as Map<unknown, unknown>);
  return map;
}

/** Forgets all that hooks of one operation told each other. */
export function endOperation(): void {
  for (const map of maps) map.clear();
}
