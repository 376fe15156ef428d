// Log page 03h: the firmware in the controller's slots.

import {
  array,
  ascii,
  at,
  bits,
  type JsonObject,
  range,
  reserved,
  struct,
  u8,
} from "../../layout/mod.ts";
import { fixedPage, type LogPage, type Table } from "./log_page.ts";

/** The Firmware Slot Information log page. */
export const FirmwareLog = struct(
  "Firmware Slot Information",
  512,
  "[BASE-2.1 §5.1.12.1.4, Fig. 208]",
  [
    at(
      0,
      0,
      "activeFirmware",
      bits(u8, {
        slot: range(2, 0, "running from slot"),
        nextSlot: range(6, 4, "slot after the next controller reset"),
      }),
      "Active firmware",
    ),
    reserved(1, 7),
    at(8, 63, "revisions", array(ascii(8), 7), "Firmware revisions, slots 1 to 7"),
    reserved(64, 511),
  ],
);

/** A decoded Firmware Slot Information log page. */
export type FirmwareLog = ReturnType<typeof FirmwareLog.decode>;

/** A firmware slot with something in it. */
export interface FirmwareSlot {
  /** 1 to 7. */
  readonly slot: number;
  readonly revision: string;
  /** The controller runs from it now. */
  readonly active: boolean;
  /** The controller will run from it after the next Controller Level Reset. */
  readonly next: boolean;
}

/**
 * The slots that hold firmware, and those that are named as active or next whatever they hold.
 * Where the log does not say which slot is next, none is.
 */
export function firmwareSlots(log: FirmwareLog): readonly FirmwareSlot[] {
  return log.revisions
    .map((revision, index) => ({
      slot: index + 1,
      revision,
      active: log.activeFirmware.slot === index + 1,
      next: log.activeFirmware.nextSlot === index + 1,
    }))
    .filter(({ revision, active, next }) => revision !== "" || active || next);
}

/** Log page 03h. */
export const FirmwarePage: LogPage<FirmwareLog> = fixedPage(FirmwareLog, {
  lid: 0x03,
  name: "firmware",
  aliases: ["fw", "fw-log", "firmware-slots"],
  scope: "controller",
  supportedBy: () => true,
  json: firmwareJson,
  table: firmwareTable,
});

function firmwareJson(log: FirmwareLog): JsonObject {
  const { slot, nextSlot } = log.activeFirmware;
  return {
    active_slot: slot,
    next_slot: nextSlot === 0 ? null : nextSlot,
    slots: firmwareSlots(log).map((entry) => ({ ...entry })),
  };
}

function firmwareTable(log: FirmwareLog): Table {
  const slots = firmwareSlots(log);
  return {
    columns: ["Slot", "Revision", "State"],
    rows: slots.map(({ slot, revision, active, next }) => [
      `${slot}`,
      revision,
      [active ? "active" : "", next ? "next after a reset" : ""].filter(Boolean).join(", "),
    ]),
    ...(slots.length === 0 ? { note: "no firmware slot is filled" } : {}),
  };
}
