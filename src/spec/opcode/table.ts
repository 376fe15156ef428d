// The shape of a command's description, and the builder of the tables of them.

/** Which way a command's data goes, seen from the host: `out` is host to controller. */
export type DataDirection = "none" | "out" | "in" | "bidirectional";

/**
 * What a command may do, judged for the safety of whoever sends it by hand, from its opcode alone:
 * `read` changes nothing that matters; `write` changes the drive's state but not user data;
 * `destroy` may erase or overwrite user data, or put it out of somebody's reach in a way that a
 * reset does not undo, or carries something that nobody but the drive can judge.
 */
export type CommandEffect = "read" | "write" | "destroy";

/** What is known of one opcode, or of one Fabrics command type. */
export interface OpcodeInfo {
  /** The opcode, or the Fabrics command type, 0 to 255. */
  readonly opcode: number;
  /** The specification's name; one in lower case is ours, for an opcode without one. */
  readonly name: string;
  readonly direction: DataDirection;
  readonly effect: CommandEffect;
  /** The first revision of the NVM Express (Base) Specification with this command, where sure. */
  readonly since?: string;
  readonly cite: string;
  /** False for an opcode that no table names. */
  readonly known: boolean;
}

/** A row: opcode, name, direction, effect, citation, first revision. */
export type OpcodeRow = readonly [
  opcode: number,
  name: string,
  direction: DataDirection,
  effect: CommandEffect,
  cite: string,
  since?: string,
];

/**
 * A table of opcodes: the rows under names for use in code.
 *
 * @throws {RangeError} when two rows have the same opcode
 */
export function opcodeTable<K extends string>(
  rows: Readonly<Record<K, OpcodeRow>>,
): Readonly<Record<K, OpcodeInfo>> {
  const names = new Map<number, string>();
  const table: Partial<Record<K, OpcodeInfo>> = {};
  for (const key in rows) {
    const [opcode, name, direction, effect, cite, since] = rows[key];
    const taken = names.get(opcode);
    if (taken !== undefined) {
      throw new RangeError(`Cannot define opcode of "${name}": "${taken}" has it`);
    }
    names.set(opcode, name);
    const info = { opcode, name, direction, effect, cite, known: true };
    table[key] = Object.freeze(since === undefined ? info : { ...info, since });
  }
  return Object.freeze(table as Record<K, OpcodeInfo>);
}
