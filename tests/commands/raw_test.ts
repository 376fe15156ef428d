// nvmectl raw, from words to report.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { parseWords } from "../../src/cli/parse.ts";
import { raw } from "../../src/commands/raw.ts";
import type { Command } from "../../src/cli/command.ts";
import {
  InterruptedError,
  SafetyError,
  StatusError,
  UnsupportedError,
  UsageError,
} from "../../src/errors.ts";
import { toHex } from "../../src/layout/mod.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { IdentifyNamespace } from "../../src/spec/identify/identify_namespace.ts";
import { fakeContext, runCommand, virtualDrive } from "../support/context.ts";
import { type Exchange, scriptedTransport } from "../support/scripted.ts";

/** A namespace of 512-byte blocks. */
const NAMESPACE: Exchange = {
  expect: { queue: "admin", opcode: 0x06, cdw10: 0 },
  data: IdentifyNamespace.encode({ nsze: 8n, lbaf: [{ lbads: 9 }] }),
};

const VERB = raw as unknown as Command;
const IDENTIFY = ["admin", "virtual:", "--opcode", "0x06", "--cdw10", "1", "--data-in", "4096"];

Deno.test("raw shows status, both dwords and the data of Identify on a virtual drive", async () => {
  const { transport } = virtualDrive();
  const { report, text, context } = await runCommand(raw, IDENTIFY, { drive: transport });
  assertStringIncludes(text, "virtual:  admin command 06h (Identify)");
  assertStringIncludes(text, "Status   Successful Completion (00h/00h)");
  assertStringIncludes(text, "Result   0x0000000000000000 (0)");
  assertStringIncludes(text, "Data     4,096 bytes");
  assertStringIncludes(text, "00000000  ");
  assertEquals(report.raw?.length, 4096);
  const controller = IdentifyController.decode(report.raw ?? new Uint8Array());
  assertEquals(controller.mn.startsWith("nvmectl"), true);
  assertEquals(report.json["data"], toHex(report.raw ?? new Uint8Array()));
  assertEquals(context.confirmed, [], "a read asks for nothing");
});

Deno.test("raw tells a machine status, exact result and data", async () => {
  const transport = scriptedTransport([{
    expect: { queue: "admin", opcode: 0x0a, nsid: 0, cdw10: 7, slow: false },
    data: Uint8Array.of(0xca, 0xfe),
    result: 0xffff_ffff_0000_0001n,
  }]);
  const { report, text } = await runCommand(
    raw,
    ["admin", "--opcode", "0x0a", "--cdw10", "7", "--data-in", "2", "-o", "json"],
    { drive: transport },
  );
  const { status, ...rest } = report.json;
  assertEquals(rest, {
    device: "/dev/nvme9",
    queue: "admin",
    opcode: { value: 0x0a, text: "Get Features" },
    nsid: 0,
    result: Number(0xffff_ffff_0000_0001n),
    result_s: "18446744069414584321",
    result_hex: "0xffffffff00000001",
    dword_0: 1,
    dword_1: 0xffffffff,
    data_length: 2,
    data: "cafe",
  });
  assertEquals((status as { value: number }).value, 0);
  assertStringIncludes(text, "Dword 0  0x00000001 (1)");
  assertStringIncludes(text, "Dword 1  0xffffffff (4,294,967,295)");
});

Deno.test("raw takes the target's namespace for I/O, and none for admin commands", async () => {
  const transport = scriptedTransport([
    NAMESPACE,
    { expect: { queue: "io", opcode: 0x02, nsid: 4, cdw12: 7, length: 4096 } },
    { expect: { queue: "admin", opcode: 0x06, nsid: 0 } },
  ], { target: "/dev/nvme9n4", nsid: 4 });
  const around = { drive: transport };
  await runCommand(raw, ["io", "--opcode", "2", "--cdw12", "7", "--data-in", "4096"], around);
  await runCommand(raw, ["admin", "--opcode", "6", "--data-in", "4096"], around);
  transport.done();
});

Deno.test("raw does not guess the namespace of an I/O command", async () => {
  await assertRejects(
    () =>
      runCommand(raw, ["io", "--opcode", "2", "--data-in", "512"], {
        drive: scriptedTransport([]),
      }),
    UsageError,
    "/dev/nvme9 names no namespace, need --nsid",
  );
});

