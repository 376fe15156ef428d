// nvmectl format: confirmation, waiting, and what the namespace is afterwards.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { format } from "../../src/commands/format.ts";
import {
  EXIT,
  InterruptedError,
  SafetyError,
  UnreachableError,
  UsageError,
} from "../../src/errors.ts";
import { IdentifyNamespace } from "../../src/spec/identify/identify_namespace.ts";
import { dryRun } from "../../src/transport/dry_run.ts";
import { type Completion, type Transport, wrap } from "../../src/transport/transport.ts";
import { FakeClock, runCommand, virtualDrive } from "../support/context.ts";

const FORMAT_NVM = 0x80;
const IDENTIFY = 0x06;

/** A drive that shows the progress of a format, which it ends when it is told to. */
function slowDrive(clock: FakeClock): {
  transport: Transport;
  end: () => void;
  questions: () => number;
} {
  const { transport } = virtualDrive("", { clock });
  const { promise, resolve } = Promise.withResolvers<void>();
  let formatting = false;
  let asked = 0;
  const layered = wrap(transport, {
    async submit(command, next): Promise<Completion> {
      if (command.opcode === FORMAT_NVM) {
        formatting = true;
        await promise;
        formatting = false;
      }
      const completion = await next(command);
      if (command.opcode === IDENTIFY && (command.cdw10 ?? 0) === 0 && command.data) {
        const rfnvm = formatting ? Math.max(1, 100 - 20 * ++asked) : 0;
        command.data.bytes[IdentifyNamespace.row("fpi").first] = 0x80 | rfnvm;
      }
      return completion;
    },
  });
  return { transport: layered, end: resolve, questions: () => asked };
}

Deno.test("format --block-size says what will happen, does it, and says what is there now", async () => {
  const { transport, clock, drive } = virtualDrive();
  const { report, context, text } = await runCommand(
    format,
    ["virtual:", "--block-size", "4096", "--secure-erase", "crypto"],
    { drive: transport, clock },
  );
  assertEquals(context.confirmed.map(({ action, namespaces }) => ({ action, namespaces })), [{
    action: "Format namespace 1 (1.00 TB) with 4096-byte blocks, crypto erase",
    namespaces: [1],
  }]);
  assertEquals(report.exit, EXIT.ok);
  assertStringIncludes(text, "Namespace 1 is formatted");
  assertStringIncludes(text, "4096-byte blocks");
  assertStringIncludes(text, "244,190,646 blocks");
  assertEquals(drive.first.namespaces.find(1)?.blockBytes, 4096);
  const [namespace] = report.json["namespaces"] as { block_size: number; as_asked: boolean }[];
  assertEquals([namespace?.block_size, namespace?.as_asked], [4096, true]);
});

Deno.test("format without a format says that it keeps the one there is", async () => {
  const { transport, clock } = virtualDrive();
  const { context, text } = await runCommand(format, ["virtual:"], { drive: transport, clock });
  assertEquals(
    context.confirmed[0]?.action,
    "Format namespace 1 (1.00 TB) keeping its 512-byte blocks",
  );
  assertStringIncludes(text, "was not erased from its media");
});

Deno.test("format --namespace all names every namespace and lists them afterwards", async () => {
  const { transport, clock } = virtualDrive("namespaces");
  const { context, text } = await runCommand(
    format,
    ["x", "--namespace", "all", "--block-size", "4096"],
    { drive: transport, clock },
  );
  assertEquals(context.confirmed[0]?.namespaces, "all");
  assertStringIncludes(
    context.confirmed[0]?.action ?? "",
    "all namespaces (1, 2, 3, 4, 9; 641 GB)",
  );
  assertStringIncludes(text, "Namespace  Blocks");
});

Deno.test("format sends nothing when the confirmation is refused", async () => {
  const { transport, clock, drive } = virtualDrive();
  await assertRejects(
    () =>
      runCommand(format, ["virtual:", "--block-size", "4096"], {
        drive: transport,
        clock,
        confirm: () => {
          throw new SafetyError("Cannot format namespace 1: it is in use");
        },
      }),
    SafetyError,
  );
  assertEquals(drive.first.namespaces.find(1)?.blockBytes, 512);
});

Deno.test("format exits 1 when the namespace is not what was asked", async () => {
  const { transport, clock } = virtualDrive();
  const lying = wrap(transport, {
    submit: (command, next) =>
      command.opcode === FORMAT_NVM ? Promise.resolve({ status: 0, result: 0n }) : next(command),
  });
  const { report, text } = await runCommand(format, ["virtual:", "--block-size", "4096"], {
    drive: lying,
    clock,
  });
  assertEquals(report.exit, EXIT.bad);
  assertEquals(report.json["as_asked"], false);
  assertStringIncludes(text, "namespace 1 has 512-byte blocks, not 4096-byte blocks");
});

