/** The latest entries by key, within a number and a total weight; what is older is forgotten. */
export class Latest<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly weight: number }>();
  #weight = 0;

  constructor(
    readonly maxCount: number,
    readonly maxWeight = Number.POSITIVE_INFINITY,
  ) {}

  get(key: string): Value | undefined {
    return this.#entries.get(key)?.value;
  }

  /** Adds an entry, or puts it in place of the one under its key. */
  set(key: string, value: Value, weight = 0): void {
    this.#remove(key);
    this.#entries.set(key, { value, weight });
    this.#weight += weight;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.maxCount && this.#weight <= this.maxWeight) return;
      this.#remove(oldest);
    }
  }

  /** Oldest first. */
  values(): Value[] {
    return [...this.#entries.values()].map(({ value }) => value);
  }

  clear(): void {
    this.#entries.clear();
    this.#weight = 0;
  }

  #remove(key: string): void {
    this.#weight -= this.#entries.get(key)?.weight ?? 0;
    this.#entries.delete(key);
  }
}
