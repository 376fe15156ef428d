// nvmectl sanitize on virtual drives.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { sanitize } from "../../src/commands/sanitize.ts";
import { InterruptedError, SafetyError, UnreachableError, UsageError } from "../../src/errors.ts";
import { failSanitize } from "../../src/drive/model/sanitize.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { runCommand, virtualDrive } from "../support/context.ts";

Deno.test("the status says what ran last, what the drive can do and how long it takes", async () => {
  const { text, report } = await runCommand(sanitize, [], { drive: virtualDrive().transport });
  assertStringIncludes(text, "never started");
  assertStringIncludes(text, "block erase, crypto erase, overwrite");
  assertEquals(report.exit, 0);
});

Deno.test("sanitize --wait confirms for all namespaces, and ends with the result", async () => {
  const { transport, clock } = virtualDrive();
  const { report, context, text } = await runCommand(sanitize, ["--block", "--wait"], {
    drive: transport,
    clock,
  });
  assertEquals(context.confirmed[0]?.namespaces, "all");
  assertStringIncludes(context.confirmed[0]?.action ?? "", "Sanitize the whole drive by block");
  assertStringIncludes(text, "ERASED");
  assertEquals(report.exit, 0);
  assertEquals(report.json["nothing_written_since"], true);
  assertEquals(context.updates.length > 1, true);
});

Deno.test("what is not confirmed is not erased", async () => {
  const { transport } = virtualDrive();
  await assertRejects(
    () =>
      runCommand(sanitize, ["--crypto"], {
        drive: transport,
        confirm: () => {
          throw new SafetyError("Cannot sanitize: no");
        },
      }),
    SafetyError,
  );
  const { text } = await runCommand(sanitize, [], { drive: transport });
  assertStringIncludes(text, "never started");
});

Deno.test("a sanitize that fails is exit status 1, and can be left where that was allowed", async () => {
  const { drive, transport, clock } = virtualDrive();
  const { sleep } = clock;
  clock.sleep = async (ms) => {
    await sleep.call(clock, ms);
    failSanitize(drive.first);
  };
  const around = { drive: transport, clock };
  const failed = await runCommand(sanitize, ["--block", "--unrestricted-exit", "--wait"], around);
  assertEquals(failed.report.exit, 1);
  assertStringIncludes(failed.text, "FAILED: the drive is not erased");
  const left = await runCommand(sanitize, ["--exit-failure"], around);
  assertEquals(left.context.confirmed[0]?.keepsData, true);
  assertEquals(left.report.exit, 0);
});

Deno.test("where no operation failed there is no failure to leave, and nothing is sent", async () => {
  const { transport, clock } = virtualDrive();
  const { report, text, context } = await runCommand(sanitize, ["--exit-failure"], {
    drive: transport,
    clock,
  });
  assertEquals([report.exit, context.confirmed.length], [0, 0]);
  assertStringIncludes(text, "there is nothing to leave, nothing was sent");
});

Deno.test("an interrupted wait says that nothing stops the erasing", async () => {
  const { transport, clock } = virtualDrive();
  const interrupts = new AbortController();
  const around = { drive: transport, clock, signal: interrupts.signal };
  clock.sleep = () => {
    interrupts.abort(new InterruptedError("Interrupted by SIGINT", 130));
    return Promise.reject(interrupts.signal.reason);
  };
  const error = await assertRejects(
    () => runCommand(sanitize, ["--overwrite", "--wait"], around),
    InterruptedError,
  );
  assertStringIncludes(error.message, "goes on erasing, and nothing can stop it");
});

Deno.test("a drive that cannot be asked any more is still said to be erasing", async () => {
  const { transport, clock } = virtualDrive();
  let started = false;
  const drive: Transport = {
    ...transport,
    submit(command) {
      if (started) return Promise.reject(new UnreachableError("Cannot reach it", { code: "EIO" }));
      started = command.opcode === 0x84;
      return transport.submit(command);
    },
  };
  const error = await assertRejects(
    () => runCommand(sanitize, ["--crypto", "--wait"], { drive, clock }),
    UnreachableError,
    "Cannot reach it",
  );
  assertEquals(error.code, "EIO");
  assertStringIncludes(error.next ?? "", "goes on erasing all the same: nvmectl sanitize virtual:");
});

Deno.test("options that do not belong together are refused", async () => {
  const refusal = async (...words: string[]): Promise<string> =>
    (await assertRejects(() => runCommand(sanitize, words), UsageError)).message;
  assertStringIncludes(await refusal("--block", "--crypto"), "in two ways at once");
  assertStringIncludes(await refusal("--passes", "2"), "which operation is missing");
  assertStringIncludes(await refusal("--exit-failure", "--wait"), "done at once");
});
