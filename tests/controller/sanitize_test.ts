// Sanitize: what each wish is as a command, what is refused first, and waiting for the end.

import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import {
  exitSanitizeFailure,
  followSanitize,
  planSanitize,
  readSanitize,
  sanitizeProgressOf,
  startSanitize,
} from "../../src/controller/sanitize.ts";
import { DeadlineError, UnsupportedError, UsageError } from "../../src/errors.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { SanitizeLog } from "../../src/spec/log/sanitize.ts";
import { FakeClock, virtualDrive } from "../support/context.ts";
import { scriptedTransport } from "../support/scripted.ts";

const ALL = { ces: true, bes: true, ows: true } as const;
const SIGNAL = new AbortController().signal;

function can(sanicap: Record<string, boolean | number>): Pick<IdentifyController, "sanicap"> {
  return IdentifyController.decode(IdentifyController.encode({ sanicap }));
}

function log(fields: Parameters<typeof SanitizeLog.encode>[0] = {}): SanitizeLog {
  return SanitizeLog.decode(SanitizeLog.encode(fields));
}

Deno.test("each operation and option is its bits of command dwords 10 and 11", () => {
  const dwords = (wish: Parameters<typeof planSanitize>[2]): readonly number[] => {
    const { cdw10, cdw11 } = planSanitize(can(ALL), log(), wish);
    return [cdw10, cdw11];
  };
  assertEquals(dwords({ method: "block" }), [0x002, 0]);
  assertEquals(dwords({ method: "crypto" }), [0x004, 0]);
  assertEquals(dwords({ method: "overwrite" }), [0x013, 0]);
  assertEquals(dwords({ method: "overwrite", passes: 16 }), [0x003, 0], "16 passes are zero");
  assertEquals(
    dwords({ method: "overwrite", passes: 3, pattern: 0xa5a5a5a5, invert: true }),
    [0x133, 0xa5a5a5a5],
  );
  assertEquals(dwords({ method: "block", noDeallocate: true }), [0x202, 0]);
  assertEquals(dwords({ method: "crypto", unrestrictedExit: true }), [0x00c, 0]);
});

Deno.test("what SANICAP does not have is refused with what it has", () => {
  const error = assertThrows(
    () => planSanitize(can({ ces: true }), log(), { method: "block" }),
    UnsupportedError,
  );
  assertEquals(error.next, "it has crypto erase");
  assertThrows(
    () => planSanitize(can({ ...ALL, ndi: true }), log(), { method: "block", noDeallocate: true }),
    UnsupportedError,
    "NDI",
  );
});

Deno.test("passes and patterns belong to an overwrite", () => {
  for (const wish of [{ passes: 2 }, { pattern: 1 }, { invert: true }]) {
    assertThrows(
      () => planSanitize(can(ALL), log(), { method: "crypto", ...wish }),
      UsageError,
      "they are of an overwrite",
    );
  }
});

Deno.test("an operation at work forbids another one", () => {
  assertThrows(
    () => planSanitize(can(ALL), log({ status: { operation: 2 } }), { method: "block" }),
    UnsupportedError,
    "at work already",
  );
});

Deno.test("the estimate is that of the operation, with or without deallocation", () => {
  const times = log({
    overwriteTime: 300,
    blockEraseTime: 20,
    cryptoEraseTime: 1,
    overwriteNoDeallocateTime: 0xffffffff,
    blockEraseNoDeallocateTime: 30,
    cryptoEraseNoDeallocateTime: 2,
  });
  const estimate = (wish: Parameters<typeof planSanitize>[2]) =>
    planSanitize(can(ALL), times, wish).estimateMs;
  assertEquals(estimate({ method: "block" }), 20_000);
  assertEquals(estimate({ method: "block", noDeallocate: true }), 30_000);
  assertEquals(estimate({ method: "overwrite", noDeallocate: true }), undefined);
});

Deno.test("progress counts in parts of 65,536, and what is left follows from the estimate", () => {
  const progress = sanitizeProgressOf(
    log({ status: { operation: 2 }, progress: 0x4000, cdw10: 2, blockEraseTime: 100 }),
  );
  assertEquals(progress, { fraction: 0.25, remainingMs: 75_000 });
  assertEquals(sanitizeProgressOf(log({ status: { operation: 1 }, progress: 0xffff })), undefined);
});

Deno.test("starting and leaving a failure are Sanitize commands", async () => {
  const transport = scriptedTransport([
    {
      expect: {
        queue: "admin",
        opcode: 0x84,
        cdw10: 0x133,
        cdw11: 5,
        slow: true,
        timeoutMs: 120_000,
      },
    },
    { expect: { queue: "admin", opcode: 0x84, cdw10: 1, slow: true, timeoutMs: 120_000 } },
  ]);
  const drive = new Drive(transport);
  await startSanitize(drive, { cdw10: 0x133, cdw11: 5 });
  await exitSanitizeFailure(drive);
  transport.done();
});

Deno.test("a drive that cannot sanitize says so and what may do instead", async () => {
  const drive = new Drive(scriptedTransport([
    { expect: { opcode: 0x06 }, data: IdentifyController.encode({}) },
  ]));
  const error = await assertRejects(() => readSanitize(drive), UnsupportedError, "SANICAP is 0");
  assertStringIncludes(error.next ?? "", "format --secure-erase");
});

Deno.test("waiting ends with the operation, and tells how far it is meanwhile", async () => {
  const { transport, clock } = virtualDrive();
  const drive = new Drive(transport);
  const controller = IdentifyController.decode(
    await drive.read({ queue: "admin", opcode: 6, cdw10: 1, length: 4096 }, "identify"),
  );
  await startSanitize(
    drive,
    planSanitize(controller, await readSanitize(drive), { method: "block" }),
  );
  const told: number[] = [];
  const end = await followSanitize(drive, {
    clock,
    signal: SIGNAL,
    onProgress: ({ fraction }) => void told.push(fraction),
  });
  assertEquals(end.status.operation, 1);
  assertEquals(told.length > 1, true);
  assertEquals(told.toSorted((one, other) => one - other), told);
});

Deno.test("an operation that does not get on any more is an error, not an endless wait", async () => {
  const stuck = SanitizeLog.encode({ status: { operation: 2 }, progress: 0x100, cdw10: 2 });
  const clock = new FakeClock();
  const identified = {
    expect: { opcode: 0x06 },
    data: IdentifyController.encode({ sanicap: ALL }),
  };
  const drive = new Drive(scriptedTransport([
    identified,
    ...Array.from({ length: 500 }, () => ({ expect: { opcode: 0x02 }, data: stuck })),
  ]));
  const error = await assertRejects(
    () => followSanitize(drive, { clock, signal: SIGNAL, onProgress: () => {} }),
    DeadlineError,
  );
  assertStringIncludes(error.message, "to get on with its sanitize operation");
});
