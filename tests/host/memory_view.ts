// A machine's files as an object in memory, for tests: the paths are physical, links are followed.

import type { FileType } from "../../ffi/mod.ts";
import type { FileFacts, HostView } from "../../src/host/host_view.ts";

/** A file that is more than its text. */
export interface Special {
  readonly type?: FileType;
  readonly text?: string;
  /** What a symbolic link says. */
  readonly link?: string;
  readonly device?: string;
  readonly on?: string;
  readonly permissions?: number;
  readonly userId?: number;
  readonly groupId?: number;
  /** There, but not for this user. */
  readonly unreadable?: boolean;
}

/** Paths and what is there; directories need not be named. */
export type Tree = Readonly<Record<string, string | Uint8Array | Special>>;

const LINKS_MAX = 40;

/** A symbolic link, relative or absolute. */
export function link(to: string): Special {
  return { type: "symlink", link: to };
}

/** A character device node. */
export function charDevice(device: string, more: Partial<Special> = {}): Special {
  return { type: "character", device, permissions: 0o600, ...more };
}

/** A block device node. */
export function blockDevice(device: string, more: Partial<Special> = {}): Special {
  return { type: "block", device, permissions: 0o660, ...more };
}

/** The trees on one machine; later ones win. */
export function memoryView(...trees: readonly Tree[]): HostView {
  const entries = new Map<string, string | Uint8Array | Special>();
  const children = new Map<string, Set<string>>();
  for (const [path, entry] of trees.flatMap((tree) => Object.entries(tree))) {
    entries.set(path, entry);
    for (let child = path; child !== ""; child = parentOf(child)) {
      const parent = parentOf(child);
      children.set(parent, (children.get(parent) ?? new Set()).add(nameOf(child)));
    }
  }
  const at = (path: string): Special | undefined => special(entries.get(path));
  const resolve = (path: string, last: "follow" | "keep", links = 0): string | undefined => {
    let here = "";
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    for (const [index, part] of parts.entries()) {
      here = part === ".." ? parentOf(here) : `${here}/${part}`;
      if (!entries.has(here) && !children.has(here)) return undefined;
      const to = at(here)?.link;
      if (to === undefined || (last === "keep" && index === parts.length - 1)) continue;
      if (links >= LINKS_MAX) return undefined;
      const rest = parts.slice(index + 1).join("/");
      const target = to.startsWith("/") ? to : `${parentOf(here)}/${to}`;
      return resolve(`${target}/${rest}`, last, links + 1);
    }
    return here;
  };
  return {
    readText(path, encoding = "utf-8") {
      const found = resolve(path, "follow");
      const entry = found === undefined ? undefined : entries.get(found);
      const content = entry === undefined || entry instanceof Uint8Array
        ? entry
        : special(entry)?.text;
      if (content === undefined || special(entry)?.unreadable) return undefined;
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      return encoding === "utf-8"
        ? new TextDecoder().decode(bytes)
        : Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    },
    readDir(path) {
      const found = resolve(path, "follow");
      if (found === undefined || at(found)?.unreadable) return [];
      // Reversed, since a real directory has no order to rely on either.
      return [...children.get(found) ?? []].reverse();
    },
    readLink(path) {
      const found = resolve(path, "keep");
      return found === undefined ? undefined : at(found)?.link;
    },
    realPath: (path) => resolve(path, "follow"),
    stat(path) {
      const found = resolve(path, "follow");
      return found === undefined ? undefined : facts(at(found), children.has(found));
    },
  };
}

function facts(entry: Special | undefined, isDirectory: boolean): FileFacts {
  return {
    type: isDirectory ? "directory" : entry?.type ?? "regular",
    device: entry?.device,
    on: entry?.on ?? "0:1",
    permissions: entry?.permissions ?? 0o644,
    userId: entry?.userId ?? 0,
    groupId: entry?.groupId ?? 0,
  };
}

function special(entry: string | Uint8Array | Special | undefined): Special | undefined {
  if (entry === undefined || entry instanceof Uint8Array) return undefined;
  return typeof entry === "string" ? { text: entry } : entry;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
