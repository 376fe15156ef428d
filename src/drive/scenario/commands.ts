// Faults of commands: writes that vanish or fail, errors, hangs, delays, wrong completions.

import { UsageError } from "../../errors.ts";
import { ADMIN_COMMANDS, adminOpcode, formatOpcode, NVM_COMMANDS } from "../../spec/opcode.ts";
import type { VirtualDrive } from "../drive.ts";
import type { Plugin } from "../plugin/plugin.ts";
import { COMMAND_TABLES } from "../tables.ts";
import type { CommandTap, Verdict } from "../tap/verdict.ts";
import type { TapName } from "../tap/names.ts";
import { type Bounds, bounds, Gate, number, scenario, time, word } from "./scenario.ts";

/** What changes blocks. */
const WRITES: ReadonlySet<number> = new Set(
  [NVM_COMMANDS.write, NVM_COMMANDS.writeZeroes, NVM_COMMANDS.writeUncorrectable]
    .map(({ opcode }) => opcode),
);
const WRITE = NVM_COMMANDS.write.opcode;
const READ = NVM_COMMANDS.read.opcode;

/** Attempted Write to Read Only Range, final. */
const READ_ONLY_RANGE = { type: 1, code: 0x82, doNotRetry: true } as const;
const SUCCESS = { kind: "claim" } as const;

/** A plug-in that strikes commands at one tap, within bounds. */
function striking(
  tap: TapName,
  values: Bounds,
  which: (context: CommandTap) => boolean,
  verdict: (context: CommandTap) => Verdict,
): Plugin {
  return {
    setup(taps) {
      const gate = new Gate(taps, values);
      taps.attach(tap, (context) => {
        if (context.kind !== "command" || !which(context) || !gate.strikes()) return undefined;
        return verdict(context);
      });
    },
  };
}

const isWrite = ({ command }: CommandTap): boolean => WRITES.has(command.opcode);
const isRead = ({ command }: CommandTap): boolean => command.opcode === READ;
const isPlainWrite = ({ command }: CommandTap): boolean => command.opcode === WRITE;

/** The talk's first: after so many writes, success without writing. */
export const noWrites = scenario({
  name: "no-writes",
  summary: "After some writes, further ones succeed and store nothing",
  effect: "nothing, until the data is read back from the drive: a checksum is the only witness",
  parameters: bounds({ count: 0, after: 5000 }),
  create: (values) => striking("nvme:io:decode", values, isWrite, () => SUCCESS),
});

/** The talk's second: after so many writes, errors. */
export const noWritesErrors = scenario({
  name: "no-writes-errors",
  summary: "After some writes, further ones fail as attempts to write a read-only range",
  effect: "critical medium error with sct 0x1/sc 0x82 DNR; ext4 aborts its journal, remounts ro",
  parameters: bounds({ count: 0, after: 5000 }),
  create: (values) =>
    striking("nvme:io:decode", values, isWrite, () => ({
      kind: "claim",
      status: READ_ONLY_RANGE,
    })),
});

/** The talk's third: read-only at random, for good or by the command. */
export const temperamental = scenario({
  name: "temperamental",
  summary: "Turns read-only at random: for good (latch=yes), or only for that write (latch=no)",
  effect: "as no-writes-errors, at a random moment",
  parameters: { ...bounds({ count: 0, probability: 1 }), latch: word("For good", ["yes", "no"]) },
  create: (values) => ({
    setup(taps) {
      const gate = new Gate(taps, values);
      let latched = false;
      taps.attach("nvme:io:decode", (context) => {
        if (context.kind !== "command" || !isWrite(context)) return undefined;
        if (!gate.strikes({ surely: latched })) return undefined;
        latched = values.latch === "yes";
        return { kind: "claim", status: READ_ONLY_RANGE };
      });
    },
  }),
});

/** The talk's fourth: good, bad for a while, good again. */
export const reincarnation = scenario({
  name: "reincarnation",
  summary: "Some writes are good, then some fail, then all are good again",
  effect: "a burst of critical medium errors that heals",
  parameters: bounds({ count: 10, after: 5000 }),
  create: (values) =>
    striking("nvme:io:decode", values, isWrite, () => ({
      kind: "claim",
      status: READ_ONLY_RANGE,
    })),
});

/** Only Format NVM may be hidden: a drive without another of its commands is not found any more. */
function checkFree(opcode: number, { personality }: VirtualDrive): void {
  const handler = COMMAND_TABLES.admin.get(opcode);
  const { fabrics, formatNvm } = ADMIN_COMMANDS;
  const has = handler ? handler.supported?.(personality) !== false : opcode === fabrics.opcode;
  if (!has || opcode === formatNvm.opcode) return;
  const { name } = adminOpcode(opcode);
  throw new UsageError(
    `Cannot inject sum: opcode ${formatOpcode(opcode)} is this drive's ${name}`,
    {
      next: "take one from 0xc0 to 0xff, which vendors may have, or 0x80",
    },
  );
}

