// Resolves kernel modules to the files to load, in order, from what depmod wrote.

/** Where each module is and what it needs; paths are relative to `/lib/modules/<release>`. */
export interface ModuleTable {
  /** Module name to its file. */
  readonly files: ReadonlyMap<string, string>;
  /** File to the files that it needs, in the order in which to load them. */
  readonly needs: ReadonlyMap<string, readonly string[]>;
  /** Modules that are part of the kernel itself. */
  readonly builtin: ReadonlySet<string>;
}

/** The table in the texts of `modules.dep` and `modules.builtin`. */
export function parseModuleTable(dependencies: string, builtin: string): ModuleTable {
  const files = new Map<string, string>();
  const needs = new Map<string, readonly string[]>();
  for (const line of dependencies.split("\n")) {
    const [file, list] = line.split(":");
    if (!file || list === undefined) continue;
    files.set(moduleName(file), file);
    // depmod names the nearest dependency first, and each one's own dependencies after it.
    needs.set(file, list.split(" ").filter((path) => path !== "").reverse());
  }
  return { files, needs, builtin: new Set(builtin.split("\n").filter(Boolean).map(moduleName)) };
}

/**
 * The files to load, each once and after what it needs, so that all of `names` are there.
 * @throws {Error} when the kernel has no such module
 */
export function loadOrder(table: ModuleTable, names: readonly string[]): readonly string[] {
  const order = new Set<string>();
  for (const name of names) {
    const key = moduleName(name);
    if (table.builtin.has(key)) continue;
    const file = table.files.get(key);
    if (file === undefined) {
      throw new Error(`Cannot load module ${name}: this kernel neither has nor includes it`);
    }
    for (const need of table.needs.get(file) ?? []) order.add(need);
    order.add(file);
  }
  return [...order];
}

/** A module's name as the kernel spells it, from a name or a path such as `fs/9p/9p.ko.xz`. */
export function moduleName(path: string): string {
  const base = path.slice(path.lastIndexOf("/") + 1);
  return base.replace(/\.ko(\.\w+)?$/, "").replaceAll("-", "_");
}
