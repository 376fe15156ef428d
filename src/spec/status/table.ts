// The shape of a status code's description, and the builder of the tables of them.

/**
 * What a completion amounts to: done, done but a reset is still needed before it takes effect, or
 * not done.
 */
export type Outcome = "success" | "reset-required" | "error";

/** What one status code means. */
export interface StatusInfo {
  /** Status Code Type, 0 to 7. */
  readonly type: number;
  /** Status Code, 0 to 255. */
  readonly code: number;
  /** The specification's name for it; one in lower case is ours, for a code without one. */
  readonly name: string;
  /** One sentence for the person who sees it. */
  readonly meaning: string;
  /** The one next step for an operator, or nothing. */
  readonly next?: string;
  readonly outcome: Outcome;
  /** Names of the commands that return it, where it is specific to some. */
  readonly commands?: readonly string[];
  /** What it means instead as the answer to the admin command with this opcode. */
  readonly onCommand?: Readonly<Record<number, StatusVariant>>;
  /** Where the specification defines it. */
  readonly cite: string;
  /** False for a code that no table names. */
  readonly known: boolean;
}

/** The parts of a description that depend on which command failed. */
export type StatusVariant = Required<Pick<StatusInfo, "meaning" | "next" | "outcome" | "cite">>;

/** A row of a table: what is not said once for the whole table. An absent outcome is an error. */
export type StatusRow =
  & Pick<StatusInfo, "code" | "name" | "meaning" | "next" | "commands" | "onCommand">
  & { readonly outcome?: Outcome; readonly cite?: string };

/**
 * A table of one Status Code Type: the rows under names for use in code.
 *
 * @throws {RangeError} when two rows have the same code
 */
export function statusTable<K extends string>(
  type: number,
  cite: string,
  rows: Readonly<Record<K, StatusRow>>,
): Readonly<Record<K, StatusInfo>> {
  const names = new Map<number, string>();
  const table: Partial<Record<K, StatusInfo>> = {};
  for (const key in rows) {
    const row: StatusRow = rows[key];
    const taken = names.get(row.code);
    if (taken !== undefined) {
      throw new RangeError(`Cannot define status "${row.name}": "${taken}" has its code`);
    }
    names.set(row.code, row.name);
    table[key] = Object.freeze({ type, cite, outcome: "error", ...row, known: true });
  }
  return Object.freeze(table as Record<K, StatusInfo>);
}
