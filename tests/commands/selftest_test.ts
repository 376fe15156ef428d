// nvmectl selftest: on the virtual drive from the first word to the exit status.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { selftest } from "../../src/commands/selftest.ts";
import { Drive } from "../../src/controller/drive.ts";
import {
  EXIT,
  InterruptedError,
  StatusError,
  UnsupportedError,
  UsageError,
} from "../../src/errors.ts";
import { dryRun } from "../../src/transport/dry_run.ts";
import { type Command, type Transport, wrap } from "../../src/transport/transport.ts";
import { runCommand, virtualDrive } from "../support/context.ts";

function onDrive(name = "") {
  const { transport, clock, drive } = virtualDrive(name);
  return {
    clock,
    drive,
    run: (...words: string[]) =>
      runCommand(selftest, [transport.target, ...words], {
        drive: transport,
        clock,
      }),
  };
}

/** The same transport, with the commands that go through it, and the namespace it names. */
function observed(inner: Transport, nsid?: number): { transport: Transport; sent: Command[] } {
  const sent: Command[] = [];
  const transport = wrap(inner, {
    submit(command, next) {
      sent.push(command);
      return next(command);
    },
  });
  return { transport: nsid === undefined ? transport : { ...transport, nsid }, sent };
}

Deno.test("selftest --short --wait runs to its end with progress and exits 0 when it passes", async () => {
  const { report, context, text } = await onDrive().run("--short", "--wait");
  assertEquals(report.exit, EXIT.ok);
  assertStringIncludes(text, "PASSED: the short self-test completed without error");
  assertStringIncludes(text, "the controller and all namespaces");
  const fractions = context.updates.map(({ fraction }) => fraction ?? -1);
  assertEquals(fractions.length > 3, true);
  assertEquals(fractions, fractions.toSorted((one, other) => one - other));
});

Deno.test("selftest --wait exits 1 when the self-test fails, and says where", async () => {
  const { report, text } = await onDrive("failing").run("--short", "--wait");
  assertEquals(report.exit, EXIT.bad);
  assertStringIncludes(text, "FAILED");
  assertStringIncludes(text, "segment 5, namespace 1, LBA 305419896, Unrecovered Read Error");
  assertEquals(report.json["verdict"], "failed");
  assertEquals(report.json["result"], { value: 7, text: "completed, one or more segments failed" });
});

Deno.test("selftest --wait exits 1 when somebody aborts the self-test", async () => {
  const { transport, clock } = virtualDrive();
  const other = new Drive(transport);
  let looks = 0;
  const layered = wrap(transport, {
    async submit(command, next) {
      if (command.opcode === 0x02 && ++looks === 4) {
        await other.submit({ queue: "admin", opcode: 0x14, nsid: 0xffffffff, cdw10: 0xf });
      }
      return await next(command);
    },
  });
  const { report, text } = await runCommand(selftest, ["virtual:", "--short", "--wait"], {
    drive: layered,
    clock,
  });
  assertEquals(report.exit, EXIT.bad);
  assertStringIncludes(text, "ABORTED: the short self-test was aborted by a Device Self-test");
});

Deno.test("selftest --short returns at once and says what comes next", async () => {
  const { run, drive } = onDrive();
  const { report, text, context } = await run("--short");
  assertEquals(report.exit, EXIT.ok);
  assertEquals(context.clock.sleeps, []);
  assertEquals(drive.state.selfTest?.code, 1);
  assertStringIncludes(text, "nvmectl selftest virtual: --wait waits for the result");
});

Deno.test("selftest --wait alone follows the self-test that runs already", async () => {
  const { run, clock } = onDrive("failing");
  await run("--extended");
  clock.time += 5_000;
  const { report, text } = await run("--wait");
  assertEquals(report.exit, EXIT.bad);
  assertStringIncludes(text, "FAILED: the extended self-test");
});

Deno.test("selftest --wait alone shows the status when nothing runs", async () => {
  const { context, text } = await onDrive().run("--wait");
  assertEquals(context.notices, ["no self-test is running: there is nothing to wait for"]);
  assertStringIncludes(text, "No self-test is running.");
});

Deno.test("selftest shows what runs, how far it is and what past self-tests found", async () => {
  const { run, clock } = onDrive();
  await run("--short", "--wait");
  clock.time += 7_200_000;
  await run("--extended");
  clock.time += 30_000;
  const { report, text } = await run();
  assertEquals(report.exit, EXIT.ok);
  assertStringIncludes(text, "Extended self-test in progress: 50 % done, about 30 s left");
  assertStringIncludes(text, "completed without error");
  assertStringIncludes(text, "2 h");
  assertEquals(report.raw?.length, 564);
});

