// Attributes of sysfs: one short file each, read as what they mean; undefined where there is none.

import type { HostView } from "./host_view.ts";

/**
 * An attribute's text without the line end and the padding around it, one character a byte.
 * An empty one counts as missing. Otherwise raw: what a drive says of itself is hostile.
 */
export function attribute(view: HostView, path: string): string | undefined {
  const text = view.readText(path, "latin1");
  return text === undefined ? undefined : trimmed(text) || undefined;
}

/** A decimal attribute that fits a number, negative ones too. */
export function decimal(view: HostView, path: string): number | undefined {
  const text = attribute(view, path);
  if (text === undefined || !/^-?\d+$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** An attribute counted in 512-byte sectors, as sysfs counts whatever the block size, in bytes. */
export function sectorBytes(view: HostView, path: string): bigint | undefined {
  const text = attribute(view, path);
  return text !== undefined && /^\d+$/.test(text) ? BigInt(text) * 512n : undefined;
}

/** An attribute that is 0 or 1. */
export function flag(view: HostView, path: string): boolean | undefined {
  const value = decimal(view, path);
  return value === undefined ? undefined : value !== 0;
}

/** A device number, as `dev` attributes write it: `259:0`. */
export function deviceNumber(view: HostView, path: string): string | undefined {
  const text = attribute(view, path);
  return text !== undefined && /^\d+:\d+$/.test(text) ? text : undefined;
}

/** The last part of what a symbolic link says: the name of a driver, of a parent. */
export function linkName(view: HostView, path: string): string | undefined {
  return view.readLink(path)?.split("/").findLast((part) => part !== "");
}

/** Text without padding at either end: blanks, line ends, NULs; no other white space. */
export function trimmed(text: string): string {
  let first = 0;
  let end = text.length;
  while (first < end && PADDING.has(text.charAt(first))) first++;
  while (end > first && PADDING.has(text.charAt(end - 1))) end--;
  return text.slice(first, end);
}

const PADDING: ReadonlySet<string> = new Set([" ", "\t", "\n", "\r", "\0"]);
