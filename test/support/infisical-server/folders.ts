import { randomUUID } from "node:crypto";

/** A secret as a test puts it into the server. */
export interface StoredSecret {
  readonly value: string;
  readonly type?: "shared" | "personal";
  /** The identity may list it and not read it. */
  readonly hidden?: boolean;
}

/** What a listing asks for, as Infisical's API names it. */
export interface ListingQuery {
  readonly environment: string;
  readonly secretPath: string;
  readonly recursive: boolean;
  readonly include_imports: boolean;
  readonly expandSecretReferences: boolean;
}

/** The identity may not read a value of the folder that was asked for. */
export class ForbiddenValue extends Error {}

/** Folders by place (`environment:/folder`), with what they import and what the identity may not see. */
export class Folders {
  readonly #secrets = new Map<string, Map<string, StoredSecret>>();
  readonly #ids = new Map<string, string>();
  readonly #imports = new Map<string, string[]>();
  readonly #denied = new Set<string>();

  constructor(readonly projectId: string) {
    for (const place of ["dev:/", "prod:/"]) this.#secrets.set(place, new Map());
  }

  at(place: string): Map<string, StoredSecret> {
    const found = this.#secrets.get(place) ?? new Map<string, StoredSecret>();
    this.#secrets.set(place, found);
    return found;
  }

  addImport(into: string, from: string): void {
    this.#imports.set(into, [...(this.#imports.get(into) ?? []), from]);
  }

  /** Takes the right to see anything in a folder away from the identity, or gives it back. */
  setDenied(place: string, isDenied: boolean): void {
    if (isDenied) this.#denied.add(place);
    else this.#denied.delete(place);
  }

  /** A folder that is not there holds nothing: Infisical answers it like an empty one. */
  list({
    environment,
    secretPath,
    recursive,
    include_imports,
    expandSecretReferences,
  }: ListingQuery): object {
    const root = `${environment}:${secretPath}`;
    const below = secretPath === "/" ? root : `${root}/`;
    const places = [...this.#secrets.keys()].filter(
      (place) => place === root || (recursive && place.startsWith(below)),
    );
    const secrets = places.flatMap((place) =>
      this.#visible(place, place === root).map((key) => this.#show(place, key, expandSecretReferences)),
    );
    return { secrets, ...(include_imports ? { imports: this.#listImports(places) } : {}) };
  }

  /** Values in the folder itself that may not be read are refused; elsewhere they are left out. */
  #visible(place: string, isRoot: boolean): string[] {
    if (this.#denied.has(place)) return [];
    return [...this.at(place)].flatMap(([key, { hidden = false }]) => {
      if (!hidden) return [key];
      if (isRoot) throw new ForbiddenValue();
      return [];
    });
  }

  /**
   * The imports of all folders in one list; what they import themselves is appended to their secrets, level by level, and
   * of equal keys the first stays. No place is visited twice. They are always expanded, and an import of which nothing
   * may be seen stays in the list.
   */
  #listImports(places: readonly string[]): object[] {
    const visited = new Set<string>();
    const take = (from: readonly string[]) => {
      const next = from.flatMap((place) => this.#imports.get(place) ?? []);
      const fresh = [...new Set(next)].filter((place) => this.#secrets.has(place) && !visited.has(place));
      for (const place of fresh) visited.add(place);
      return fresh;
    };
    const roots = take(places).map((place) => ({ place, keys: new Map<string, string>(), inner: [place] }));
    while (roots.some(({ inner }) => inner.length > 0)) {
      for (const root of roots) {
        for (const place of root.inner) {
          for (const key of this.#visible(place, false)) {
            if (!root.keys.has(key) && this.at(place).get(key)?.type !== "personal")
              root.keys.set(key, place);
          }
        }
        root.inner = take(root.inner);
      }
    }
    return roots.map(({ place, keys }) => {
      const [environment = "", secretPath = "/"] = place.split(":");
      return {
        environment,
        secretPath,
        folderId: this.#idOf(place),
        secrets: [...keys].map(([key, from]) => {
          const { secretPath: _, ...shown } = this.#show(from, key, true);
          return { ...shown, environment };
        }),
      };
    });
  }

  #show(place: string, key: string, expand: boolean) {
    const [environment = "", secretPath = "/"] = place.split(":");
    const { value, type = "shared" } = this.at(place).get(key) ?? { value: "" };
    return {
      id: `${place}/${key}`,
      _id: `${place}/${key}`,
      workspace: this.projectId,
      environment,
      secretKey: key,
      secretValue: expand ? this.#expand(value, place) : value,
      secretValueHidden: false,
      secretComment: "",
      secretPath,
      folderId: this.#idOf(place),
      type,
      version: 1,
      tags: [],
    };
  }

  /** `${KEY}` is of the same folder, `${environment.folder.KEY}` of another one; one that leads nowhere stays as it is. */
  #expand(value: string, place: string, depth = 0): string {
    if (depth > 10) return value;
    return value.replace(/\$\{([a-zA-Z0-9-_.]+)\}/g, (written, reference: string) => {
      const parts = reference.split(".");
      const key = parts.at(-1) ?? "";
      const from = parts.length === 1 ? place : `${parts[0]}:/${parts.slice(1, -1).join("/")}`;
      const found = this.#secrets.get(from)?.get(key);
      return found === undefined || found.value === "" ? written : this.#expand(found.value, from, depth + 1);
    });
  }

  #idOf(place: string): string {
    const id = this.#ids.get(place) ?? randomUUID();
    this.#ids.set(place, id);
    return id;
  }
}
