// Kernel modules: which are there, and which files to load, in what order, for one that is not.

import type { HostView } from "../host_view.ts";
import { isModuleLoaded } from "../permissions.ts";
import type { ModuleFacts } from "./facts.ts";

/** The modules that a driver in user space needs, in the order in which to ask for them. */
export const VFIO_MODULES = ["vfio", "vfio_iommu_type1", "vfio_pci"] as const;

/** Where the modules of a kernel are, in the order in which they are looked for. */
const FOLDERS = ["/lib/modules", "/usr/lib/modules"] as const;

/** What is there only where a module is. */
const EVIDENCE: Readonly<Record<string, readonly string[]>> = {
  vfio: ["/sys/bus/pci/drivers/vfio-pci", "/sys/class/vfio"],
  vfio_pci: ["/sys/bus/pci/drivers/vfio-pci"],
};

/** A file to load. */
export interface ModuleFile {
  readonly name: string;
  readonly path: string;
}

/** `uname -r`, which names the folder of the modules. */
export function kernelRelease(view: HostView): string | undefined {
  return view.readText("/proc/sys/kernel/osrelease")?.trim() || undefined;
}

/** Whether modules can no longer be loaded until the machine starts again. */
export function areModulesDisabled(view: HostView): boolean {
  return view.readText("/proc/sys/kernel/modules_disabled")?.trim() === "1";
}

/** What is known of a module of the running kernel. */
export function moduleFacts(view: HostView, name: string): ModuleFacts {
  if (isModuleLoaded(view, name)) return { name, state: "loaded", path: undefined };
  // Without parameters, what is built in shows itself only by what it does.
  if ((EVIDENCE[name] ?? []).some((path) => view.stat(path) !== undefined)) {
    return { name, state: "built in", path: undefined };
  }
  for (const folder of foldersOf(view)) {
    const builtin = view.readText(`${folder}/modules.builtin`)?.split("\n") ?? [];
    if (builtin.some((path) => path !== "" && moduleName(path) === name)) {
      return { name, state: "built in", path: undefined };
    }
    const path = dependencies(view, folder).get(name)?.[0];
    if (path !== undefined) return { name, state: "loadable", path: `${folder}/${path}` };
  }
  return { name, state: "missing", path: undefined };
}

/**
 * The files to load for a module, what it needs first and itself last, without what is loaded
 * already. None where it is there, or cannot be had.
 */
export function filesToLoad(view: HostView, name: string): readonly ModuleFile[] {
  if (moduleFacts(view, name).state !== "loadable") return [];
  for (const folder of foldersOf(view)) {
    const paths = dependencies(view, folder).get(name);
    if (paths === undefined) continue;
    // depmod names the nearest need first, and what that needs after it.
    return [...paths].reverse()
      .map((path) => ({ name: moduleName(path), path: `${folder}/${path}` }))
      .filter((file) => !isModuleLoaded(view, file.name));
  }
  return [];
}

/** Whether a module's file is compressed, and so the kernel has to unpack it. */
export function isCompressed(path: string): boolean {
  return /\.ko\.(gz|xz|zst)$/.test(path);
}

/** A module's name as the kernel spells it, of a file such as `fs/9p/9p.ko.xz`. */
function moduleName(path: string): string {
  const base = path.slice(path.lastIndexOf("/") + 1);
  return base.replace(/\.ko(\.\w+)?$/, "").replaceAll("-", "_");
}

function foldersOf(view: HostView): readonly string[] {
  const release = kernelRelease(view);
  return release === undefined ? [] : FOLDERS.map((folder) => `${folder}/${release}`);
}

/** By name, each module's own file and those that it needs, relative to the folder. */
function dependencies(view: HostView, folder: string): ReadonlyMap<string, readonly string[]> {
  const lines = view.readText(`${folder}/modules.dep`)?.split("\n") ?? [];
  return new Map(lines.flatMap((line): [string, readonly string[]][] => {
    const [file, needs] = line.split(":");
    if (!file || needs === undefined) return [];
    return [[moduleName(file), [file, ...needs.split(" ").filter((path) => path !== "")]]];
  }));
}