Deno.test("format makes the kernel look again, and only mentions that it would not", async () => {
  const { transport, clock } = virtualDrive();
  const seen: string[] = [];
  const rescans: Transport = {
    ...transport,
    rescan: () => {
      seen.push("rescan");
      throw new UnreachableError("Cannot make the kernel look");
    },
  };
  const { report, context } = await runCommand(format, ["virtual:"], { drive: rescans, clock });
  assertEquals(seen, ["rescan"]);
  assertEquals(report.exit, EXIT.ok);
  assertEquals(context.notices, ["Cannot make the kernel look"]);
});

Deno.test("format shows the drive's own percentage while it works", async () => {
  const clock = new FakeClock();
  const { transport, end, questions } = slowDrive(clock);
  const begun = clock.now();
  const sleep = clock.sleep.bind(clock);
  clock.sleep = (ms, signal) => {
    if (clock.now() - begun >= 20_000) end();
    return sleep(ms, signal);
  };
  const { report, context } = await runCommand(format, ["virtual:", "--block-size", "4096"], {
    drive: transport,
    clock,
  });
  assertEquals(report.exit, EXIT.ok);
  assertEquals(questions(), 4);
  const fractions = context.updates.map(({ fraction }) => fraction);
  assertEquals(fractions[0], 1 - 80 / 100);
  assertEquals(fractions.at(-1), 1 - 20 / 100);
  assertEquals(context.updates.at(-1)?.remainingMs, 5000);
});

Deno.test("format ended by Ctrl-C says that the drive goes on, and how to see it", async () => {
  const clock = new FakeClock();
  const { transport, end } = slowDrive(clock);
  const interrupts = new AbortController();
  const sleep = clock.sleep.bind(clock);
  clock.sleep = (ms, signal) => {
    if (clock.sleeps.length === 3) interrupts.abort(new InterruptedError("SIGINT"));
    return sleep(ms, signal);
  };
  const error = await assertRejects(
    () =>
      runCommand(format, ["virtual:"], {
        drive: { ...transport, kind: "passthrough" },
        clock,
        signal: interrupts.signal,
      }),
    InterruptedError,
    "goes on formatting namespace 1",
  );
  assertStringIncludes(error.message, "do not unplug it");
  assertStringIncludes(error.message, "the kernel may keep this process");
  assertStringIncludes(error.next ?? "", "nvmectl identify virtual: --namespace 1 -v");
  assertEquals(error.exitCode, EXIT.interrupted);
  end();
});

Deno.test("format stopped before it begins says that nothing was sent", async () => {
  const { transport, clock, drive } = virtualDrive();
  const error = await assertRejects(
    () =>
      runCommand(format, ["virtual:", "--block-size", "4096"], {
        drive: transport,
        clock,
        signal: AbortSignal.abort(new InterruptedError("SIGINT")),
      }),
    InterruptedError,
    "Stopped before",
  );
  assertStringIncludes(error.next ?? "", "nothing was sent");
  assertEquals(drive.first.namespaces.find(1)?.blockBytes, 512);
});

Deno.test("format --dry-run reads and checks everything and sends nothing", async () => {
  const { transport, clock, drive } = virtualDrive();
  const { layer, commands } = dryRun();
  const words = ["virtual:", "--block-size", "4096", "--secure-erase", "user-data", "--dry-run"];
  const { context } = await runCommand(format, words, { drive: wrap(transport, layer), clock });
  assertEquals(context.confirmed.length, 1);
  const held = commands.filter(({ sent }) => !sent).map(({ command }) => command);
  assertEquals(held.map(({ opcode, nsid, cdw10 }) => [opcode, nsid, cdw10]), [[0x80, 1, 0x201]]);
  assertEquals(drive.first.namespaces.find(1)?.blockBytes, 512);
});

Deno.test("format refuses words that contradict each other or are out of range", async () => {
  for (
    const words of [
      ["--lba-format", "1", "--block-size", "4096"],
      ["--lba-format", "1", "--metadata", "8"],
      ["--lba-format", "64"],
      ["--protection", "4"],
      ["--secure-erase", "all"],
      ["--namespace", "0"],
      ["--namespace", "none"],
      ["--block-size", "511"],
    ]
  ) {
    await assertRejects(() => runCommand(format, ["x", ...words]), UsageError);
  }
});
