// The command dwords that create and delete I/O queues.

import {
  at,
  bit,
  bits,
  type Names,
  range,
  reserved,
  struct,
  u16,
  zeroBasedCount,
} from "../../layout/mod.ts";

/** Urgency of a submission queue, by QPRIO [BASE-2.1 §5.2.2, Fig. 479]. */
const QPRIO_NAMES: Names = { 0: "urgent", 1: "high", 2: "medium", 3: "low" };

/** Command dwords 10 and 11 of Create I/O Completion Queue. */
export const CreateIoCompletionQueueDwords = struct(
  "Create I/O Completion Queue command dwords",
  8,
  "[BASE-2.1 §5.2.1, Fig. 475]",
  [
    at(0, 1, "qid", u16, "Queue identifier"),
    at(2, 3, "qsize", zeroBasedCount(u16), "Queue size"),
    at(
      4,
      5,
      "flags",
      bits(u16, { pc: bit(0, "physically contiguous"), ien: bit(1, "interrupts enabled") }),
      "Flags",
    ),
    at(6, 7, "iv", u16, "Interrupt vector"),
  ],
);

/** Command dwords 10 to 12 of Create I/O Submission Queue. */
export const CreateIoSubmissionQueueDwords = struct(
  "Create I/O Submission Queue command dwords",
  12,
  "[BASE-2.1 §5.2.2, Fig. 479]",
  [
    at(0, 1, "qid", u16, "Queue identifier"),
    at(2, 3, "qsize", zeroBasedCount(u16), "Queue size"),
    at(
      4,
      5,
      "flags",
      bits(u16, {
        pc: bit(0, "physically contiguous"),
        qprio: range(2, 1, "priority", { names: QPRIO_NAMES }),
      }),
      "Flags",
    ),
    at(6, 7, "cqid", u16, "Completion queue identifier"),
    at(8, 9, "nvmsetid", u16, "NVM set identifier"),
    reserved(10, 11),
  ],
);

/** Command dword 10 of Delete I/O Submission Queue and Delete I/O Completion Queue. */
export const DeleteIoQueueDwords = struct(
  "Delete I/O Queue command dword",
  4,
  "[BASE-2.1 §5.2.3, Fig. 482]",
  [at(0, 1, "qid", u16, "Queue identifier"), reserved(2, 3)],
);
