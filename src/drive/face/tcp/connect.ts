// Connect: which controller a host gets, and why not [BASE-2.1 §6.3].

import { currentValue } from "../../feature/feature.ts";
import { NumberOfQueues } from "../../feature/word_features.ts";
import { largestQueue } from "../../registers.ts";
import { type Blame, Refusal, type RefusalStatus } from "../../refusal.ts";
import type { VirtualController } from "../../controller.ts";
import { toCount } from "../../../layout/mod.ts";
import type { SubmissionEntry } from "../../../spec/command.ts";
import {
  ANY_CONTROLLER,
  ANY_STATIC_CONTROLLER,
  ConnectData,
  ConnectFields,
  ConnectRefused,
} from "../../../spec/fabrics/connect.ts";
import { COMMAND_SPECIFIC } from "../../../spec/status/command_specific.ts";
import { FABRICS } from "../../../spec/status/fabrics.ts";
import type { Association } from "./association.ts";
import type { ServedSubsystem } from "./subsystem.ts";

/** A Connect command and its data. */
export interface ConnectRequest {
  readonly fields: ConnectFields;
  readonly data: ConnectData;
  readonly hostId: string;
}

/** Where a host is let in: to a free controller, or to one that it has. */
export interface Seat {
  readonly subsystem: ServedSubsystem;
  readonly controller: VirtualController;
  /** Of an I/O queue. */
  readonly association?: Association;
}

/** Dwords 10 to 15: bytes 40 to 63 of the entry. */
const COMMAND_FIELDS = 40;
/** Controller identifiers that mean nothing, and nothing now [BASE-2.1 §6.3]. */
const RESERVED_IDS = { first: 0xfff0, last: 0xfffd } as const;
/** A name, and the zero behind it. */
const NQN = /^nqn\.[^\0]{1,219}$/;
const LEAST_ENTRIES = 2;

/** The parameters of a Connect command; `data` is at least as long as its structure. */
export function connectRequest(entry: SubmissionEntry, data: Uint8Array): ConnectRequest {
  const fields = ConnectFields.decode(commandFields(entry));
  const decoded = ConnectData.decode(data);
  return { fields, data: decoded, hostId: decoded.hostId.toHex() };
}

/** Bytes 40 to 63 of an entry, where Fabrics commands have their parameters. */
export function commandFields(entry: SubmissionEntry): Uint8Array {
  const { cdw10, cdw11, cdw12, cdw13, cdw14, cdw15 } = entry;
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  [cdw10, cdw11, cdw12, cdw13, cdw14, cdw15].forEach((dword, at) => {
    view.setUint32(4 * at, dword, true);
  });
  return bytes;
}

/**
 * Finds the controller of a request.
 *
 * @throws {Refusal} where there is none for this host
 */
export function findSeat(
  subsystems: ReadonlyMap<string, ServedSubsystem>,
  request: ConnectRequest,
): Seat {
  const { fields, data, hostId } = request;
  if (fields.recfmt !== 0) fail(FABRICS.format);
  const subsystem = subsystems.get(data.subnqn);
  if (!subsystem) failData("subnqn");
  if (!NQN.test(data.hostnqn)) failData("hostnqn");
  if (!subsystem.admits(data.hostnqn)) fail(FABRICS.host);
  if (fields.qid === 0) {
    if (/^0*$/.test(hostId)) failData("hostId");
    // All controllers have the same: no host loses one to a Connect that fails.
    checkSize(subsystem.drive.first, toCount(fields.sqsize));
    return { subsystem, controller: findController(subsystem, data.cntlid) };
  }
  return { subsystem, ...findQueue(subsystem, request) };
}

/**
 * A controller for a new association. The discovery service has one for everybody: a host that asks
 * and then only holds on to its controller loses it to the next one.
 */
function findController(subsystem: ServedSubsystem, cntlid: number): VirtualController {
  if (cntlid === ANY_CONTROLLER || cntlid === ANY_STATIC_CONTROLLER) {
    const free = subsystem.free();
    if (free) return free;
    const isDiscovery = subsystem.drive.fabrics?.discovery !== undefined;
    return (isDiscovery ? subsystem.takeFromSilent() : undefined) ?? fail(FABRICS.busy);
  }
  if (cntlid >= RESERVED_IDS.first && cntlid <= RESERVED_IDS.last) failData("cntlid");
  const controller = subsystem.controller(cntlid) ?? failData("cntlid");
  if (subsystem.associationOf(controller)) fail(FABRICS.busy);
  return controller;
}

/** The association that an I/O queue joins. */
function findQueue(
  subsystem: ServedSubsystem,
  { fields, data, hostId }: ConnectRequest,
): Pick<Seat, "controller" | "association"> {
  const controller = subsystem.controller(data.cntlid) ?? failData("cntlid");
  const association = subsystem.associationOf(controller) ?? failData("cntlid");
  if (data.hostnqn !== association.hostNqn) failData("hostnqn");
  if (!/^0*$/.test(hostId) && hostId !== association.hostId) failData("hostId");
  // A discovery controller has no I/O queues, and neither has one that is not enabled.
  if (controller.drive.fabrics?.discovery || !controller.registers.enabled) failField("qid");
  const granted = (currentValue(controller, NumberOfQueues) & 0xffff) + 1;
  if (fields.qid > granted || association.has(fields.qid)) {
    fail(COMMAND_SPECIFIC.queueIdentifier);
  }
  checkSize(controller, toCount(fields.sqsize));
  return { controller, association };
}

function checkSize({ personality }: VirtualController, entries: number): void {
  if (entries < LEAST_ENTRIES || entries > largestQueue(personality)) failField("sqsize");
}

/** A Connect that fails leaves no entry in the error log [BASE-2.1 §6.3]. */
function fail(status: RefusalStatus, blame: Blame = {}): never {
  throw new Refusal(status, { ...blame, unlogged: true });
}

/** A parameter in the command is wrong [BASE-2.1 §6.3, Fig. 548]. */
function failField(name: "qid" | "sqsize"): never {
  const ipo = COMMAND_FIELDS + ConnectFields.row(name).first;
  return fail(FABRICS.parameters, { location: ipo, dw0: refusedAt({ ipo }) });
}

/** A parameter in the data is wrong. */
function failData(name: "hostId" | "cntlid" | "subnqn" | "hostnqn"): never {
  const ipo = ConnectData.row(name).first;
  return fail(FABRICS.parameters, { dw0: refusedAt({ ipo, iattr: { inData: true } }) });
}

function refusedAt(fields: Parameters<typeof ConnectRefused.encode>[0]): number {
  return new DataView(ConnectRefused.encode(fields).buffer).getUint32(0, true);
}
