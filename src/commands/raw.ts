// nvmectl raw: one command, every dword by hand.

import {
  command,
  type Context,
  type DestroyPlan,
  type FlagValues,
  type Invocation,
} from "../cli/command.ts";
import { statusJson } from "../cli/failure.ts";
import { integer, text } from "../cli/flags.ts";
import { type Block, type Fact, facts, heading, type Report } from "../cli/report.ts";
import type { Drive } from "../controller/drive.ts";
import {
  checkOwner,
  checkTransfer,
  maySlow,
  type RawCommand,
  rawInfo,
  type RawOutcome,
  rawTitle,
  type RawTransfer,
  sendRaw,
} from "../controller/raw.ts";
import { transferContext } from "../controller/raw_context.ts";
import { type Judgement, judgeOn } from "../controller/raw_effect.ts";
import { InterruptedError, UsageError } from "../errors.ts";
import { exactDigits, formatCount, type JsonObject, toHex } from "../layout/mod.ts";
import { ALL_NAMESPACES } from "../spec/command.ts";
import { decodeStatus, formatStatus } from "../spec/status/status.ts";
import type { Queue } from "../transport/transport.ts";

const DWORD_MAX = 0xffffffff;
/** More than any drive moves in one command, and what can still be mapped at once. */
const TRANSFER_MAX = 0x10000000;

const QUEUES = ["admin", "io"] as const;

const FLAGS = {
  opcode: integer("Opcode; required", { max: 0xff, value: "OPCODE" }),
  nsid: integer("Namespace; without it none (admin), or the target's own (io)", { max: DWORD_MAX }),
  flags: integer("Byte 1 of the command: fused operation, data pointer kind", { max: 0xff }),
  cdw2: dword(2),
  cdw3: dword(3),
  cdw10: dword(10),
  cdw11: dword(11),
  cdw12: dword(12),
  cdw13: dword(13),
  cdw14: dword(14),
  cdw15: dword(15),
  dataIn: integer("Read so many bytes", { min: 1, max: TRANSFER_MAX, value: "BYTES" }),
  dataOut: text("Send the bytes of FILE", "FILE"),
  metadataIn: integer("Read so many bytes of metadata", {
    min: 1,
    max: TRANSFER_MAX,
    value: "BYTES",
  }),
  metadataOut: text("Send the bytes of FILE as metadata", "FILE"),
  save: text("Write the data that was read to FILE, whole or not at all", "FILE"),
  saveMetadata: text("Write the metadata that was read to FILE", "FILE"),
} as const;

type RawFlags = FlagValues<typeof FLAGS>;

function dword(number: number): ReturnType<typeof integer> {
  return integer(`Command dword ${number}`, { max: DWORD_MAX });
}

