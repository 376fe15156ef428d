// Which log pages there are to be had of a drive.

import { findLogPage, LOG_PAGES } from "../spec/log/registry.ts";
import { formatLid, logPageInfo } from "../spec/log/names.ts";
import { SupportedLog } from "../spec/log/supported.ts";
import { telemetryParameter } from "../spec/log/telemetry.ts";
import type { Identified } from "./clone_identify.ts";
import type { Recorder } from "./clone_recorder.ts";

const LID = {
  supported: 0x00,
  smart: 0x02,
  telemetryHost: 0x07,
  telemetryController: 0x08,
  endurance: 0x09,
  persistentEvents: 0x0d,
  bootPartition: 0x15,
  receiverEye: 0x19,
} as const;

/** Asked for only when somebody wants them: large, or a sign to the drive that somebody looks. */
const ON_REQUEST: ReadonlySet<number> = new Set(
  [LID.telemetryHost, LID.telemetryController, LID.persistentEvents],
);
/** Never asked for: they begin a measurement, or are what a host boots from. */
const NEVER: ReadonlySet<number> = new Set([LID.bootPartition, LID.receiverEye]);
/** Pages that a log specific identifier chooses from; 1 is the first NVM set or group. */
const BY_IDENTIFIER: ReadonlySet<number> = new Set([0x0a, 0x20, 0x21, 0x22, 0x23]);
/** What changes by being asked comes first: health before everything that may be refused. */
const FIRST: readonly number[] = [0x02, 0x01];
const SUPPORTED_SINCE = 0x020000;

/** Which pages to read beyond those that every clone has. */
export interface LogChoice {
  readonly telemetry: boolean;
  /** Pages of vendors that no list names. */
  readonly more: readonly number[];
}

/** Reads the log pages that change with every question: to be called before all others. */
export async function recordHealth(recorder: Recorder): Promise<void> {
  for (const lid of FIRST) {
    const page = findLogPage(lid);
    if (page) await recorder.page(page);
  }
}

/** Reads all log pages but those that `recordHealth` has. Says which there are. */
export async function recordLogs(
  recorder: Recorder,
  known: Identified,
  choice: LogChoice,
): Promise<readonly number[]> {
  const lids = await supportedLogs(recorder, known);
  for (const lid of new Set([...lids, ...choice.more])) {
    if (FIRST.includes(lid) || lid === LID.supported) continue;
    if (NEVER.has(lid) || (ON_REQUEST.has(lid) && !choice.telemetry)) {
      recorder.leftOut.push(`log page ${formatLid(lid)}, ${logPageInfo(lid).title}`);
      continue;
    }
    await recordLog(recorder, known, lid);
  }
  const smart = findLogPage(LID.smart);
  if (smart?.perNamespace?.(known.controller)) {
    for (const nsid of known.active) await recorder.page(smart, { nsid });
  }
  return lids;
}

async function supportedLogs(
  recorder: Recorder,
  { controller, version }: Identified,
): Promise<readonly number[]> {
  const list = findLogPage(LID.supported);
  const asks = controller.lpa.mlps || version >= SUPPORTED_SINCE;
  const bytes = asks && list ? await recorder.page(list) : undefined;
  if (bytes) {
    const { pages } = SupportedLog.decode(bytes);
    return pages.flatMap(({ supported }, lid) => supported ? [lid] : []);
  }
  return LOG_PAGES.filter((page) =>
    page.lid !== LID.supported && page.supportedBy(controller) === true
  ).map(({ lid }) => lid);
}

async function recordLog(recorder: Recorder, known: Identified, lid: number): Promise<void> {
  const page = findLogPage(lid);
  if (!page) {
    await recorder.unknownPage(lid, BY_IDENTIFIER.has(lid) ? { lsi: 1 } : {});
  } else if (lid === LID.telemetryHost) {
    const lsp = new DataView(new ArrayBuffer(1));
    telemetryParameter.put(lsp, 0, { create: true });
    await recorder.page(page, { lsp: lsp.getUint8(0) });
  } else if (lid === LID.endurance) {
    for (const lsi of known.enduranceGroups) await recorder.page(page, { lsi });
  } else {
    await recorder.page(page);
  }
}