Deno.test("raw asks before a destructive command, naming it and whose data is at stake", async () => {
  const { transport } = virtualDrive();
  const words = ["admin", "virtual:", "--opcode", "0x80", "--nsid", "0xffffffff"];
  const { context } = await runCommand(raw, words, { drive: transport });
  const [plan] = context.confirmed;
  assertEquals(
    plan?.action,
    "Send admin command 80h (Format NVM) to all namespaces, " +
      "which by specification may destroy data",
  );
  assertEquals(plan?.namespaces, "all");
});

Deno.test("raw sends nothing when the confirmation is refused", async () => {
  const transport = scriptedTransport([{
    expect: { opcode: 0x06 },
    data: IdentifyController.encode({}),
  }]);
  await assertRejects(
    () =>
      runCommand(raw, ["admin", "--opcode", "0xc0", "--nsid", "1"], {
        drive: transport,
        confirm: () => {
          throw new SafetyError("Cannot send it: no");
        },
      }),
    SafetyError,
  );
  assertEquals(transport.commands.map(({ opcode }) => opcode), [0x06]);
});

Deno.test("raw writes what it read to files instead of showing it", async () => {
  const drive = scriptedTransport([
    { expect: { opcode: 0x06 }, data: IdentifyController.encode({}) },
    { expect: { opcode: 0xc2, length: 3 }, data: Uint8Array.of(1, 2, 3) },
  ]);
  const words = ["admin", "--opcode", "0xc2", "--data-in", "3", "--metadata-in", "2"];
  const { report, text, context } = await runCommand(
    raw,
    [...words, "--save", "a.bin", "--save-metadata", "b.bin"],
    { drive },
  );
  assertEquals(context.written.get("a.bin"), Uint8Array.of(1, 2, 3));
  assertEquals(context.written.get("b.bin"), new Uint8Array(2));
  assertStringIncludes(text, "3 bytes, saved to a.bin");
  assertEquals(report.json["data"], undefined);
  assertEquals(report.json["data_saved"], "a.bin");
});

Deno.test("raw sends the bytes of files", async () => {
  const sent = new Uint8Array(512).fill(7);
  const transport = scriptedTransport([
    NAMESPACE,
    { expect: { queue: "io", opcode: 0x05, nsid: 1, sent, direction: "out" } },
  ]);
  await runCommand(raw, ["io", "--opcode", "5", "--nsid", "1", "--data-out", "in.bin"], {
    drive: transport,
    files: { "in.bin": sent },
  });
  transport.done();
});

Deno.test("raw says which result came with a refusal", async () => {
  const drive = scriptedTransport([{ expect: {}, status: 0x4002, result: 0xbadn }]);
  const notices: string[] = [];
  const context = { ...fakeContext({ drive }), notice: (text: string) => void notices.push(text) };
  await assertRejects(() => VERB.run(context, parseWords(VERB, IDENTIFY)), StatusError);
  assertEquals(notices, ["the refusal came with result 0x0000000000000bad"]);
});

Deno.test("raw reports a refusal with its status by name", async () => {
  const { transport } = virtualDrive();
  const error = await assertRejects(
    () =>
      runCommand(raw, [
        "admin",
        "virtual:",
        "--opcode",
        "0x0a",
        "--cdw10",
        "0xff",
        "--data-in",
        "4",
      ], {
        drive: transport,
      }),
    StatusError,
    "Cannot carry out admin command 0Ah (Get Features) on virtual:: the drive answered",
  );
  assertEquals(error.exitCode, 3);
});

Deno.test("raw saves nothing in a dry run, because nothing was read", async () => {
  const { transport } = virtualDrive();
  const { context } = await runCommand(raw, [...IDENTIFY, "--save", "x.bin", "--dry-run"], {
    drive: transport,
  });
  assertEquals(context.written.size, 0);
});