/** The talk's fifth: an admin command of its own. */
export const sum = scenario({
  name: "sum",
  summary: "An admin command that answers with cdw10 + cdw11",
  effect: "nvme admin-passthru --opcode=0xc0 --cdw10=10 --cdw11=5 gives result 0xf",
  parameters: {
    // 80h, the talk's choice, is Format NVM; and bits 1:0 say which way data goes.
    opcode: number("Its opcode; the default is the first that vendors may have", {
      initial: 0xc0,
      max: 0xff,
    }),
  },
  create: ({ opcode }, drive) => {
    checkFree(opcode, drive);
    return {
      setup(taps) {
        taps.attach("nvme:admin:decode", (context) => {
          if (context.kind !== "command" || context.command.opcode !== opcode) return undefined;
          const { cdw10, cdw11 } = context.command;
          return { kind: "claim", dw0: (cdw10 + cdw11) >>> 0 };
        });
      },
    };
  },
});

export const writeFault = scenario({
  name: "write-fault",
  summary: "A write fails with Write Fault; with retry=yes the host may try again",
  effect: "retry=yes: the kernel retries and nobody notices; retry=no: critical medium error",
  parameters: { ...bounds({ count: 1 }), retry: word("May be retried", ["yes", "no"]) },
  create: (values) =>
    striking("nvme:io:decode", values, isPlainWrite, () => ({
      kind: "claim",
      status: { type: 2, code: 0x80, doNotRetry: values.retry === "no" },
    })),
});

export const status = scenario({
  name: "status",
  summary: "Commands complete with a status of your choice instead of being executed",
  effect: "whatever the host makes of that status",
  parameters: {
    ...bounds({ count: 1 }),
    queue: word("Which queue's commands", ["io", "admin"]),
    opcode: number("Only this opcode; 256 for any", { initial: 256, max: 256 }),
    sct: number("Status code type", { initial: 0, max: 7 }),
    sc: number("Status code", { initial: 6, max: 0xff }),
    dnr: word("Do Not Retry", ["no", "yes"]),
  },
  create: (values) =>
    striking(
      values.queue === "admin" ? "nvme:admin:decode" : "nvme:io:decode",
      values,
      ({ command }) => values.opcode === 256 || command.opcode === values.opcode,
      () => ({
        kind: "claim",
        status: { type: values.sct, code: values.sc, doNotRetry: values.dnr === "yes" },
      }),
    ),
});

export const hangIo = scenario({
  name: "hang-io",
  summary: "I/O commands never complete",
  effect: "after io_timeout: timeout, error recovery, reconnect; the I/O completes then",
  parameters: bounds({ count: 1 }),
  create: (values) => striking("nvme:io:decode", values, () => true, () => ({ kind: "drop" })),
});

export const hangAdmin = scenario({
  name: "hang-admin",
  summary: "Admin commands never complete, of any opcode or of one",
  effect: "queue 0: timeout request; error recovery, reconnect",
  parameters: {
    ...bounds({ count: 1 }),
    opcode: number("Only this opcode; 256 for any", { initial: 256, max: 256 }),
  },
  create: (values) =>
    striking(
      "nvme:admin:decode",
      values,
      // Asynchronous Event Requests never complete anyway.
      ({ command: { opcode } }) =>
        opcode !== ADMIN_COMMANDS.asyncEventRequest.opcode &&
        (values.opcode === 256 || opcode === values.opcode),
      () => ({ kind: "drop" }),
    ),
});

export const keepAliveSwallow = scenario({
  name: "keep-alive-swallow",
  summary: "Keep Alive commands never complete",
  effect: "queue 0: timeout request, long keepalive RTT; error recovery, reconnect",
  parameters: bounds({ count: 1 }),
  create: (values) =>
    striking(
      "nvme:admin:decode",
      values,
      ({ command }) => command.opcode === ADMIN_COMMANDS.keepAlive.opcode,
      () => ({ kind: "drop" }),
    ),
});

export const latency = scenario({
  name: "latency",
  summary: "Some I/O commands take longer: one in a hundred, or probability=100 for all",
  effect: "a tail in fio's latency percentiles",
  parameters: {
    ...bounds({ count: 0, probability: 1 }),
    ms: number("Milliseconds more", { initial: 100, min: 1, max: 600_000 }),
  },
  create: (values) =>
    striking("nvme:io:decode", values, () => true, () => ({ kind: "delay", ms: values.ms })),
});

