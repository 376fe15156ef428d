// The dwords that create and delete queues, against those that other programs write.

import { assertEquals } from "@std/assert";
import {
  CreateIoCompletionQueueDwords,
  CreateIoSubmissionQueueDwords,
  DeleteIoQueueDwords,
} from "../../../src/spec/admin/io_queues.ts";
import { composeDwords, parseDwords } from "../../../src/spec/words.ts";

Deno.test("Create I/O Completion Queue has identifier and size in dword 10, the vector in 11", () => {
  // The Linux driver: qid 3, 1024 entries, contiguous, interrupts, vector 5.
  const dwords = { cdw10: 0x03ff_0003, cdw11: 0x0005_0003 };
  const { qid, qsize, flags, iv } = parseDwords(CreateIoCompletionQueueDwords, dwords);
  assertEquals({ qid, qsize: Number(qsize), iv }, { qid: 3, qsize: 1023, iv: 5 });
  assertEquals([flags.pc, flags.ien], [true, true]);
  const composed = composeDwords(CreateIoCompletionQueueDwords, { qid, qsize, flags, iv });
  assertEquals([composed.cdw10, composed.cdw11], [0x03ff_0003, 0x0005_0003]);
});

Deno.test("Create I/O Submission Queue has the completion queue in dword 11, a set in 12", () => {
  const dwords = { cdw10: 0x001f_0002, cdw11: 0x0007_0005, cdw12: 9 };
  const { qid, qsize, flags, cqid, nvmsetid } = parseDwords(CreateIoSubmissionQueueDwords, dwords);
  assertEquals({ qid, qsize: Number(qsize), cqid, nvmsetid }, {
    qid: 2,
    qsize: 31,
    cqid: 7,
    nvmsetid: 9,
  });
  assertEquals([flags.pc, flags.qprio], [true, 2]);
});

Deno.test("deleting a queue takes its identifier", () => {
  assertEquals(parseDwords(DeleteIoQueueDwords, { cdw10: 0xffff_0004 }).qid, 4);
});
