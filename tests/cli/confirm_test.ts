// What stands between a verb and somebody's data.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { DestroyPlan } from "../../src/cli/command.ts";
import {
  type Asking,
  confirmDestroy,
  type Consent,
  NOBODY,
  type Use,
} from "../../src/cli/confirm.ts";
import { Drive } from "../../src/controller/drive.ts";
import { EXIT, InterruptedError, SafetyError, UsageError } from "../../src/errors.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { type Scripted, scriptedTransport } from "../support/scripted.ts";
import { type MemoryStreams, memoryStreams } from "../support/streams.ts";

const SERIAL = "S4EWNX0R123456";
const CONSENT: Consent = { named: true, yes: false, serial: undefined, dryRun: false };

/** A guard that counts what is held. */
class FakeGuard {
  held = 0;
  claims = 0;
  readonly asked: DestroyPlan["namespaces"][] = [];

  constructor(readonly found: readonly Use[] = [], readonly refusal?: Error) {}

  uses(namespaces: DestroyPlan["namespaces"]): readonly Use[] {
    this.asked.push(namespaces);
    return this.found;
  }

  claim(namespaces: DestroyPlan["namespaces"]): Disposable {
    if (this.refusal) throw this.refusal;
    this.asked.push(namespaces);
    this.claims++;
    this.held++;
    return { [Symbol.dispose]: () => void this.held-- };
  }
}

interface Attempt {
  readonly transport: Scripted;
  readonly streams: MemoryStreams;
  readonly guard: FakeGuard;
  run(asking?: Partial<Asking>): Promise<Disposable>;
}

/** An attempt to format namespace 1 of a drive that answers Identify and nothing else. */
function attempt(
  consent: Partial<Consent> = {},
  { serial = SERIAL, model = "EXAMPLE 1TB", typed, keepsData, guard = new FakeGuard() }: {
    readonly serial?: string;
    readonly model?: string;
    readonly keepsData?: boolean;
    readonly typed?: readonly string[];
    readonly guard?: FakeGuard;
  } = {},
): Attempt {
  const page = IdentifyController.encode({ sn: serial, mn: model, tnvmcap: 10n ** 12n });
  const transport = scriptedTransport([
    { expect: { queue: "admin", opcode: 0x06, cdw10: 0x01 }, data: page },
  ]);
  const streams = memoryStreams(typed === undefined ? {} : { typed });
  const plan: DestroyPlan = {
    drive: new Drive(transport),
    action: "Format namespace 1 with 4096-byte blocks",
    namespaces: [1],
    ...(keepsData === undefined ? {} : { keepsData, whileInUse: keepsData }),
  };
  return {
    transport,
    streams,
    guard,
    run: (asking = {}) =>
      confirmDestroy(plan, { guard, consent: { ...CONSENT, ...consent }, streams, ...asking }),
  };
}

async function refused(tried: Attempt): Promise<SafetyError> {
  const error = await assertRejects(() => tried.run(), SafetyError);
  assertEquals(error.exitCode, 5);
  assertEquals(tried.guard.held, 0, "nothing is held after a refusal");
  return error;
}

Deno.test("a target that was guessed is refused before the drive is asked anything", async () => {
  const tried = attempt({ named: false, yes: true, serial: SERIAL });
  const error = await assertRejects(() => tried.run(), UsageError);
  assertEquals(error.exitCode, 2);
  assertStringIncludes(error.message, "Cannot format namespace 1 with 4096-byte blocks: no drive");
  assertStringIncludes(error.next ?? "", "/dev/nvme9");
  assertEquals(tried.transport.commands.length, 0);
  assertEquals(tried.guard.claims, 0);
});

Deno.test("what would be lost is shown before anything is asked", async () => {
  const tried = attempt({}, {
    typed: [SERIAL],
    guard: new FakeGuard([
      { text: "/dev/nvme9n1 has a partition table", blocking: false },
    ]),
  });
  using _claim = await tried.run();
  assertEquals(tried.streams.err.split("\n"), [
    "Format namespace 1 with 4096-byte blocks",
    "  drive     /dev/nvme9",
    "  model     EXAMPLE 1TB",
    `  serial    ${SERIAL}`,
    "  capacity  1.00 TB",
    "  note      /dev/nvme9n1 has a partition table",
    "All data there will be lost. Type the serial number to go on: ",
  ]);
  assertEquals(tried.streams.out, "", "stdout is for results");
});

Deno.test("what is in use is refused, whatever the user consents to, and nothing is held", async () => {
  const guard = new FakeGuard([
    { text: "/dev/nvme9n1p1 is mounted at /home (ext4)", blocking: true },
    { text: "/dev/nvme9n1 has a partition table", blocking: false },
  ]);
  const tried = attempt({ yes: true, serial: SERIAL }, { guard, typed: [SERIAL] });
  const error = await refused(tried);
  assertEquals(
    error.message,
    "Cannot format namespace 1 with 4096-byte blocks: it is in use: " +
      "/dev/nvme9n1p1 is mounted at /home (ext4)",
  );
  assertStringIncludes(error.next ?? "", "nothing was sent");
  assertStringIncludes(tried.streams.err, "  IN USE    /dev/nvme9n1p1 is mounted at /home");
  assertEquals(guard.claims, 0);
  assertEquals(tried.streams.asked, 0);
  assertEquals(tried.transport.commands.length, 1, "Identify, and nothing else");
});

