/** The column types that this server's answers need. */
export type ColumnType = "text" | "fixed" | "boolean" | "timestamp_ltz";

/** A column of a result. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** A cell as the wire has it: text, or null. */
export type Cell = string | null;

/** The columns and rows of a result. */
export interface ResultSet {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

const MILLISECOND_SCALE = 3;

/** A column of that name and type. */
export function column(name: string, type: ColumnType = "text"): Column {
  return { name, type };
}

/** The columns of a statement that changes something. */
export const STATUS_COLUMNS: readonly Column[] = [column("status")];

/** The one-row answer of a statement that changes something. */
export function statusResult(text: string): ResultSet {
  return { columns: STATUS_COLUMNS, rows: [[text]] };
}

/** The characters of all its cells. */
export function weighResult({ rows }: ResultSet): number {
  return rows.reduce((sum, row) => sum + weighRow(row), 0);
}

/** The characters of all cells of a row. */
export function weighRow(row: readonly Cell[]): number {
  return row.reduce((sum, cell) => sum + (cell?.length ?? 0) + 4, 0);
}

/** Seconds with exactly as many decimals as the column's scale: some clients misread any other number. */
export function timestampCell(time: Date): Cell {
  return (time.getTime() / 1000).toFixed(MILLISECOND_SCALE);
}

/** What a driver is told of a bind: text, whatever was bound. */
export function buildBindType(number: number): Record<string, unknown> {
  return buildRowType({ name: String(number), type: "text" });
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