Deno.test("selftest exits 1 when the newest self-test that came to an end had failed", async () => {
  const { run } = onDrive("failing");
  await run("--short", "--wait");
  await run("--extended");
  await run("--abort");
  assertEquals((await run()).report.exit, EXIT.bad);
});

Deno.test("selftest of a drive that never ran one says that there is no result", async () => {
  const { report, text } = await onDrive().run();
  assertEquals(report.exit, EXIT.ok);
  assertStringIncludes(text, "The drive's log holds no result.");
  assertStringIncludes(text, "Next: nvmectl selftest virtual: --short --wait runs one.");
});

Deno.test("selftest --abort says what it aborted, and that there was nothing to abort", async () => {
  const { run, clock, drive } = onDrive();
  await run("--extended");
  clock.time += 15_000;
  const { text } = await run("--abort");
  assertStringIncludes(text, "Aborted the extended self-test, which was 25 % done.");
  assertEquals(drive.state.selfTest, null);
  assertStringIncludes((await run("--abort")).text, "there was nothing to abort");
});

Deno.test("selftest --short is refused while another self-test runs, which it names", async () => {
  const { run, clock } = onDrive();
  await run("--extended");
  clock.time += 6_000;
  await assertRejects(
    () => run("--short"),
    StatusError,
    "extended self-test in progress, 10 % done",
  );
});

Deno.test("selftest tests the namespace that the target names, else all, else what was said", async () => {
  const cases: readonly [nsid: number | undefined, words: string[], sent: number][] = [
    [undefined, [], 0xffffffff],
    [1, [], 1],
    [1, ["--namespace", "all"], 0xffffffff],
    [1, ["--namespace", "none"], 0],
    [undefined, ["--namespace", "1"], 1],
  ];
  for (const [nsid, words, expected] of cases) {
    const { transport, sent } = observed(virtualDrive().transport, nsid);
    const { report } = await runCommand(selftest, ["x", "--short", ...words], { drive: transport });
    assertEquals(sent.find(({ opcode }) => opcode === 0x14)?.nsid, expected);
    assertEquals(report.json["nsid"], expected);
  }
});

Deno.test("selftest exits 3 with the reason on a drive without self-tests, and sends nothing", async () => {
  const { transport, sent } = observed(virtualDrive("no-selftest").transport);
  for (const words of [[], ["--short"], ["--abort"], ["--short", "--wait"]]) {
    const error = await assertRejects(
      () => runCommand(selftest, ["x", ...words], { drive: transport }),
      UnsupportedError,
      "does not support self-tests",
    );
    assertEquals(error.exitCode, EXIT.refused);
  }
  assertEquals([...new Set(sent.map(({ opcode }) => opcode))], [0x06]);
});

Deno.test("selftest --wait ended by Ctrl-C leaves the self-test running and says how to see and stop it", async () => {
  const { transport, clock, drive } = virtualDrive();
  const interrupts = new AbortController();
  const around = { drive: transport, clock, signal: interrupts.signal };
  const layered = wrap(transport, {
    submit(command, next) {
      if (command.opcode === 0x14) {
        queueMicrotask(() => interrupts.abort(new InterruptedError("SIGTERM", EXIT.terminated)));
      }
      return next(command);
    },
  });
  const error = await assertRejects(
    () => runCommand(selftest, ["virtual:", "--short", "--wait"], { ...around, drive: layered }),
    InterruptedError,
    "virtual: goes on with its short self-test",
  );
  assertEquals(error.exitCode, EXIT.terminated);
  assertStringIncludes(error.next ?? "", "--abort stops it");
  assertEquals(drive.state.selfTest?.code, 1);
});

Deno.test("selftest --dry-run --wait sends nothing but reads and does not wait", async () => {
  const { transport, clock, drive } = virtualDrive();
  const { layer, commands } = dryRun();
  const { context } = await runCommand(selftest, ["virtual:", "--short", "--wait", "--dry-run"], {
    drive: wrap(transport, layer),
    clock,
  });
  assertEquals(commands.filter(({ sent }) => !sent).map(({ command }) => command.opcode), [0x14]);
  assertEquals(drive.state.selfTest, null);
  assertEquals(context.clock.sleeps, []);
});

Deno.test("selftest refuses words that contradict each other before it opens a drive", async () => {
  for (
    const words of [
      ["--short", "--extended"],
      ["--short", "--abort"],
      ["--abort", "--wait"],
      ["--abort", "--namespace", "1"],
      ["--namespace", "1"],
      ["--short", "--namespace", "0"],
      ["--short", "--namespace", "some"],
    ]
  ) {
    await assertRejects(() => runCommand(selftest, ["x", ...words]), UsageError);
  }
});