export const raw = command({
  name: "raw",
  group: "Change",
  summary: "Send one command, every dword by hand",
  description: `What a command may do is judged by its opcode, by the parameters that decide it (the
feature, the commit action) and by the drive's effects log (05h): reads and commands that
only change settings are sent; one that may destroy data is confirmed like a format. The
log can only make a judgement worse. An opcode or a feature that the specification does
not define, a vendor's among them, always counts as destructive.
The direction of the data must agree with bits 1:0 of the opcode; where they say that
there is data either way, it can only be sent. Less data than the command moves is
refused, as the drive would go on to memory that nobody gave it; more is allowed. How
much an undefined command moves is for you to know.
Queues, the host's memory and asynchronous events belong to the kernel where it drives
the controller; commands about them are then not sent at all.
Exit status 3 means that the drive refused; the status is then named.`,
  effect: "destroy",
  target: "drive",
  positionals: [{ name: "QUEUE", help: "The queue that the command goes to", choices: QUEUES }],
  flags: FLAGS,
  formats: ["table", "json", "raw"],
  examples: [
    [
      "nvmectl raw admin /dev/nvme0 --opcode 0x06 --cdw10 1 --data-in 4096",
      "Identify Controller as a hex dump",
    ],
    [
      "nvmectl raw io /dev/nvme0n1 --opcode 2 --cdw12 7 --data-in 4096 --save first.bin",
      "the first eight blocks of 512 bytes, into a file",
    ],
    [
      "nvmectl raw admin /dev/nvme0 --opcode 0x80 --nsid 1 --cdw10 0x200 --dry-run",
      "what a Format NVM would look like; nothing is sent",
    ],
    [
      "nvmectl raw admin virtual: --opcode 0x0a --cdw10 7 -o json",
      "Get Features, Number of Queues; the answer is in the result",
    ],
  ],
  async run(context, input) {
    const queue = queueOf(input);
    const { flags } = input;
    if (flags.opcode === undefined) {
      throw new UsageError("Cannot run raw: --opcode is missing", {
        next: "nvmectl explain opcode lists the opcodes",
      });
    }
    await checkDestinations(context, flags);
    const transfer = await transferOf(context, flags);
    const drive = await context.openDrive();
    const sent = { ...commandOf(queue, flags), nsid: namespaceOf(drive, queue, flags.nsid) };
    checkOwner(drive, sent);
    checkTransfer(sent, transfer, await transferContext(drive, sent));
    const judgement = await judgeOn(drive, sent);
    const claim = judgement.effect === "destroy"
      ? await context.confirm(planOf(drive, sent, judgement))
      : undefined;
    const outcome = await holding(claim, () =>
      sendRaw(drive, sent, transfer, {
        signal: maySlow(sent) ? context.signal : undefined,
        onRefused: ({ result }) => {
          if (result !== 0n) context.notice(`the refusal came with result ${hexResult(result)}`);
        },
      }));
    if (!context.dryRun) await save(context, flags, outcome);
    return report(drive, sent, { outcome, flags });
  },
});

/**
 * Sends under the claim, and gives it up afterwards: but not where a signal ended the wait. The
 * kernel is then still carrying the command out, and the claim ends with the process.
 */
async function holding<T>(claim: Disposable | undefined, send: () => Promise<T>): Promise<T> {
  let running = false;
  try {
    return await send();
  } catch (error) {
    running = error instanceof InterruptedError;
    throw error;
  } finally {
    if (!running) claim?.[Symbol.dispose]();
  }
}

function queueOf({ words: [typed = ""] }: Invocation<typeof FLAGS>): Queue {
  const queue = QUEUES.find((word) => word === typed);
  if (queue) return queue;
  throw new UsageError(
    `Cannot use queue ${JSON.stringify(typed)}: need one of ${QUEUES.join(", ")}`,
  );
}

/** Refuses, before anything is sent, what could not be delivered afterwards. */
async function checkDestinations(
  { files, format, dryRun }: Context,
  flags: RawFlags,
): Promise<void> {
  if (flags.save !== undefined && flags.dataIn === undefined) {
    throw new UsageError("Cannot save data: none is read, need --data-in");
  }
  if (flags.saveMetadata !== undefined && flags.metadataIn === undefined) {
    throw new UsageError("Cannot save metadata: none is read, need --metadata-in");
  }
  if (format === "raw" && flags.dataIn === undefined && !dryRun) {
    throw new UsageError("Cannot write the data raw: none is read, need --data-in");
  }
  if (dryRun) return;
  for (const path of [flags.save, flags.saveMetadata]) {
    if (path !== undefined) await files.probe(path);
  }
}

async function transferOf({ files }: Context, flags: RawFlags): Promise<RawTransfer> {
  const { dataIn, dataOut, metadataIn, metadataOut } = flags;
  return {
    dataIn,
    dataOut: dataOut === undefined ? undefined : await files.read(dataOut),
    metadataIn,
    metadataOut: metadataOut === undefined ? undefined : await files.read(metadataOut),
  };
}

function commandOf(queue: Queue, flags: RawFlags): RawCommand {
  const { opcode = 0, flags: byte1 = 0, cdw2 = 0, cdw3 = 0 } = flags;
  const { cdw10 = 0, cdw11 = 0, cdw12 = 0, cdw13 = 0, cdw14 = 0, cdw15 = 0 } = flags;
  return {
    queue,
    opcode,
    flags: byte1,
    cdw2,
    cdw3,
    cdw10,
    cdw11,
    cdw12,
    cdw13,
    cdw14,
    cdw15,
  };
}

