// Everything that a virtual drive can be asked: its log pages and its commands, one line each.

import { Abort } from "./admin/abort.ts";
import { NamespaceAttachment } from "./admin/namespace_attachment.ts";
import { NamespaceManagement } from "./admin/namespace_management.ts";
import { AsyncEventRequest } from "./admin/async_event_request.ts";
import { GetFeatures, SetFeatures } from "./admin/features.ts";
import { DirectiveReceive, DirectiveSend } from "./admin/directives.ts";
import { FirmwareCommit } from "./admin/firmware_commit.ts";
import { FirmwareImageDownload } from "./admin/firmware_download.ts";
import { FormatNvm } from "./admin/format.ts";
import { GetLbaStatus } from "./admin/get_lba_status.ts";
import { getLogPage } from "./admin/get_log_page.ts";
import { identify } from "./admin/identify.ts";
import { KeepAlive } from "./admin/keep_alive.ts";
import { Sanitize } from "./admin/sanitize.ts";
import { SecurityReceive, SecuritySend } from "./admin/security.ts";
import { DeviceSelfTest } from "./admin/self_test.ts";
import {
  effectsPage,
  FeatureEffectsPage,
  MiEffectsPage,
  SupportedPage,
} from "./log/capabilities.ts";
import { AnaPage } from "./log/ana.ts";
import { EnduranceGroupPage } from "./log/endurance_group.ts";
import { ChangedNamespacesPage } from "./log/changed_namespaces.ts";
import { DiscoveryServicePage } from "./log/discovery.ts";
import { ErrorPage } from "./log/error.ts";
import { STRUCTURES } from "./identify/structures.ts";
import type { DriveLogPage } from "./log/page.ts";
import { FirmwarePage } from "./log/firmware.ts";
import { LbaStatusInformationPage } from "./log/lba_status.ts";
import { PersistentEventsPage } from "./log/persistent_event.ts";
import { SanitizeStatusPage } from "./log/sanitize.ts";
import { SelfTestPage } from "./log/self_test.ts";
import { SmartPage } from "./log/smart.ts";
import { TelemetryControllerPage, TelemetryHostPage } from "./log/telemetry.ts";
import { Copy } from "./nvm/copy.ts";
import { DatasetManagement, Flush, WriteUncorrectable, WriteZeroes } from "./nvm/erase.ts";
import { Compare, Read, Verify, Write } from "./nvm/read_write.ts";
import type { Handler } from "./pipeline/handler.ts";
import type { CommandTables } from "./pipeline/pipeline.ts";

/** The log pages. */
const LOG_PAGES: readonly DriveLogPage[] = [
  SupportedPage,
  ErrorPage,
  SmartPage,
  FirmwarePage,
  ChangedNamespacesPage,
  effectsPage(() => ({ admin: ADMIN, io: IO })),
  SelfTestPage,
  EnduranceGroupPage,
  AnaPage,
  TelemetryHostPage,
  TelemetryControllerPage,
  PersistentEventsPage,
  LbaStatusInformationPage,
  FeatureEffectsPage,
  MiEffectsPage,
  DiscoveryServicePage,
  SanitizeStatusPage,
];

/** The admin commands. */
const ADMIN: readonly Handler[] = [
  getLogPage(new Map(LOG_PAGES.map((page) => [page.lid, page]))),
  identify(STRUCTURES),
  Abort,
  SetFeatures,
  GetFeatures,
  AsyncEventRequest,
  DeviceSelfTest,
  KeepAlive,
  NamespaceManagement,
  NamespaceAttachment,
  FormatNvm,
  FirmwareCommit,
  FirmwareImageDownload,
  DirectiveSend,
  DirectiveReceive,
  SecuritySend,
  SecurityReceive,
  Sanitize,
  GetLbaStatus,
];

/** The I/O commands. */
const IO: readonly Handler[] = [
  Flush,
  Write,
  Read,
  WriteUncorrectable,
  Compare,
  WriteZeroes,
  DatasetManagement,
  Verify,
  Copy,
];

/** The commands by opcode. */
export const COMMAND_TABLES: CommandTables = { admin: byOpcode(ADMIN), io: byOpcode(IO) };

function byOpcode(handlers: readonly Handler[]): ReadonlyMap<number, Handler> {
  return new Map(handlers.map((handler) => [handler.opcode, handler]));
}
