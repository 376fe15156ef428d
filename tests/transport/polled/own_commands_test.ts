// The driver's own commands, dword by dword [BASE-2.1 §5.2.1, §5.2.2, §5.1.1].

import { assertEquals } from "@std/assert";
import { HostMemory } from "../../../src/drive/face/register/host_memory.ts";
import { isDriversOwn } from "../../../src/transport/polled/allow_list.ts";
import { allocateBuffer } from "../../../src/transport/polled/buffers.ts";
import * as own from "../../../src/transport/polled/own_commands.ts";
import { QueuePair } from "../../../src/transport/polled/queue_pair.ts";
import { scriptedDevice } from "./rig.ts";

const dma = new HostMemory();
const pair = new QueuePair({ bar0: scriptedDevice().bar0, dma }, { qid: 3, entries: 64, dstrd: 0 });

Deno.test("the driver's own commands say what the specification wants of them", () => {
  const shape = ({ opcode, cdw10, cdw11, prp1 }: ReturnType<typeof own.abort>) => [
    opcode,
    cdw10 ?? 0,
    cdw11 ?? 0,
    prp1 ?? 0,
  ];
  // Contiguous, no interrupts, vector 0.
  const completions = Number(pair.completionIova);
  assertEquals(shape(own.createCompletionQueue(pair)), [0x05, 0x003f_0003, 1, completions]);
  const submissions = Number(pair.submissionIova);
  assertEquals(shape(own.createSubmissionQueue(pair)), [
    0x01,
    0x003f_0003,
    0x0003_0001,
    submissions,
  ]);
  assertEquals(shape(own.deleteSubmissionQueue(pair)), [0x00, 3, 0, 0]);
  assertEquals(shape(own.deleteCompletionQueue(pair)), [0x04, 3, 0, 0]);
  assertEquals(shape(own.abort(pair, 0x1234)), [0x08, 0x1234_0003, 0, 0]);
  assertEquals(shape(own.askForQueues()), [0x09, 7, 0, 0]);
  assertEquals(shape(own.identifyController(allocateBuffer(dma, 4096, dma))), [0x06, 1, 0, 0]);
});

Deno.test("all of them are on the driver's own list", () => {
  const commands = [
    own.createCompletionQueue(pair),
    own.createSubmissionQueue(pair),
    own.deleteSubmissionQueue(pair),
    own.deleteCompletionQueue(pair),
    own.abort(pair, 1),
    own.askForQueues(),
    own.identifyController(allocateBuffer(dma, 4096, dma)),
  ];
  assertEquals(commands.filter((command) => !isDriversOwn(command)), []);
});

Deno.test("an Abort has aborted when bit 0 of its result is clear, and only if it succeeded", () => {
  assertEquals(own.hasAborted({ status: 0, result: 0n }), true);
  assertEquals(own.hasAborted({ status: 0, result: 0xffff_ffff_ffff_fffen }), true);
  assertEquals(own.hasAborted({ status: 0, result: 1n }), false);
  assertEquals(own.hasAborted({ status: 0x0103, result: 0n }), false);
});
