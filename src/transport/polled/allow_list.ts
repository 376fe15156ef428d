// Which commands may leave our own driver: reads freely, changes only when somebody allowed them,
// what would take the driver's queues or its memory away never.

import { SECURITY_PROTOCOL } from "../../spec/admin/security.ts";
import { SELF_TEST_CODE } from "../../spec/admin/self_test.ts";
import { LEVEL_0_COMID } from "../../spec/admin/tcg_discovery.ts";
import { ADMIN_COMMANDS, COMMON_IO_COMMANDS, NVM_COMMANDS } from "../../spec/opcode.ts";
import type { Command } from "../transport.ts";

/**
 * What becomes of a command that somebody else than the driver wants to send: `free` goes out,
 * `ask` needs to be allowed, `never` belongs to the driver alone.
 */
export type Permission = "free" | "ask" | "never";

/** The part of a command that decides. */
export type Decisive = Pick<Command, "queue" | "opcode" | "cdw10">;

const SET_FEATURES = ADMIN_COMMANDS.setFeatures.opcode;
const SECURITY_RECEIVE = ADMIN_COMMANDS.securityReceive.opcode;
/**
 * What security protocols tell everybody, by SECP and SPSP [BASE-2.1 §5.1.23]: which there are, and
 * the TCG's Level 0 Discovery. Other answers belong to a conversation, of which they are a step.
 */
const PLAIN_SECURITY: ReadonlySet<number> = new Set([
  SECURITY_PROTOCOL.information << 16,
  SECURITY_PROTOCOL.tcgFirst << 16 | LEVEL_0_COMID,
]);
const SELF_TEST = ADMIN_COMMANDS.deviceSelfTest.opcode;
/**
 * Self-tests that only test, and their end. Others write the media anew, or do what the vendor
 * alone knows.
 */
const KNOWN_TESTS: ReadonlySet<number> = new Set([
  SELF_TEST_CODE.short,
  SELF_TEST_CODE.extended,
  SELF_TEST_CODE.abort,
]);
/** Features by which the driver and the drive share queues and memory [BASE-2.1 §5.1.25]. */
const NUMBER_OF_QUEUES = 0x07;
const HOST_MEMORY_BUFFER = 0x0d;

/**
 * Commands that leave the media and the settings of the drive as they are. A self-test is among
 * them, because nobody sends it without being asked to; so is Abort, which ends only what this
 * driver itself has under way.
 */
const FREE_ADMIN = opcodes(
  ADMIN_COMMANDS.getLogPage,
  ADMIN_COMMANDS.identify,
  ADMIN_COMMANDS.abort,
  ADMIN_COMMANDS.getFeatures,
  ADMIN_COMMANDS.deviceSelfTest,
  ADMIN_COMMANDS.keepAlive,
  ADMIN_COMMANDS.getLbaStatus,
);
const FREE_IO = opcodes(NVM_COMMANDS.read, NVM_COMMANDS.compare, NVM_COMMANDS.verify);

/**
 * Commands after which the drive would use queues or memory that the driver knows nothing of, and
 * those that wait for an event for ever.
 */
const NEVER_ADMIN = opcodes(
  ADMIN_COMMANDS.deleteIoSubmissionQueue,
  ADMIN_COMMANDS.createIoSubmissionQueue,
  ADMIN_COMMANDS.deleteIoCompletionQueue,
  ADMIN_COMMANDS.createIoCompletionQueue,
  ADMIN_COMMANDS.asyncEventRequest,
  ADMIN_COMMANDS.controllerDataQueue,
  ADMIN_COMMANDS.doorbellBufferConfig,
  ADMIN_COMMANDS.fabrics,
);
const NEVER_IO = opcodes(COMMON_IO_COMMANDS.fabrics);

/** What the driver sends by itself: to have queues, to know limits, to end what takes too long. */
const OWN = opcodes(
  ADMIN_COMMANDS.deleteIoSubmissionQueue,
  ADMIN_COMMANDS.createIoSubmissionQueue,
  ADMIN_COMMANDS.deleteIoCompletionQueue,
  ADMIN_COMMANDS.createIoCompletionQueue,
  ADMIN_COMMANDS.identify,
  ADMIN_COMMANDS.abort,
);

/** The permission of every opcode by itself: tables, because each command is looked up. */
const ADMIN = permissions(FREE_ADMIN, NEVER_ADMIN);
const IO = permissions(FREE_IO, NEVER_IO);

/** What may become of a command. Total: what nobody knows needs to be allowed. */
export function permissionOf({ queue, opcode, cdw10 = 0 }: Decisive): Permission {
  if (queue === "io") return IO[opcode] ?? "ask";
  const permission = ADMIN[opcode] ?? "ask";
  if (opcode === SELF_TEST) return KNOWN_TESTS.has(cdw10 & 0xf) ? permission : "ask";
  if (opcode === SECURITY_RECEIVE) return PLAIN_SECURITY.has(cdw10 >>> 8) ? "free" : permission;
  if (opcode !== SET_FEATURES) return permission;
  const feature = cdw10 & 0xff;
  return feature === NUMBER_OF_QUEUES || feature === HOST_MEMORY_BUFFER ? "never" : "ask";
}

/** Whether anybody may send it: it reads, and changes nothing. */
export function isReadOnly(command: Decisive): boolean {
  return permissionOf(command) === "free";
}

/** Whether the driver itself may send it: queue management, Identify, Abort. */
export function isDriversOwn({ queue, opcode, cdw10 = 0 }: Decisive): boolean {
  if (queue !== "admin") return false;
  if (OWN.has(opcode)) return true;
  return opcode === SET_FEATURES && cdw10 === NUMBER_OF_QUEUES;
}

function opcodes(...infos: readonly { readonly opcode: number }[]): ReadonlySet<number> {
  return new Set(infos.map(({ opcode }) => opcode));
}

function permissions(
  free: ReadonlySet<number>,
  never: ReadonlySet<number>,
): readonly Permission[] {
  return Array.from({ length: 256 }, (_, opcode) => {
    if (free.has(opcode)) return "free";
    return never.has(opcode) ? "never" : "ask";
  });
}
