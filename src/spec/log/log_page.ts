// The contract of a log page: how to ask for it, how to read it, how to show it.

import { formatCount, type JsonObject, type List, type Struct } from "../../layout/mod.ts";
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
  /** Whether the controller has the page; undefined where nothing but asking for it can tell. */
  supportedBy(controller: LogPageSupport): boolean | undefined;
  /** Whether a page of scope `either` may be asked for one namespace. */
  perNamespace?(controller: LogPageSupport): boolean;
  /** The page's bytes. */
  length(controller: LogPageSupport): number;
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

/** A count with its noun: `1 entry`, `no entries`, `64 entries`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  if (count === 0) return `no ${many}`;
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