/** An admin command without a namespace is about the controller; an I/O command needs one. */
function namespaceOf(drive: Drive, queue: Queue, asked: number | undefined): number {
  const chosen = asked ?? (queue === "io" ? drive.nsid : 0);
  if (chosen !== undefined) return chosen;
  throw new UsageError(
    `Cannot send an I/O command: ${drive.target} names no namespace, need --nsid`,
    { next: "nvmectl identify --namespaces lists them" },
  );
}

function planOf(drive: Drive, sent: RawCommand, { reason, namespaces }: Judgement): DestroyPlan {
  return { drive, action: `Send ${rawTitle(sent)} to ${scopeText(sent)}, ${reason}`, namespaces };
}

function scopeText({ nsid = 0 }: RawCommand): string {
  if (nsid === ALL_NAMESPACES) return "all namespaces";
  return nsid === 0 ? "the controller" : `namespace ${nsid}`;
}

async function save({ files }: Context, flags: RawFlags, outcome: RawOutcome): Promise<void> {
  if (flags.save !== undefined && outcome.data) await files.write(flags.save, outcome.data);
  if (flags.saveMetadata !== undefined && outcome.metadata) {
    await files.write(flags.saveMetadata, outcome.metadata);
  }
}

function report(
  drive: Drive,
  sent: RawCommand,
  { outcome, flags }: { readonly outcome: RawOutcome; readonly flags: RawFlags },
): Report {
  const { status, result, data, metadata } = outcome;
  const { queue, opcode, nsid = 0 } = sent;
  const json: JsonObject = {
    device: drive.target,
    queue,
    opcode: { value: opcode, text: rawInfo(sent).name },
    nsid,
    status: statusJson(status),
    result: Number(result),
    ...exactDigits("result", result),
    result_hex: hexResult(result),
    dword_0: Number(result & 0xffffffffn),
    dword_1: Number(result >> 32n),
    ...broughtJson("data", data, flags.save),
    ...broughtJson("metadata", metadata, flags.saveMetadata),
  };
  const context = { queue, opcode };
  const rows: readonly Fact[] = [
    ["Status", formatStatus(decodeStatus(status), context, "flags")],
    ["Result", `${hexResult(result)} (${formatCount(result)})`],
    ["Dword 0", dwordText(result & 0xffffffffn)],
    ["Dword 1", dwordText(result >> 32n)],
    ...broughtFact("Data", data, flags.save),
    ...broughtFact("Metadata", metadata, flags.saveMetadata),
  ];
  return {
    json,
    blocks: [
      heading(`${drive.target}  ${rawTitle(sent)}`),
      facts(rows),
      ...dump("Data", data, flags.save),
      ...dump("Metadata", metadata, flags.saveMetadata),
    ],
    ...(data ? { raw: data } : {}),
  };
}

function hexResult(result: bigint): string {
  return `0x${result.toString(16).padStart(16, "0")}`;
}

function dwordText(value: bigint): string {
  return `0x${value.toString(16).padStart(8, "0")} (${formatCount(value)})`;
}

/** What was read for a machine: the bytes themselves, or where they were saved. */
function broughtJson(
  key: string,
  bytes: Uint8Array | undefined,
  saved: string | undefined,
): JsonObject {
  if (bytes === undefined) return {};
  const content = saved === undefined ? { [key]: toHex(bytes) } : { [`${key}_saved`]: saved };
  return { [`${key}_length`]: bytes.length, ...content };
}

function broughtFact(
  label: string,
  bytes: Uint8Array | undefined,
  saved: string | undefined,
): readonly Fact[] {
  if (bytes === undefined) return [];
  const where = saved === undefined ? "" : `, saved to ${saved}`;
  return [[label, `${formatCount(bytes.length)} bytes${where}`]];
}

function dump(
  title: string,
  bytes: Uint8Array | undefined,
  saved: string | undefined,
): readonly Block[] {
  return bytes === undefined || saved !== undefined ? [] : [heading(title), { kind: "hex", bytes }];
}
