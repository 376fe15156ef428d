// Every log page that this program decodes: one line each.

import { ChangedNamespacesPage } from "./changed_namespaces.ts";
import { EffectsPage } from "./effects.ts";
import { ErrorPage } from "./error.ts";
import { FirmwarePage } from "./firmware.ts";
import type { LogPage } from "./log_page.ts";
import { SelfTestPage } from "./self_test.ts";
import { SmartPage } from "./smart.ts";
import { SupportedLogPage } from "./supported.ts";

/** The log pages, by identifier. */
export const LOG_PAGES: readonly LogPage[] = [
  SupportedLogPage,
  ErrorPage,
  SmartPage,
  FirmwarePage,
  ChangedNamespacesPage,
  EffectsPage,
  SelfTestPage,
];

const BY_LID: ReadonlyMap<number, LogPage> = new Map(LOG_PAGES.map((page) => [page.lid, page]));

const BY_NAME: ReadonlyMap<string, LogPage> = new Map(
  LOG_PAGES.flatMap((page) => [page.name, ...page.aliases ?? []].map((name) => [name, page])),
);

/** The log page of an identifier, or of one of its names; undefined for one not decoded here. */
export function findLogPage(key: number | string): LogPage | undefined {
  return typeof key === "number" ? BY_LID.get(key) : BY_NAME.get(key.toLowerCase());
}
