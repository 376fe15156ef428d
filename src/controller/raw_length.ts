// How much a command composed by hand moves, by the command itself. Whoever gives it less memory
// lets the drive go on to an address that nobody chose: page 0, where there is no memory at all.

import { FABRICS, type RawCommand, rawDirection } from "./raw_command.ts";
import { getFeatureBytes, setFeatureBytes } from "./raw_features.ts";

/** What one block of a namespace moves as. */
export interface BlockShape {
  readonly blockBytes: number;
  readonly metadataBytes: number;
  /** Whether the metadata goes with the data, at the end of each block. */
  readonly inline: boolean;
  /** Bytes of protection information with each block; 0 where there is none. */
  readonly protectionBytes: number;
}

/** What the command's length depends on beside the command. */
export interface TransferContext {
  /** The namespace's blocks; left out where it has none that are known. */
  readonly shape?: BlockShape | undefined;
  /** The namespace holds keys and values, not blocks. */
  readonly keyValue?: boolean;
}

/** What a command moves at least. */
export interface ExpectedTransfer {
  /** Bytes of data; `some` where the bits say that there is data and nobody tells how much. */
  readonly data: number | "some";
  /** Bytes of metadata in a buffer of its own. */
  readonly metadata: number;
}

const READ = 0x02;
const WRITE = 0x01;
const COMPARE = 0x05;
const ZONE_APPEND = 0x7d;
const CONNECT = 0x01;
const CONNECT_BYTES = 1024;
const PRACT = 0x20000000;

/** Large enough for nearly every block of a namespace that does not tell its format. */
const UNKNOWN_SHAPE: BlockShape = {
  blockBytes: 4096,
  metadataBytes: 0,
  inline: false,
  protectionBytes: 0,
};

/** A rule: bytes of data by the command's dwords, all of which are there. */
type Rule = (dwords: Required<RawCommand>) => number | "some";

/** A 0's based count of dwords. */
const dwords = (zeroBased: number): number => (zeroBased + 1) * 4;

/** Whether a Directive Send has data: enabling a type and releasing streams do not. */
const directiveSend: Rule = ({ cdw10, cdw11 }) => {
  const [operation, type] = [cdw11 & 0xff, cdw11 >>> 8 & 0xff];
  const bare = (type === 0 && operation === 1) ||
    (type === 1 && (operation === 1 || operation === 2));
  return bare ? 0 : dwords(cdw10);
};

/** Whether a Directive Receive has data: allocating streams answers in the completion. */
const directiveReceive: Rule = ({ cdw10, cdw11 }) =>
  (cdw11 & 0xffff) === 0x0103 ? 0 : dwords(cdw10);

/** Creating a namespace sends its description, deleting one nothing [BASE-2.1 §5.1.21]. */
const namespaceManagement: Rule = ({ cdw10 }) => [4096, 0][cdw10 & 0xf] ?? "some";

const ADMIN: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  // Get Log Page: NUMDL, NUMDU.
  [0x02, ({ cdw10, cdw11 }) => dwords((cdw11 & 0xffff) * 0x10000 + (cdw10 >>> 16))],
  [0x06, () => 4096],
  [0x09, setFeatureBytes],
  [0x0a, getFeatureBytes],
  [0x0d, namespaceManagement],
  // Firmware Image Download.
  [0x11, ({ cdw10 }) => dwords(cdw10)],
  // Namespace Attachment: a controller list.
  [0x15, () => 4096],
  [0x19, directiveSend],
  [0x1a, directiveReceive],
  // Security Send and Receive: AL.
  [0x81, ({ cdw11 }) => cdw11],
  [0x82, ({ cdw11 }) => cdw11],
  // Get LBA Status: MNDW.
  [0x86, ({ cdw12 }) => dwords(cdw12)],
]);

/** Source ranges have 32 bytes, those with a 64-bit guard 40 [NVM-1.1 §3.3.2]. */
const copy: Rule = ({ cdw12 }) => {
  const format = cdw12 >>> 8 & 0xf;
  return ((cdw12 & 0xff) + 1) * (format === 0 || format === 2 || format === 4 ? 32 : 40);
};