Deno.test("raw refuses what could not be delivered before anything is sent", async () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [["admin"], "--opcode is missing"],
    [["fabric", "--opcode", "6"], 'Cannot use queue "fabric": need one of admin, io'],
    [["admin", "--opcode", "6", "--save", "x"], "need --data-in"],
    [["admin", "--opcode", "6", "--data-in", "8", "--save-metadata", "x"], "need --metadata-in"],
    [["admin", "--opcode", "6", "-o", "raw"], "Cannot write the data raw"],
    [["admin", "--opcode", "9", "--data-in", "4"], "would go the wrong way"],
    [["admin", "--opcode", "6", "--cdw10", "1"], "--data-in 4096"],
    [["admin", "--opcode", "6", "--data-in", "512"], "it moves 4096 bytes"],
    [["admin", "--opcode", "0xc3", "--data-in", "512"], "use --data-out"],
    [["admin", "--opcode", "0x100"], "a whole number 0 to 255"],
    [["admin", "--opcode", "6", "--data-in", "0"], "a whole number 1 to"],
    [["admin", "--opcode", "6", "--cdw10", "0x100000000"], "a whole number 0 to 0xffffffff"],
    [["admin", "--opcode", "6", "--cdw1", "1"], "no such option"],
  ];
  for (const [words, text] of cases) {
    const transport = scriptedTransport([]);
    const error = await assertRejects(
      () => runCommand(raw, words, { drive: transport }),
      UsageError,
    );
    assertStringIncludes(`${error.message} ${error.next}`, text);
    assertEquals(transport.commands, []);
  }
});

Deno.test("raw reads decimal and hexadecimal numbers", () => {
  const { flags } = parseWords(VERB, ["admin", "--opcode", "6", "--cdw15", "0xffffffff"]);
  assertEquals([flags["opcode"], flags["cdw15"]], [6, 0xffffffff]);
  assert(raw.description?.includes("effects log"));
});

Deno.test("raw refuses to read more blocks than it was given memory for", async () => {
  const transport = scriptedTransport([NAMESPACE]);
  await assertRejects(
    () =>
      runCommand(
        raw,
        ["io", "--opcode", "2", "--nsid", "1", "--cdw12", "15", "--data-in", "4096"],
        { drive: transport },
      ),
    UsageError,
    "with 4096 bytes of data: it moves 8192 bytes",
  );
  assertEquals(transport.commands.length, 1);
});

Deno.test("raw sends nothing about queues to a drive that the kernel drives", async () => {
  const transport = scriptedTransport([]);
  await assertRejects(
    () =>
      runCommand(raw, ["admin", "--opcode", "0", "--cdw10", "1"], {
        drive: { ...transport, kind: "passthrough" },
      }),
    UnsupportedError,
    "Cannot send admin command 00h (Delete I/O Submission Queue) through /dev/nvme9",
  );
  assertEquals(transport.commands, []);
});

/** Runs a Format NVM and tells whether the claim was given up. */
async function claimAfter(
  answer: Partial<Exchange>,
  signal = new AbortController().signal,
): Promise<{ readonly error: unknown; readonly given: boolean }> {
  const identified = { expect: { opcode: 0x06 }, data: IdentifyController.encode({}) };
  const transport = scriptedTransport([identified, { expect: { opcode: 0x80 }, ...answer }]);
  let given = false;
  const context = {
    ...fakeContext({ drive: transport, signal }),
    confirm: () => Promise.resolve({ [Symbol.dispose]: () => void (given = true) }),
  };
  const words = ["admin", "--opcode", "0x80", "--nsid", "1"];
  const error = await Promise.resolve(VERB.run(context, parseWords(VERB, words)))
    .then(() => undefined, (failure: unknown) => failure);
  return { error, given };
}

Deno.test("raw gives up its claim when the command has ended, however it ended", async () => {
  assertEquals(await claimAfter({}), { error: undefined, given: true });
  const refused = await claimAfter({ status: 0x4002 });
  assert(refused.error instanceof StatusError);
  assert(refused.given);
});

Deno.test("raw keeps its claim when a signal ends the wait: the command still runs", async () => {
  const signal = AbortSignal.abort(new InterruptedError("Interrupted by SIGINT"));
  const { error, given } = await claimAfter({}, signal);
  assert(error instanceof InterruptedError);
  assertEquals(given, false);
});

Deno.test("raw finds out before it sends whether the files can be written", async () => {
  const run = async (words: readonly string[], bad: string): Promise<number> => {
    const transport = scriptedTransport([]);
    const context = fakeContext({ drive: transport });
    const probe = (path: string): Promise<void> =>
      path === bad ? Promise.reject(new UsageError(`Cannot write ${path}`)) : Promise.resolve();
    const files = { ...context.files, probe };
    const input = parseWords(VERB, [...IDENTIFY, ...words]);
    await assertRejects(() => VERB.run({ ...context, files }, input), UsageError, bad);
    return transport.commands.length;
  };
  assertEquals(await run(["--save", "/no/a"], "/no/a"), 0);
  const both = ["--metadata-in", "8", "--save", "a", "--save-metadata", "/no/b"];
  assertEquals(await run(both, "/no/b"), 0);
});