export const slowDie = scenario({
  name: "slow-die",
  summary: "One die of several is slow: blocks are striped over them",
  effect: "every so many blocks fio's reads are slow",
  parameters: {
    ...bounds({ count: 0 }),
    ms: number("Milliseconds more", { initial: 50, min: 1, max: 600_000 }),
    dies: number("How many dies there are", { initial: 8, min: 1, max: 1024 }),
    die: number("Which one is slow", { initial: 3, max: 1023 }),
    stripe: number("Blocks in a row on one die", { initial: 32, min: 1 }),
  },
  create: (values) => {
    if (values.die >= values.dies) {
      const most = values.dies - 1;
      throw new UsageError(`Cannot inject slow-die: there is no die ${values.die} of 0 to ${most}`);
    }
    return striking(
      "nvme:io:decode",
      values,
      ({ command: { opcode, cdw10, cdw11 } }) => {
        const lba = cdw11 * 0x1_0000_0000 + cdw10;
        const die = Math.floor(lba / values.stripe) % values.dies;
        return (opcode === READ || opcode === WRITE) && die === values.die;
      },
      () => ({ kind: "delay", ms: values.ms }),
    );
  },
});

export const shortData = scenario({
  name: "short-data",
  summary: "Reads give less data than they were asked for",
  effect: "6.1.176: nothing, and what did not come is not there; later: short data-in, recovery",
  parameters: {
    ...bounds({ count: 1 }),
    bytes: number("How much they give", { initial: 512, min: 4 }),
  },
  create: (values) =>
    striking("nvme:io:data", values, isRead, ({ data }) => ({
      kind: "mutate",
      data: (data ?? new Uint8Array(0)).subarray(0, values.bytes),
    })),
});

export const badCid = scenario({
  name: "bad-cid",
  summary: "A completion carries the identifier of no command",
  effect: "could not locate request for tag, got bad cqe.command_id; error recovery",
  parameters: bounds({ count: 1 }),
  create: (values) =>
    striking("nvme:io:writeback", values, () => true, ({ cid }) => ({
      kind: "mutate",
      completion: { cid: cid ^ 0x0f55 },
    })),
});

export const duplicateCompletion = scenario({
  name: "duplicate-completion",
  summary: "A completion is posted twice",
  effect: "request genctr mismatch, got bad cqe.command_id; error recovery",
  parameters: bounds({ count: 1 }),
  create: (values) =>
    striking("nvme:io:writeback", values, () => true, () => ({
      kind: "mutate",
      completion: { copies: 2 },
    })),
});

export const lostCompletion = scenario({
  name: "lost-completion",
  summary: "A command is executed, and its completion lost",
  effect: "as hang-io, but the data is written",
  parameters: bounds({ count: 1 }),
  create: (values) => striking("nvme:io:writeback", values, () => true, () => ({ kind: "drop" })),
});

export const dropConnection = scenario({
  name: "drop-connection",
  summary: "The connection of an I/O command is closed, reset or terminated instead of an answer",
  effect: "error recovery, reconnect, the I/O survives; terminate: Received C2HTermReq before",
  parameters: {
    ...bounds({ count: 1 }),
    how: word("How it ends", ["close", "reset", "terminate"]),
    fes: number("Fatal Error Status of how=terminate", { initial: 2, min: 1, max: 6 }),
  },
  create: (values) =>
    striking("nvme:io:decode", values, () => true, () => ({
      kind: "disconnect",
      how: values.how as "close" | "reset" | "terminate",
      fes: values.fes,
    })),
});

export const firmwareRejected = scenario({
  name: "firmware-rejected",
  summary: "Firmware Commit says that the image is invalid",
  effect: "nvme fw-commit: Invalid Firmware Image",
  parameters: bounds({ count: 1 }),
  create: (values) =>
    striking(
      "nvme:admin:decode",
      values,
      ({ command }) => command.opcode === ADMIN_COMMANDS.firmwareCommit.opcode,
      () => ({ kind: "claim", status: { type: 1, code: 0x07, doNotRetry: true } }),
    ),
});

export const slowAdmin = scenario({
  name: "slow-admin",
  summary: "Admin commands of one opcode take longer",
  effect: "the command's caller waits; beyond the timeout as hang-admin",
  parameters: {
    ...bounds({ count: 1 }),
    opcode: number("The opcode", { initial: ADMIN_COMMANDS.identify.opcode, max: 0xff }),
    time: time("How long", 5000),
  },
  create: (values) =>
    striking(
      "nvme:admin:execute",
      values,
      ({ command }) => command.opcode === values.opcode,
      () => ({ kind: "delay", ms: values.time }),
    ),
});
