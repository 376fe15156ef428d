// The contract of a log page: how to ask for it, how to read it, how to show it.

import { type JsonObject, List, type Struct } from "../../layout/mod.ts";
import { ALL_NAMESPACES } from "../command.ts";

/** A field of flags as Identify decodes it, or the bare number. */
export type Flags = number | { readonly value: number };

/** The fields of Identify Controller that decide about log pages. */
export interface LogPageSupport {
  /** Log Page Attributes. */
  readonly lpa: Flags;
  /** Optional Admin Command Support. */
  readonly oacs: Flags;
  /** Optional Asynchronous Events Supported. */
  readonly oaes: Flags;
  /** Error Log Page Entries, 0's based. */
  readonly elpe: number;
  /** Controller Multi-Path I/O and Namespace Sharing Capabilities. */
  readonly cmic: Flags;
  /** Controller Attributes. */
  readonly ctratt: Flags;
  /** Sanitize Capabilities. */
  readonly sanicap: Flags;
  /** Optional NVM Command Support. */
  readonly oncs: Flags;
  /** Controller Type: zero where it is not reported. */
  readonly cntrltype: number;
}

/** What a page is about: the controller as a whole, one namespace, or whichever is named. */
export type LogScope = "controller" | "namespace" | "either";

/** Rows for people, in whatever way they are rendered. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** One line that belongs below the rows, or stands alone where there are none. */
  readonly note?: string;
}

/** How to read a page whose length stands in the page itself. */
export interface Growth {
  /**
   * The page's bytes as far as its first bytes tell: more than were given where the page goes on,
   * and possibly more again when those are known. Never less than the page's `structure`, which
   * the bytes given must hold.
   */
  extent(bytes: Uint8Array): number;
  /** A count that is another one when the page changed between two commands. */
  generation(bytes: Uint8Array): number | bigint;
  /** Bits of the log specific parameter that ask for something that only one command may do. */
  readonly once?: number;
  /**
   * Drives may ignore an offset here, so the page is read from its start by one command, and in
   * pieces only where it is longer than one command moves.
   */
  readonly fromStart?: true;
  /** The page can be read only while a context of this reading exists. */
  readonly context?: LogContext;
}

/** How a context is made before a page is read and given up afterwards. */
export interface LogContext {
  /** Log specific parameters: make a context, or use the one that there is. */
  readonly establishOrJoin: number;
  /** The same for drives before revision 2.0: make a context, refused where there is one. */
  readonly establish: number;
  readonly join: number;
  readonly release: number;
  /** Whether these first bytes say that there was a context before. */
  joined(bytes: Uint8Array): boolean;
}

/** A log page. `T` is what its bytes decode to. */
export interface LogPage<T = unknown> {
  /** Log page identifier. */
  readonly lid: number;
  /** What it is called on the command line, and its other names there. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly title: string;
  readonly cite: string;
  /** The specification revision that introduced the page; none for the original ones. */
  readonly since?: string;
  readonly scope: LogScope;
  /** The page's layout; a list where the page is nothing but equal entries. */
  readonly structure: Struct<object, unknown> | List<object, unknown>;
  /** What the page consists of beside that: the entries behind a header. */
  readonly parts?: readonly Struct<object, unknown>[];
  /** The log specific identifier to ask for where nobody names one. */
  readonly lsi?: number;
  /** Whether the controller has the page; undefined where nothing but asking for it can tell. */
  supportedBy(controller: LogPageSupport): boolean | undefined;
  /** Whether a page of scope `either` may be asked for one namespace. */
  perNamespace?(controller: LogPageSupport): boolean;
  /** The page's bytes; of a page that grows, those to read first. */
  length(controller: LogPageSupport): number;
  /** How to find the rest of a page whose length stands in the page. */
  readonly growth?: Growth;
  /** The page's value. Throws TruncatedError for bytes shorter than a page of fixed size. */
  decode(bytes: Uint8Array): T;
  /** The value for a machine; what is empty or not used is left out. */
  json(value: T): JsonObject;
  /** The value as rows, for pages that are lists at heart; other pages show their fields. */
  table?(value: T): Table;
}

/** A page whose layout is one structure, from which its title, length and value follow. */
export function fixedPage<T extends object, I>(
  structure: Struct<T, I>,
  page: Omit<LogPage<T>, "title" | "cite" | "structure" | "length" | "decode">,
): LogPage<T> {
  return {
    ...page,
    title: structure.title,
    cite: structure.cite,
    structure,
    length: () => structure.size,
    decode: (bytes) => structure.decode(bytes),
  };
}

/** A page that begins with a structure which tells how much follows it. */
export function growingPage<T extends object, H extends object, I>(
  header: Struct<H, I>,
  page:
    & Omit<LogPage<T>, "title" | "cite" | "structure" | "length" | "growth">
    & { readonly growth: Growth; readonly firstBytes?: number },
): LogPage<T> {
  const { firstBytes = header.size, ...rest } = page;
  return {
    ...rest,
    title: header.title,
    cite: header.cite,
    structure: header,
    length: () => firstBytes,
  };
}

/** Whether `bytes`, read from the page's start, are all of it. */
export function isWholePage(
  page: Pick<LogPage, "structure" | "length" | "growth">,
  controller: LogPageSupport,
  bytes: Uint8Array,
): boolean {
  if (!page.growth) return bytes.length >= page.length(controller);
  const { structure } = page;
  const least = structure instanceof List ? structure.entry.size : structure.size;
  return bytes.length >= least && bytes.length >= page.growth.extent(bytes);
}

/** Whether any bit of a flags field is set. */
export function isAnySet(flags: Flags): boolean {
  return (typeof flags === "number" ? flags : flags.value) !== 0;
}

/** Whether bit `position` of a flags field is set. */
export function isSet(flags: Flags, position: number): boolean {
  const word = typeof flags === "number" ? flags : flags.value;
  return (word >>> position & 1) === 1;
}

/**
 * The namespace identifier to ask for a page with. A page about the controller must be asked for
 * with 0h or FFFFFFFFh [BASE-2.1 §5.1.12.1]; FFFFFFFFh is the one that drives of every revision
 * accept, because before 1.4 zero was no namespace and some of them refuse it.
 */
export function logPageNsid(page: Pick<LogPage, "scope">, nsid?: number): number {
  return page.scope === "controller" ? ALL_NAMESPACES : nsid ?? ALL_NAMESPACES;
}
