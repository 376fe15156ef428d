// How a recorded drive was: its health, what went wrong with it, what was tested.

import { ErrorEntry, ErrorLog } from "../../spec/log/error.ts";
import { PersistentEventLog, PersistentEventPage } from "../../spec/log/persistent_event.ts";
import { SelfTestLog } from "../../spec/log/self_test.ts";
import { SmartLog } from "../../spec/log/smart.ts";
import { storeBytes } from "../model/stored_bytes.ts";
import { EVENTS_KEPT } from "../model/persistent_events.ts";
import type { IdentifyController } from "../../spec/identify/identify_controller.ts";
import type { History } from "../model/abilities.ts";
import type { Health, Personality } from "../personality.ts";
import type { ErrorRecord, SelfTestRecord } from "../state.ts";
import type { Answers } from "./answers.ts";

const NOT_USED = 0xf;
/** Hours that are still exact in milliseconds; what the drive said goes on from there anyway. */
const MOST_HOURS = 1_000_000_000;
/** Power cycles that events have room for, and some more to come. */
const MOST_CYCLES = 2 ** 31;
/** Minutes that the log has room for, and some more to come. */
const MOST_MINUTES = 2 ** 31;
/** What a sensor can be off by, in kelvin. */
const MOST_OFFSET_K = 1000;
/** The most that a drive file has for any other count. */
const MOST_COUNT = 2 ** 52;
/** What a drive is taken to bear that does not say: terabytes written until its life is used. */
const ENDURANCE_TERABYTES = 600;

/** The drive's health; that of a new drive where it has no SMART log. */
export function healthOf(
  answers: Answers,
  { wctemp, cctemp }: Pick<IdentifyController, "wctemp" | "cctemp">,
): Health {
  const bytes = answers.data({ kind: "log", id: 0x02 }, SmartLog.size) ??
    SmartLog.encode({ availableSpare: 100, compositeTemperature: 300 });
  const smart = SmartLog.decode(bytes);
  const { readOnly, reliability } = smart.criticalWarning;
  return {
    spare: smart.availableSpare,
    spareThreshold: smart.availableSpareThreshold,
    percentageUsed: smart.percentageUsed,
    enduranceTerabytes: ENDURANCE_TERABYTES,
    temperatureK: smart.compositeTemperature,
    // A clone is as warm as the drive was, until somebody heats it.
    temperatureSwingK: 0,
    warningK: wctemp,
    criticalK: cctemp,
    sensorOffsetsK: offsetsOf(smart),
    powerOnHours: Math.min(count(smart.powerOnHours), MOST_HOURS),
    // Being switched on here is not another cycle.
    powerCycles: Math.min(Math.max(0, count(smart.powerCycles) - 1), MOST_CYCLES),
    unsafeShutdowns: count(smart.unsafeShutdowns),
    mediaErrors: count(smart.mediaErrors),
    errorLogEntries: errorsBefore(answers, smart.errorLogEntries),
    dataUnitsRead: count(smart.dataUnitsRead),
    dataUnitsWritten: count(smart.dataUnitsWritten),
    hostReads: count(smart.hostReadCommands),
    hostWrites: count(smart.hostWriteCommands),
    busyMinutes: count(smart.controllerBusyTime),
    warningMinutes: Math.min(smart.warningTemperatureTime, MOST_MINUTES),
    criticalMinutes: Math.min(smart.criticalTemperatureTime, MOST_MINUTES),
    readOnly,
    degraded: reliability,
  };
}

/** What the next error's number follows: the newest one's, or how many SMART says there were. */
function errorsBefore(answers: Answers, counted: bigint): number {
  const newest = errorsOf(answers)[0]?.count;
  if (newest !== undefined) return count(newest);
  return counted <= BigInt(MOST_COUNT) ? Number(counted) : 0;
}

/** Sensors up to the last one that there is. */
function offsetsOf(
  { temperatureSensors, compositeTemperature }: SmartLog,
): readonly number[] {
  const end = temperatureSensors.findLastIndex((kelvin) => kelvin !== 0) + 1;
  return temperatureSensors.slice(0, end).map((kelvin) =>
    Math.max(-MOST_OFFSET_K, Math.min(MOST_OFFSET_K, kelvin - compositeTemperature))
  );
}

/** What happened before, as far as the drive said. */
export function historyOf(answers: Answers): Pick<Personality, "history"> {
  const history: History = {
    errors: errorsOf(answers),
    selfTests: selfTestsOf(answers),
    events: eventsOf(answers),
  };
  return Object.values(history).some((list) => list.length > 0) ? { history } : {};
}

function errorsOf(answers: Answers): readonly ErrorRecord[] {
  const bytes = answers.data({ kind: "log", id: 0x01 }, ErrorEntry.size);
  return (bytes ? ErrorLog.decode(bytes) : [])
    .filter(({ errorCount }) => errorCount !== 0n)
    .map((entry) => ({
      count: entry.errorCount,
      sqid: entry.sqid,
      cid: entry.cid,
      status: entry.status.status,
      location: entry.parameterErrorLocation.value,
      lba: entry.lba,
      nsid: entry.nsid,
      opcode: entry.opcode,
      ...(entry.commandSpecific === 0n ? {} : { specific: entry.commandSpecific }),
    }));
}

function selfTestsOf(answers: Answers): readonly SelfTestRecord[] {
  const bytes = answers.data({ kind: "log", id: 0x06 }, SelfTestLog.size);
  return (bytes ? SelfTestLog.decode(bytes).results : [])
    .filter(({ status: { code, result } }) => code !== 0 && result !== NOT_USED)
    .map(({ status, segment, powerOnHours, valid, nsid, failingLba, ...entry }) => ({
      code: status.code,
      result: status.result,
      powerOnHours: count(powerOnHours),
      ...(segment === 0 ? {} : { segment }),
      ...(valid.nsid ? { nsid } : {}),
      ...(valid.failingLba ? { lba: count(failingLba) } : {}),
      ...(valid.statusCodeType ? { statusCodeType: entry.statusCodeType.type } : {}),
      ...(valid.statusCode ? { statusCode: entry.statusCode } : {}),
    }));
}

/** The events of the persistent event log, each with its header. */
function eventsOf(answers: Answers): readonly string[] {
  const page = answers.data({ kind: "log", id: 0x0d }, PersistentEventLog.size);
  if (!page) return [];
  const found: string[] = [];
  let offset = PersistentEventLog.size;
  for (const event of PersistentEventPage.decode(page).events.slice(0, EVENTS_KEPT)) {
    const end = offset + event.headerLength + HEADER_LENGTH_FROM + event.length;
    found.push(storeBytes(page.subarray(offset, end)));
    offset = end;
  }
  return found;
}

/** The length of an event's header counts from behind its own field. */
const HEADER_LENGTH_FROM = 3;

/** A counter as a number; one that is beyond what a drive file has stays at its end. */
function count(value: bigint): number {
  const most = BigInt(MOST_COUNT);
  return Number(value > most ? most : value);
}
