// Writes "newc" cpio archives: what the kernel unpacks as its initial root file system.

const REGULAR = 0o100000;
const DIRECTORY = 0o040000;
const SYMLINK = 0o120000;
const TRAILER = "TRAILER!!!";

/** One file, directory or symbolic link; paths have no leading slash. Owner is always root. */
export type CpioEntry =
  | {
    readonly kind: "file";
    readonly path: string;
    readonly mode: number;
    readonly data: Uint8Array;
  }
  | { readonly kind: "directory"; readonly path: string; readonly mode: number }
  | { readonly kind: "link"; readonly path: string; readonly target: string };

/**
 * The archive that holds `entries` in their order, with the directories above each made first.
 * Times are zero, so equal content gives equal bytes.
 */
export function cpioArchive(entries: readonly CpioEntry[]): Uint8Array<ArrayBuffer> {
  const parts = withParents(entries).map((entry, index) => member(entry, index + 1));
  parts.push([header(TRAILER, 0, 0, 0)]);
  const pieces = parts.flat();
  const archive = new Uint8Array(pieces.reduce((sum, piece) => sum + padded(piece.length), 0));
  let next = 0;
  for (const piece of pieces) {
    archive.set(piece, next);
    next += padded(piece.length);
  }
  return archive;
}

function withParents(entries: readonly CpioEntry[]): readonly CpioEntry[] {
  const made = new Set(entries.flatMap((entry) => entry.kind === "directory" ? [entry.path] : []));
  const all: CpioEntry[] = [];
  for (const entry of entries) {
    const names = entry.path.split("/");
    for (let depth = 1; depth < names.length; depth++) {
      const path = names.slice(0, depth).join("/");
      if (made.has(path)) continue;
      made.add(path);
      all.push({ kind: "directory", path, mode: 0o755 });
    }
    all.push(entry);
  }
  return all;
}

/** A member's header with its name, then its data; each is padded to four bytes by the caller. */
function member(entry: CpioEntry, inode: number): Uint8Array[] {
  switch (entry.kind) {
    case "file":
      return [header(entry.path, inode, REGULAR | entry.mode, entry.data.length), entry.data];
    case "directory":
      return [header(entry.path, inode, DIRECTORY | entry.mode, 0)];
    case "link": {
      const target = new TextEncoder().encode(entry.target);
      return [header(entry.path, inode, SYMLINK | 0o777, target.length), target];
    }
  }
}

function header(path: string, inode: number, mode: number, dataBytes: number): Uint8Array {
  const name = new TextEncoder().encode(`${path}\0`);
  const links = 1;
  // Inode, mode, uid, gid, links, time, data size, four device numbers, name size, checksum.
  const fields = [inode, mode, 0, 0, links, 0, dataBytes, 0, 0, 0, 0, name.length, 0];
  const text = "070701" + fields.map((field) => field.toString(16).padStart(8, "0")).join("");
  const bytes = new Uint8Array(text.length + name.length);
  new TextEncoder().encodeInto(text, bytes);
  bytes.set(name, text.length);
  return bytes;
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}