/** Reclaim unit handles: two bytes for each placement identifier [BASE-2.1 §7.4]. */
const ioManagementSend: Rule = ({ cdw10 }) => {
  const operation = cdw10 & 0xff;
  if (operation === 0) return 0;
  return operation === 1 ? ((cdw10 >>> 16) + 1) * 2 : "some";
};

const IO: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  // Dataset Management: ranges of 16 bytes.
  [0x09, ({ cdw10 }) => ((cdw10 & 0xff) + 1) * 16],
  // Reservation Register, Report, Acquire and Release.
  [0x0d, () => 16],
  [0x0e, ({ cdw10 }) => dwords(cdw10)],
  [0x11, () => 16],
  [0x15, () => 8],
  // I/O Management Receive.
  [0x12, ({ cdw11 }) => dwords(cdw11)],
  [0x19, copy],
  [0x1d, ioManagementSend],
  // Zone Management Send: only setting a descriptor extension sends one.
  [0x79, ({ cdw13 }) => (cdw13 & 0xff) === 0x10 ? "some" : 0],
  // Zone Management Receive.
  [0x7a, ({ cdw12 }) => dwords(cdw12)],
]);

/** Store and Retrieve: the size of the value. List: the size of the buffer [KV-1.1]. */
const KEY_VALUE: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  [0x01, ({ cdw10 }) => cdw10],
  [0x02, ({ cdw10 }) => cdw10],
  [0x06, ({ cdw10 }) => cdw10],
]);

/** Whether the command moves logical blocks, so that the namespace's format tells how much. */
export function movesBlocks({ queue, opcode }: RawCommand): boolean {
  return queue === "io" && [READ, WRITE, COMPARE, ZONE_APPEND].includes(opcode);
}

/**
 * What the command moves at least, by what the specification says of it. Pure. A command without
 * data by bits 1:0 moves none; one with data that no rule is about moves `some`.
 */
export function expectedTransfer(
  command: RawCommand,
  { shape, keyValue = false }: TransferContext = {},
): ExpectedTransfer {
  const { queue, opcode } = command;
  if (rawDirection(command) === "none") return { data: 0, metadata: 0 };
  if (opcode === FABRICS) {
    const connects = ((command.nsid ?? 0) & 0xff) === CONNECT;
    return { data: connects ? CONNECT_BYTES : "some", metadata: 0 };
  }
  if (movesBlocks(command) && !keyValue) {
    return blockTransfer(command, shape ?? UNKNOWN_SHAPE);
  }
  const rules = queue === "admin" ? ADMIN : keyValue ? KEY_VALUE : IO;
  const rule = rules.get(opcode) ?? (keyValue ? IO.get(opcode) : undefined);
  return { data: rule ? rule(whole(command)) : "some", metadata: 0 };
}

/** Blocks, with their metadata where it goes with them; NLB is 0's based [NVM-1.1 §3.3.4]. */
function blockTransfer(
  { opcode, cdw12 = 0 }: RawCommand,
  { blockBytes, metadataBytes, inline, protectionBytes }: BlockShape,
): ExpectedTransfer {
  const blocks = (cdw12 & 0xffff) + 1;
  // With PRACT the drive inserts and strips metadata that is nothing but protection information.
  const bare = opcode !== COMPARE && (cdw12 & PRACT) !== 0 && protectionBytes > 0 &&
    metadataBytes === protectionBytes;
  const moved = bare ? 0 : metadataBytes;
  return inline
    ? { data: blocks * (blockBytes + moved), metadata: 0 }
    : { data: blocks * blockBytes, metadata: blocks * moved };
}

/** The command with every field that it leaves out zero. */
function whole(command: RawCommand): Required<RawCommand> {
  return {
    flags: 0,
    nsid: 0,
    cdw2: 0,
    cdw3: 0,
    cdw10: 0,
    cdw11: 0,
    cdw12: 0,
    cdw13: 0,
    cdw14: 0,
    cdw15: 0,
    timeoutMs: 0,
    ...command,
  };
}
