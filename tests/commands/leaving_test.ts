// What is said of work that ends when our own driver leaves the drive.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { firmwareCommit } from "../../src/commands/firmware/commit.ts";
import { featureSet } from "../../src/commands/feature/set.ts";
import { selftest } from "../../src/commands/selftest.ts";
import { Drive } from "../../src/controller/drive.ts";
import { readSelfTest, startSelfTest } from "../../src/controller/selftest.ts";
import { EXIT, InterruptedError, UsageError } from "../../src/errors.ts";
import { type Transport, wrap } from "../../src/transport/transport.ts";
import { runCommand, virtualDrive } from "../support/context.ts";
import { PolledRig } from "../support/polled.ts";
import { openPolled } from "../../src/transport/polled/mod.ts";

/** A virtual drive as if our own driver had it. */
function underOurDriver() {
  const { transport, clock, drive } = virtualDrive();
  return { transport: { ...transport, kind: "polled" } satisfies Transport, clock, drive };
}

Deno.test("a short self-test does not outlast our own driver, an extended one does", async () => {
  const rig = new PolledRig();
  const { backing, clock } = rig;
  for (const [kind, goesOn] of [["short", false], ["extended", true]] as const) {
    {
      await using transport = await openPolled({ backing, clock, hostPageBytes: 4096 });
      await startSelfTest(new Drive(transport), { kind, nsid: 0xffff_ffff });
    }
    await using again = await openPolled({ backing, clock, hostPageBytes: 4096 });
    const { log } = await readSelfTest(new Drive(again));
    assertEquals(log.current.operation !== 0, goesOn, kind);
  }
});

Deno.test("selftest --short is not started over our own driver unless somebody waits", async () => {
  const { transport, clock, drive } = underOurDriver();
  const run = (...words: string[]) =>
    runCommand(selftest, ["pci:1", ...words], { drive: transport, clock });
  const error = await assertRejects(() => run("--short"), UsageError, "which aborts the self-test");
  assertStringIncludes(error.next ?? "", "--short --wait");
  assertEquals(drive.state.selfTest, null);
  assertEquals((await run("--short", "--wait")).report.exit, EXIT.ok);
  assertEquals((await run("--extended")).report.exit, EXIT.ok);
});

Deno.test("who stops waiting over our own driver hears that a short self-test ends too", async () => {
  for (const [word, said] of [["--short", "ends as well"], ["--extended", "goes on"]] as const) {
    const { transport, clock } = underOurDriver();
    const interrupts = new AbortController();
    const drive = wrap(transport, {
      submit(command, next) {
        if (command.opcode === 0x14) {
          queueMicrotask(() => interrupts.abort(new InterruptedError("SIGINT", EXIT.interrupted)));
        }
        return next(command);
      },
    });
    const around = { drive, clock, signal: interrupts.signal };
    const error = await assertRejects(
      () => runCommand(selftest, ["pci:1", word, "--wait"], around),
      InterruptedError,
      said,
    );
    assertEquals(error.exitCode, EXIT.interrupted);
  }
});

Deno.test("a feature that was not saved is said not to last, over our own driver alone", async () => {
  const words = ["temperature-threshold", "--set", "tmpth=80C"];
  const { transport } = underOurDriver();
  const { context } = await runCommand(featureSet, words, { drive: transport });
  assert(context.notices.some((text) => text.includes("--save keeps it")), `${context.notices}`);
  const saved = await runCommand(featureSet, ["vwc", "--set", "wce=off", "--save"], {
    drive: transport,
  });
  assertEquals(saved.context.notices, []);
  const other = await runCommand(featureSet, words, { drive: virtualDrive().transport });
  assertEquals(other.context.notices, []);
});

Deno.test("firmware for the next reset starts as our own driver leaves, which is said", async () => {
  const words = ["--slot", "1", "--action", "activate"];
  const said = async (drive: Transport) => {
    const { report, context } = await runCommand(firmwareCommit, words, { drive });
    return [report.json["needs"], ...context.notices];
  };
  const [needs, ours] = await said(underOurDriver().transport);
  assertEquals(needs, "controller");
  assertStringIncludes(String(ours), "starts now: our own driver leaves the drive by a reset");
  assertEquals(await said(virtualDrive().transport), [
    "controller",
    "the firmware is committed and starts with a controller reset: nvmectl reset",
  ]);
});
