// Everything that a virtual drive can be asked: its log pages and its commands, one line each.

import { Abort } from "./admin/abort.ts";
import { AsyncEventRequest } from "./admin/async_event_request.ts";
import { GetFeatures, SetFeatures } from "./admin/features.ts";
import { FormatNvm } from "./admin/format.ts";
import { getLogPage } from "./admin/get_log_page.ts";
import { Identify } from "./admin/identify.ts";
import { KeepAlive } from "./admin/keep_alive.ts";
import { DeviceSelfTest } from "./admin/self_test.ts";
import {
  effectsPage,
  FeatureEffectsPage,
  MiEffectsPage,
  SupportedPage,
} from "./log/capabilities.ts";
import { ChangedNamespacesPage } from "./log/changed_namespaces.ts";
import { ErrorPage } from "./log/error.ts";
import type { DriveLogPage } from "./log/page.ts";
import { FirmwarePage } from "./log/firmware.ts";
import { SelfTestPage } from "./log/self_test.ts";
import { SmartPage } from "./log/smart.ts";
import { DatasetManagement, Flush, WriteZeroes } from "./nvm/erase.ts";
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
  FeatureEffectsPage,
  MiEffectsPage,
];

/** The admin commands. */
const ADMIN: readonly Handler[] = [
  getLogPage(new Map(LOG_PAGES.map((page) => [page.lid, page]))),
  Identify,
  Abort,
  SetFeatures,
  GetFeatures,
  AsyncEventRequest,
  DeviceSelfTest,
  KeepAlive,
  FormatNvm,
];

/** The I/O commands. */
const IO: readonly Handler[] = [
  Flush,
  Write,
  Read,
  Compare,
  WriteZeroes,
  DatasetManagement,
  Verify,
];

/** The commands by opcode. */
export const COMMAND_TABLES: CommandTables = { admin: byOpcode(ADMIN), io: byOpcode(IO) };

function byOpcode(handlers: readonly Handler[]): ReadonlyMap<number, Handler> {
  return new Map(handlers.map((handler) => [handler.opcode, handler]));
}
