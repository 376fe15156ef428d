// Log page 09h: the wear and the capacity of one endurance group.

import {
  at,
  bit,
  bits,
  byteCount,
  exactDigits,
  except,
  formatBytes,
  formatCount,
  hex,
  measured,
  percent,
  reserved,
  struct,
  u128,
  u16,
  u8,
  type Unit,
} from "../../layout/mod.ts";
import { fixedPage, isSet, type LogPage } from "./log_page.ts";

const GIGABYTE = 1_000_000_000n;
const NOT_REPORTED = "not reported";

/** Billions of bytes, rounded up; people read bytes [BASE-2.1 §5.1.12.1.10, Fig. 218]. */
const billions: Unit = {
  name: "units of 1,000,000,000 bytes",
  text: (value) =>
    BigInt(value) === 0n
      ? NOT_REPORTED
      : `${formatBytes(BigInt(value) * GIGABYTE)} (${formatCount(value)} billion bytes)`,
  siblings(key, value) {
    const bytes = BigInt(value) * GIGABYTE;
    return { [`${key}_bytes`]: Number(bytes), ...exactDigits(`${key}_bytes`, bytes) };
  },
};

const capacity = except(measured(u128, byteCount), 0n, NOT_REPORTED);

/** The bits of an endurance group's critical warning; persistent events carry them too. */
export const enduranceWarning = bits(u8, {
  availableSpare: bit(0, "available spare is below its threshold"),
  reliability: bit(2, "reliability is degraded"),
  readOnly: bit(3, "all namespaces are read-only"),
});

/** The Endurance Group Information log page. */
export const EnduranceLog = struct(
  "Endurance Group Information",
  512,
  "[BASE-2.1 §5.1.12.1.10, Fig. 218]",
  [
    at(0, 0, "criticalWarning", enduranceWarning, "Critical warning", { brief: true }),
    at(1, 1, "features", bits(u8, { rotational: bit(0, "rotational media") }), "Features", {
      since: "2.0",
    }),
    reserved(2, 2),
    at(3, 3, "availableSpare", measured(u8, percent), "Available spare", { brief: true }),
    at(4, 4, "availableSpareThreshold", measured(u8, percent), "Available spare threshold", {
      brief: true,
    }),
    at(5, 5, "percentageUsed", measured(u8, percent), "Percentage used", { brief: true }),
    at(6, 7, "domain", except(hex(u16), 0, "none"), "Domain identifier", { since: "2.0" }),
    reserved(8, 31),
    at(32, 47, "enduranceEstimate", measured(u128, billions), "Endurance estimate", {
      brief: true,
    }),
    at(48, 63, "dataRead", measured(u128, billions), "Data read", { brief: true }),
    at(64, 79, "dataWritten", measured(u128, billions), "Data written", { brief: true }),
    at(80, 95, "mediaWritten", measured(u128, billions), "Written to the media", { brief: true }),
    at(96, 111, "hostReadCommands", u128, "Host read commands"),
    at(112, 127, "hostWriteCommands", u128, "Host write commands"),
    at(128, 143, "mediaErrors", u128, "Media and data integrity errors", { brief: true }),
    at(144, 159, "errorLogEntries", u128, "Error information log entries"),
    at(160, 175, "totalCapacity", capacity, "Total capacity", { brief: true, since: "2.0" }),
    at(176, 191, "unallocatedCapacity", capacity, "Unallocated capacity", { since: "2.0" }),
    reserved(192, 511),
  ],
);

/** A decoded Endurance Group Information log page. */
export type EnduranceLog = ReturnType<typeof EnduranceLog.decode>;

/** Log page 09h. The log specific identifier names the endurance group; they count from 1. */
export const EndurancePage: LogPage<EnduranceLog> = fixedPage(EnduranceLog, {
  lid: 0x09,
  name: "endurance",
  aliases: ["endurance-log", "endurance-group"],
  since: "1.4",
  scope: "controller",
  lsi: 1,
  supportedBy: ({ ctratt }) => isSet(ctratt, 4),
  json: (log) => EnduranceLog.json(log),
});