Deno.test("what somebody began to use in the meantime is refused by the claim", async () => {
  const guard = new FakeGuard([], new SafetyError("Cannot claim /dev/nvme9n1: in use"));
  const tried = attempt({ yes: true, serial: SERIAL }, { guard });
  assertStringIncludes((await refused(tried)).message, "in use");
});

Deno.test("the right serial number, typed, is consent, and holds the namespaces", async () => {
  const tried = attempt({}, { typed: [`  ${SERIAL} `] });
  {
    using _claim = await tried.run();
    assertEquals(tried.guard.held, 1);
    assertEquals(tried.guard.asked, [[1], [1]]);
  }
  assertEquals(tried.guard.held, 0, "let go at the end");
});

Deno.test("a wrong serial number, or none, typed is refused and named", async () => {
  for (const typed of [["S4EWNX0R12345"], ["yes"], [SERIAL.toLowerCase()], [""], []]) {
    const error = await refused(attempt({}, { typed }));
    assertStringIncludes(error.message, `the serial number given is "${typed[0] ?? ""}"`);
    assertStringIncludes(error.message, `the drive's is "${SERIAL}"`);
  }
});

Deno.test("--yes with the exact --serial asks nobody", async () => {
  const tried = attempt({ yes: true, serial: SERIAL });
  using _claim = await tried.run();
  assertEquals(tried.streams.asked, 0);
  assertEquals(tried.guard.held, 1);
});

Deno.test("--yes without --serial is refused", async () => {
  const error = await refused(attempt({ yes: true }, { typed: [SERIAL] }));
  assertStringIncludes(error.message, "--yes needs the drive's exact --serial");
});

Deno.test("a wrong --serial is refused, with --yes and without", async () => {
  for (const yes of [true, false]) {
    const tried = attempt({ yes, serial: "S4EWNX0R123457" }, { typed: [SERIAL] });
    const error = await refused(tried);
    assertStringIncludes(error.message, '"S4EWNX0R123457"');
    assertEquals(tried.streams.asked, 0);
  }
});

Deno.test("a right --serial without --yes still asks", async () => {
  const tried = attempt({ serial: SERIAL }, { typed: ["no"] });
  await refused(tried);
  assertEquals(tried.streams.asked, 1);
});

Deno.test("without a terminal nobody can be asked, and that is refused", async () => {
  const error = await refused(attempt());
  assertStringIncludes(error.message, "there is no terminal to ask for confirmation on");
  assertStringIncludes(error.next ?? "", "--yes --serial");
});

Deno.test("a dry run tells what would be lost and who uses it, asks nothing and holds nothing", async () => {
  const guard = new FakeGuard([{ text: "/dev/nvme9n1 is mounted at /", blocking: true }]);
  const tried = attempt({ dryRun: true }, { guard });
  using _claim = await tried.run();
  assertStringIncludes(tried.streams.err, "IN USE    /dev/nvme9n1 is mounted at /");
  assertEquals(guard.claims, 0);
  assertEquals(tried.streams.asked, 0);
});

Deno.test("a drive without a serial number cannot be confirmed with an empty line", async () => {
  for (const serial of ["", "    "]) {
    const error = await refused(attempt({}, { serial, typed: [""] }));
    assertStringIncludes(error.message, "the drive has no serial number to confirm it with");
    await refused(attempt({ yes: true, serial: " " }, { serial }));
  }
});

Deno.test("a serial number that the drive pads on the left can be typed without the padding", async () => {
  const tried = attempt({}, { serial: "     S1234", typed: ["S1234"] });
  using _claim = await tried.run();
  using _again = await attempt({ yes: true, serial: "     S1234" }, { serial: "     S1234" }).run();
});

Deno.test("a hostile model cannot fake what is shown", async () => {
  const tried = attempt({}, { model: "\x1b[1A\rGOOD", typed: [SERIAL] });
  using _claim = await tried.run();
  assertStringIncludes(tried.streams.err, "  model     \\u{1b}[1A\\u{d}GOOD\n");
});

Deno.test("what may be done while the drive is in use is confirmed too, and nothing is held", async () => {
  const guard = new FakeGuard([{ text: "/dev/nvme0n1 is mounted at /", blocking: true }]);
  const tried = attempt({}, { guard, keepsData: true, typed: [SERIAL] });
  using _nothing = await tried.run();
  assertStringIncludes(tried.streams.err, "  IN USE    /dev/nvme0n1 is mounted at /\n");
  assertStringIncludes(tried.streams.err, "Data is kept. Type the serial number to go on: ");
  assertEquals(guard.claims, 0);
});

Deno.test("nobody uses a virtual drive, and nothing of it needs to be held", async () => {
  assertEquals(await NOBODY.uses("all"), []);
  NOBODY.claim("all")[Symbol.dispose]();
});

Deno.test("a signal ends the question, and nothing is held afterwards", async () => {
  for (const early of [true, false]) {
    const tried = attempt({}, { typed: [] });
    const streams = { ...tried.streams, readLine: () => new Promise<undefined>(() => {}) };
    const controller = new AbortController();
    const reason = new InterruptedError("Interrupted by SIGTERM", EXIT.terminated);
    if (early) controller.abort(reason);
    const asking = tried.run({ streams, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 5);
    const error = await assertRejects(() => asking, InterruptedError);
    assertEquals([error.exitCode, error.next], [143, "nothing was sent"]);
    assertEquals([tried.guard.claims, tried.guard.held], [1, 0]);
  }
});
