/** The column types that this server's answers need. */
export type ColumnType = "text" | "fixed" | "boolean" | "timestamp_ltz";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** A cell as the wire has it: text, or null. */
export type Cell = string | null;

export interface ResultSet {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** The number by which drivers tell the kind of statement. */
  readonly statementTypeId: number;
}

const STATEMENT_TYPE = { select: 4096, show: 24576, ddl: 24576 + 256 } as const;
const MILLISECOND_SCALE = 3;

export function column(name: string, type: ColumnType = "text"): Column {
  return { name, type };
}

/** The one-row answer of a statement that changes something. */
export function statusResult(text: string): ResultSet {
  return { columns: [column("status")], rows: [[text]], statementTypeId: STATEMENT_TYPE.ddl };
}

export function showResult(columns: readonly Column[], rows: readonly (readonly Cell[])[]): ResultSet {
  return { columns, rows, statementTypeId: STATEMENT_TYPE.show };
}

export function selectResult(columns: readonly Column[], rows: readonly (readonly Cell[])[]): ResultSet {
  return { columns, rows, statementTypeId: STATEMENT_TYPE.select };
}

/** Seconds with exactly as many decimals as the column's scale: some clients misread any other number. */
export function timestampCell(time: Date): Cell {
  return (time.getTime() / 1000).toFixed(MILLISECOND_SCALE);
}

/** A column's description on the wire; the Python connectors insist on `nullable`. */
export function buildRowType({ name, type }: Column): Record<string, unknown> {
  return {
    name,
    database: "",
    schema: "",
    table: "",
    nullable: true,
    type,
    length: type === "text" ? 16_777_216 : null,
    byteLength: type === "text" ? 16_777_216 : null,
    precision: type === "fixed" ? 38 : type === "timestamp_ltz" ? 0 : null,
    scale: type === "fixed" ? 0 : type === "timestamp_ltz" ? MILLISECOND_SCALE : null,
    collation: null,
  };
}
