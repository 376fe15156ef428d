// The admin commands that only a drive with queues in memory has: creating and deleting I/O queues.

import {
  CreateIoCompletionQueueDwords,
  CreateIoSubmissionQueueDwords,
  DeleteIoQueueDwords,
} from "../../../spec/admin/io_queues.ts";
import { ADMIN_COMMANDS } from "../../../spec/opcode.ts";
import { COMMAND_SPECIFIC } from "../../../spec/status/command_specific.ts";
import { GENERIC } from "../../../spec/status/generic.ts";
import { parseDwords } from "../../../spec/words.ts";
import type { VirtualController } from "../../controller.ts";
import { currentValue } from "../../feature/feature.ts";
import { NumberOfQueues } from "../../feature/word_features.ts";
import { done, type Effects, type Handler } from "../../pipeline/handler.ts";
import { has } from "../../personality.ts";
import { inDword, refuse } from "../../refusal.ts";
import { largestQueue } from "../../registers.ts";
import { CompletionRing, ENTRY_BYTES, type RingPlace, SubmissionRing } from "./rings.ts";
import { fitsShadow, type ShadowPlace } from "./shadow_doorbells.ts";

/** The queues of a controller, as far as these commands change them. */
export interface QueueSet {
  readonly controller: VirtualController;
  readonly submissions: Map<number, SubmissionRing>;
  readonly completions: Map<number, CompletionRing>;
  /** The page size that CC.MPS stands for. */
  readonly pageBytes: number;
  /** How many interrupt vectors a queue can choose from, as things are switched. */
  readonly vectors: number;
  /** Turns to doorbells in memory; false where there are no two pages at these addresses. */
  shadow(place: ShadowPlace): boolean;
}

const EFFECTS: Effects = { scope: "controller" };
/** Bytes of an entry as CC has them: exponents of two. */
const IOSQES = Math.log2(ENTRY_BYTES.submission);
const IOCQES = Math.log2(ENTRY_BYTES.completion);
const LEAST_ENTRIES = 2;

/** The commands, by opcode. */
export function queueCommands(queues: QueueSet): ReadonlyMap<number, Handler> {
  const handlers: readonly Handler[] = [
    {
      opcode: ADMIN_COMMANDS.createIoCompletionQueue.opcode,
      nsid: "unused",
      effects: EFFECTS,
      execute: (_machine, { entry }) => createCompletionQueue(queues, entry),
    },
    {
      opcode: ADMIN_COMMANDS.createIoSubmissionQueue.opcode,
      nsid: "unused",
      effects: EFFECTS,
      execute: (_machine, { entry }) => createSubmissionQueue(queues, entry),
    },
    {
      opcode: ADMIN_COMMANDS.deleteIoSubmissionQueue.opcode,
      nsid: "unused",
      effects: EFFECTS,
      execute: (_machine, { entry }) => deleteSubmissionQueue(queues, entry),
    },
    {
      opcode: ADMIN_COMMANDS.deleteIoCompletionQueue.opcode,
      nsid: "unused",
      effects: EFFECTS,
      execute: (_machine, { entry }) => deleteCompletionQueue(queues, entry),
    },
    {
      opcode: ADMIN_COMMANDS.doorbellBufferConfig.opcode,
      nsid: "unused",
      effects: EFFECTS,
      supported: (personality) => has(personality, "doorbell-buffer") && fitsShadow(personality),
      execute: (_machine, { entry }) => configureDoorbellBuffer(queues, entry),
    },
  ];
  return new Map(handlers.map((handler) => [handler.opcode, handler]));
}

/** What the checks need of a command. */
interface Entry {
  readonly prp1: bigint;
  readonly prp2: bigint;
  readonly cdw10: number;
  readonly cdw11: number;
  readonly cdw12: number;
}

/** Create I/O Completion Queue [BASE-2.1 §5.2.1]. */
function createCompletionQueue(queues: QueueSet, entry: Entry): ReturnType<typeof done> {
  const { controller, completions } = queues;
  const { qid, qsize, flags, iv } = parseDwords(CreateIoCompletionQueueDwords, entry);
  const most = (currentValue(controller, NumberOfQueues) >>> 16) + 1;
  if (qid === 0 || qid > most || completions.has(qid)) {
    refuse(COMMAND_SPECIFIC.queueIdentifier, { location: inDword(10) });
  }
  checkSize(queues, qsize + 1, controller.registers.configuration.iocqes === IOCQES);
  checkPlace(queues, flags.pc, entry.prp1);
  if (iv >= queues.vectors) {
    refuse(COMMAND_SPECIFIC.interruptVector, { location: inDword(11, 16) });
  }
  const place: RingPlace = { qid, base: entry.prp1, entries: qsize + 1 };
  completions.set(qid, new CompletionRing(place, { vector: iv, interrupts: flags.ien }));
  return done();
}

