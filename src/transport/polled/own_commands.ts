// The commands that the driver sends for itself: limits, I/O queues, aborting. Values only.

import { AbortDword, AbortResult } from "../../spec/admin/abort.ts";
import {
  CreateIoCompletionQueueDwords,
  CreateIoSubmissionQueueDwords,
  DeleteIoQueueDwords,
} from "../../spec/admin/io_queues.ts";
import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { composeDwords, decodeWords } from "../../spec/words.ts";
import type { Completion, DataBuffer } from "../transport.ts";
import type { OwnCommand } from "./entry.ts";
import { dmaAddress } from "./prp.ts";
import type { QueuePair } from "./queue_pair.ts";

/** The Identify Controller data structure [BASE-2.1 §5.1.13.1, Fig. 310]. */
const CNS_CONTROLLER = 0x01;
const CNS_NAMESPACE = 0x00;
const CNS_DESCRIPTORS = 0x03;
const NUMBER_OF_QUEUES = 0x07;
/** One submission and one completion queue: both counts are 0's based. */
const ONE_OF_EACH = 0;

/** Identify Controller, into 4096 bytes [BASE-2.1 §5.1.13.2.1]. */
export function identifyController(data: DataBuffer): OwnCommand {
  const { opcode } = ADMIN_COMMANDS.identify;
  return { queue: "admin", opcode, cdw10: CNS_CONTROLLER, direction: "in", data };
}

/** Identify Namespace for the NVM Command Set, into 4096 bytes [BASE-2.1 §5.1.13.2.1, Fig. 311]. */
export function identifyNamespace(nsid: number, data: DataBuffer): OwnCommand {
  const { opcode } = ADMIN_COMMANDS.identify;
  return { queue: "admin", opcode, nsid, cdw10: CNS_NAMESPACE, direction: "in", data };
}

/** Namespace Identification Descriptor list, into 4096 bytes [BASE-2.1 §5.1.13.2.3]. */
export function namespaceDescriptors(nsid: number, data: DataBuffer): OwnCommand {
  const { opcode } = ADMIN_COMMANDS.identify;
  return { queue: "admin", opcode, nsid, cdw10: CNS_DESCRIPTORS, direction: "in", data };
}

/** Set Features, Number of Queues: one of each [BASE-2.1 §5.1.25.2.1, Fig. 443]. */
export function askForQueues(): OwnCommand {
  const { opcode } = ADMIN_COMMANDS.setFeatures;
  return { queue: "admin", opcode, cdw10: NUMBER_OF_QUEUES, cdw11: ONE_OF_EACH };
}

/** Create I/O Completion Queue: contiguous, without interrupts [BASE-2.1 §5.2.1]. */
export function createCompletionQueue({ qid, entries, completionIova }: QueuePair): OwnCommand {
  const flags = { pc: true, ien: false };
  return {
    queue: "admin",
    opcode: ADMIN_COMMANDS.createIoCompletionQueue.opcode,
    prp1: dmaAddress(completionIova),
    ...composeDwords(CreateIoCompletionQueueDwords, { qid, qsize: entries - 1, flags, iv: 0 }),
  };
}

/** Create I/O Submission Queue of the same number: contiguous [BASE-2.1 §5.2.2]. */
export function createSubmissionQueue({ qid, entries, submissionIova }: QueuePair): OwnCommand {
  const flags = { pc: true };
  const value = { qid, qsize: entries - 1, flags, cqid: qid, nvmsetid: 0 };
  return {
    queue: "admin",
    opcode: ADMIN_COMMANDS.createIoSubmissionQueue.opcode,
    prp1: dmaAddress(submissionIova),
    ...composeDwords(CreateIoSubmissionQueueDwords, value),
  };
}

/** Delete I/O Submission Queue [BASE-2.1 §5.2.4]: before its completion queue. */
export function deleteSubmissionQueue({ qid }: QueuePair): OwnCommand {
  return deletion(ADMIN_COMMANDS.deleteIoSubmissionQueue.opcode, qid);
}

/** Delete I/O Completion Queue [BASE-2.1 §5.2.3]. */
export function deleteCompletionQueue({ qid }: QueuePair): OwnCommand {
  return deletion(ADMIN_COMMANDS.deleteIoCompletionQueue.opcode, qid);
}

/** Abort of a command by its identifier [BASE-2.1 §5.1.1, Fig. 143]. */
export function abort({ qid }: QueuePair, cid: number): OwnCommand {
  return {
    queue: "admin",
    opcode: ADMIN_COMMANDS.abort.opcode,
    ...composeDwords(AbortDword, { cdw10: { sqid: qid, cid } }),
  };
}

/** Whether an Abort says that it has ended its command [BASE-2.1 §5.1.1, Fig. 144]. */
export function hasAborted({ status, result }: Completion): boolean {
  return status === 0 && !decodeWords(AbortResult, [Number(result & 0xffff_ffffn)]).dw0.ianp;
}

function deletion(opcode: number, qid: number): OwnCommand {
  return { queue: "admin", opcode, ...composeDwords(DeleteIoQueueDwords, { qid }) };
}
