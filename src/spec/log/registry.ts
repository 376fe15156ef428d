// Every log page that this program decodes: one line each.

import { AnaPage } from "./ana.ts";
import { ChangedNamespacesPage } from "./changed_namespaces.ts";
import { DiscoveryPage } from "./discovery.ts";
import { EffectsPage } from "./effects.ts";
import { EndurancePage } from "./endurance.ts";
import { ErrorPage } from "./error.ts";
import { FeatureEffectsPage } from "./feature_effects.ts";
import { FirmwarePage } from "./firmware.ts";
import { LbaStatusPage } from "./lba_status_information.ts";
import type { LogPage } from "./log_page.ts";
import { MiEffectsPage } from "./mi_effects.ts";
import { PersistentEventPage } from "./persistent_event.ts";
import { ReservationPage } from "./reservation.ts";
import { SanitizePage } from "./sanitize.ts";
import { SelfTestPage } from "./self_test.ts";
import { SmartPage } from "./smart.ts";
import { SupportedLogPage } from "./supported.ts";
import { TelemetryControllerPage, TelemetryHostPage } from "./telemetry.ts";

/** The log pages, by identifier. */
export const LOG_PAGES: readonly LogPage[] = [
  SupportedLogPage,
  ErrorPage,
  SmartPage,
  FirmwarePage,
  ChangedNamespacesPage,
  EffectsPage,
  SelfTestPage,
  TelemetryHostPage,
  TelemetryControllerPage,
  EndurancePage,
  AnaPage,
  PersistentEventPage,
  LbaStatusPage,
  FeatureEffectsPage,
  MiEffectsPage,
  DiscoveryPage,
  ReservationPage,
  SanitizePage,
];

const BY_LID: ReadonlyMap<number, LogPage> = new Map(LOG_PAGES.map((page) => [page.lid, page]));

const BY_NAME: ReadonlyMap<string, LogPage> = new Map(
  LOG_PAGES.flatMap((page) => [page.name, ...page.aliases ?? []].map((name) => [name, page])),
);

/** The log page of an identifier, or of one of its names; undefined for one not decoded here. */
export function findLogPage(key: number | string): LogPage | undefined {
  return typeof key === "number" ? BY_LID.get(key) : BY_NAME.get(key.toLowerCase());
}