/** Create I/O Submission Queue [BASE-2.1 §5.2.2]. */
function createSubmissionQueue(queues: QueueSet, entry: Entry): ReturnType<typeof done> {
  const { controller, submissions, completions } = queues;
  const { qid, qsize, flags, cqid } = parseDwords(CreateIoSubmissionQueueDwords, entry);
  const value = currentValue(controller, NumberOfQueues);
  if (qid === 0 || qid > (value & 0xffff) + 1 || submissions.has(qid)) {
    refuse(COMMAND_SPECIFIC.queueIdentifier, { location: inDword(10) });
  }
  checkSize(queues, qsize + 1, controller.registers.configuration.iosqes === IOSQES);
  checkPlace(queues, flags.pc, entry.prp1);
  // The admin completion queue is for nobody else.
  if (cqid === 0 || cqid > (value >>> 16) + 1) {
    refuse(COMMAND_SPECIFIC.queueIdentifier, { location: inDword(11, 16) });
  }
  const completion = completions.get(cqid);
  if (!completion) refuse(COMMAND_SPECIFIC.completionQueue, { location: inDword(11, 16) });
  const place: RingPlace = { qid, base: entry.prp1, entries: qsize + 1 };
  submissions.set(qid, new SubmissionRing(place, completion));
  return done();
}

/** Delete I/O Submission Queue [BASE-2.1 §5.2.4]: commands under way are gone without a word. */
function deleteSubmissionQueue(
  { controller, submissions }: QueueSet,
  entry: Entry,
): ReturnType<typeof done> {
  const { qid } = parseDwords(DeleteIoQueueDwords, entry);
  if (qid === 0 || !submissions.delete(qid)) {
    refuse(COMMAND_SPECIFIC.queueIdentifier, { location: inDword(10) });
  }
  controller.abandonAll(({ sqid }) => sqid === qid);
  return done();
}

/** Delete I/O Completion Queue [BASE-2.1 §5.2.3]: only when no submission queue posts to it. */
function deleteCompletionQueue(
  { submissions, completions }: QueueSet,
  entry: Entry,
): ReturnType<typeof done> {
  const { qid } = parseDwords(DeleteIoQueueDwords, entry);
  const ring = completions.get(qid);
  if (qid === 0 || !ring) refuse(COMMAND_SPECIFIC.queueIdentifier, { location: inDword(10) });
  if ([...submissions.values()].some(({ completion }) => completion === ring)) {
    refuse(COMMAND_SPECIFIC.queueDeletion, { location: inDword(10) });
  }
  completions.delete(qid);
  return done();
}

/** Doorbell Buffer Config [BASE-2.1 §5.2.5]: two buffers, each of which is a page. */
function configureDoorbellBuffer(
  queues: QueueSet,
  { prp1, prp2 }: Pick<Entry, "prp1" | "prp2">,
): ReturnType<typeof done> {
  const within = BigInt(queues.pageBytes - 1);
  if ((prp1 & within) !== 0n) refuse(GENERIC.prpOffset, { location: inDword(6) });
  if ((prp2 & within) !== 0n) refuse(GENERIC.prpOffset, { location: inDword(8) });
  if (!queues.shadow({ doorbells: prp1, eventIndexes: prp2 })) {
    refuse(GENERIC.invalidField, { location: inDword(6) });
  }
  return done();
}

/** No queue can be made before the host has said how large entries are [BASE-2.1 §3.1.4.5]. */
function checkSize({ controller }: QueueSet, entries: number, entrySizeSet: boolean): void {
  if (entries < LEAST_ENTRIES || entries > largestQueue(controller.personality) || !entrySizeSet) {
    refuse(COMMAND_SPECIFIC.queueSize, { location: inDword(10, 16) });
  }
}

/** Queues are contiguous (CAP.CQR), and begin with a page. */
function checkPlace({ pageBytes }: QueueSet, contiguous: boolean, prp1: bigint): void {
  if (!contiguous) refuse(GENERIC.invalidField, { location: inDword(11) });
  if ((prp1 & BigInt(pageBytes - 1)) !== 0n) refuse(GENERIC.prpOffset, { location: inDword(6) });
}
