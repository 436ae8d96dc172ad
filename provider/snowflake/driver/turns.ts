import pLimit, { type Limit } from "p-limit";

/** A piece of work, told how to say that a limit was met while it ran. */
type Work<T> = (meetLimit: () => void) => Promise<T>;

/** Lets so many statements run at the same time, and fewer from the moment that Snowflake says that it is too many. */
export class Turns {
  readonly #all: Limit;
  #current: Limit;
  #atOnce: number;

  /** @param onFirstLimit called once, when a limit is met for the first time */
  constructor(
    atOnce: number,
    private readonly onFirstLimit: () => void,
  ) {
    this.#atOnce = atOnce;
    this.#all = pLimit(atOnce);
    this.#current = this.#all;
  }

  /** Runs `work` when it is its turn. */
  take<T>(work: Work<T>): Promise<T> {
    // The many that wait do so in the first line alone, so that a shorter one holds for them too.
    return this.#all(() => {
      const own = this.#current;
      const run = () => work(() => this.#halve(own));
      return own === this.#all ? run() : own(run);
    });
  }

  /** Those that began side by side meet the same limit, which counts once. */
  #halve(seen: Limit): void {
    if (seen !== this.#current || this.#atOnce === 1) return;
    if (seen === this.#all) this.onFirstLimit();
    this.#atOnce = Math.max(1, Math.floor(this.#atOnce / 2));
    this.#current = pLimit(this.#atOnce);
  }
}
