// nvmectl firmware update, and the verbs that do its steps one by one.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describeFailure } from "../../../src/cli/failure.ts";
import { firmwareCommit } from "../../../src/commands/firmware/commit.ts";
import { firmwareDownload } from "../../../src/commands/firmware/download.ts";
import { firmware } from "../../../src/commands/firmware/show.ts";
import { firmwareUpdate } from "../../../src/commands/firmware/update.ts";
import {
  buildFirmwareImage,
  type FirmwareActivation,
} from "../../../src/drive/model/firmware_image.ts";
import { SafetyError, StatusError, UsageError } from "../../../src/errors.ts";
import type { DestroyPlan } from "../../../src/cli/command.ts";
import type { Transport } from "../../../src/transport/transport.ts";
import { runCommand, virtualDrive } from "../../support/context.ts";

function image(activation: FirmwareActivation, revision = "2.0"): Uint8Array {
  return buildFirmwareImage({ revision, activation, payload: new Uint8Array(20_000) });
}

/** A drive, and the files `new.bin` and `old.bin`. */
function bench(activation: FirmwareActivation = "controllerReset") {
  const { transport } = virtualDrive();
  return {
    drive: transport,
    files: { "new.bin": image(activation), "bad.bin": new Uint8Array(4096) },
  };
}

Deno.test("firmware shows the slots, what runs, and the rules", async () => {
  const { report, text } = await runCommand(firmware, [], bench());
  assertStringIncludes(text, "1.0.1     running");
  assertStringIncludes(text, "multiples of 4 KiB");
  const slots = report.json["slots"] as readonly Record<string, unknown>[];
  assertEquals(slots.length, 7);
  assertEquals(slots[0], {
    slot: 1,
    revision: "1.0.0",
    active: false,
    next: false,
    read_only: true,
  });
});

Deno.test("firmware update confirms its plan, resets the controller and sees the new firmware run", async () => {
  const { report, context, text } = await runCommand(firmwareUpdate, ["new.bin"], bench());
  const [plan] = context.confirmed;
  assertEquals(plan?.keepsData, true);
  assertStringIncludes(plan?.action ?? "", "Update firmware 1.0.1 with new.bin");
  assertStringIncludes(plan?.action ?? "", "in slot 3, which is empty");
  assertStringIncludes(text, "slot 3 runs");
  assertEquals(report.exit, 0);
  assertEquals(
    [report.json["firmware_after"], report.json["reset"], report.json["running"]],
    ["2.0", "controller", true],
  );
  assertEquals(context.notices, []);
});

Deno.test("a reset that is left to do is a notice and exit status 0", async () => {
  const { report, context } = await runCommand(
    firmwareUpdate,
    ["new.bin"],
    bench("conventionalReset"),
  );
  assertEquals([report.exit, report.json["needs"]], [0, "conventional"]);
  assertStringIncludes(context.notices[0] ?? "", "starts with a conventional (PCIe) reset");
});

Deno.test("a drive in use is not taken away by a subsystem reset: that is left to do", async () => {
  const refuse = ({ action, whileInUse }: DestroyPlan): void => {
    if (!whileInUse) throw new SafetyError(`Cannot do it: it is in use: ${action}`);
  };
  const { report, context, text } = await runCommand(firmwareUpdate, ["new.bin"], {
    ...bench("subsystemReset"),
    confirm: refuse,
  });
  assertEquals([report.exit, report.json["reset"], report.json["needs"]], [0, null, "subsystem"]);
  assertStringIncludes(context.notices[0] ?? "", "it is in use: Reset the whole NVM subsystem");
  assertStringIncludes(context.notices[1] ?? "", "nvmectl reset --subsystem, or a power cycle");
  assertStringIncludes(text, "not yet: it starts with an NVM subsystem reset");
  const free = await runCommand(firmwareUpdate, ["new.bin"], bench("subsystemReset"));
  assertEquals(free.context.confirmed.map(({ whileInUse }) => whileInUse), [true, undefined]);
  assertEquals(free.report.json["reset"], "subsystem");
});

Deno.test("an image that may be mixed with another download is exit status 1, and says so", async () => {
  const mixed = (): Transport => {
    const { drive } = bench();
    return {
      ...drive,
      async submit(command) {
        const completion = await drive.submit(command);
        return command.opcode === 0x10 ? { ...completion, result: 1n } : completion;
      },
    };
  };
  const { files } = bench();
  const drive = mixed();
  const { report, text } = await runCommand(firmwareUpdate, ["new.bin"], { drive, files });
  assertEquals([report.exit, report.json["overlapped"], report.json["reset"]], [1, true, null]);
  assertStringIncludes(text, "the image may be mixed: do it again, alone, before a reset");
  const by = mixed();
  await runCommand(firmwareDownload, ["new.bin"], { drive: by, files });
  const words = ["--slot", "3", "--action", "replace"];
  const committed = await runCommand(firmwareCommit, words, { drive: by, files });
  assertEquals(committed.report.exit, 1);
});

Deno.test("a commit that fails after another download says so, whichever verb sends it", async () => {
  const { drive: inner, files } = bench();
  const drive: Transport = {
    ...inner,
    async submit(command) {
      const completion = await inner.submit(command);
      return command.opcode === 0x10 ? { ...completion, result: 2n } : completion;
    },
  };
  const commit = ["--slot", "1", "--action", "replace"];
  for (
    const run of [
      () => runCommand(firmwareUpdate, ["bad.bin"], { drive, files }),
      () => runCommand(firmwareCommit, commit, { drive, files }),
    ]
  ) {
    const error = await assertRejects(run, StatusError);
    const { text, json, exit } = describeFailure(error);
    assertStringIncludes(text, "Another download went on at the same time");
    assertStringIncludes(String(json["message"]), "the image may be mixed (MUD)");
    assertStringIncludes(String(json["next"]), "See that nobody else updates this drive");
    assertEquals(exit, 3);
  }
});

Deno.test("an update that is not confirmed sends nothing but reads", async () => {
  const { drive, files } = bench();
  const opcodes: number[] = [];
  const watched = {
    ...drive,
    submit: (command: Parameters<typeof drive.submit>[0]) => {
      opcodes.push(command.opcode);
      return drive.submit(command);
    },
  };
  await assertRejects(
    () =>
      runCommand(firmwareUpdate, ["new.bin"], {
        drive: watched,
        files,
        confirm: () => {
          throw new SafetyError("Cannot update: no");
        },
      }),
    SafetyError,
  );
  assertEquals(opcodes, [0x06, 0x02]);
});

Deno.test("an image that the drive rejects is an error by its name, and the old firmware runs on", async () => {
  const around = bench();
  await assertRejects(
    () => runCommand(firmwareUpdate, ["bad.bin"], around),
    StatusError,
    "Invalid Firmware Image (01h/07h)",
  );
  const { report } = await runCommand(firmware, [], around);
  assertEquals(report.json["fr"], "1.0.1");
});

Deno.test("download and commit are the steps of an update", async () => {
  const around = bench();
  const downloaded = await runCommand(firmwareDownload, ["new.bin"], around);
  assertStringIncludes(downloaded.text, "Next: nvmectl firmware commit");
  const last = downloaded.context.updates.at(-1);
  assertEquals(last?.fraction, 1);
  const words = ["--slot", "4", "--action", "replace"];
  const committed = await runCommand(firmwareCommit, words, around);
  assertEquals(committed.context.confirmed[0]?.action, "Commit firmware (replace) with slot 4");
  assertEquals(committed.report.json["needs"], null);
  const { report } = await runCommand(firmware, [], around);
  const slots = report.json["slots"] as readonly Record<string, unknown>[];
  assertEquals([slots[3]?.["revision"], slots[3]?.["active"]], ["2.0", false]);
});

Deno.test("a commit names what is missing or does not belong together", async () => {
  const refusal = async (...words: string[]): Promise<string> =>
    (await assertRejects(() => runCommand(firmwareCommit, words, bench()), UsageError)).message;
  assertStringIncludes(await refusal("--slot", "2"), "--action is missing");
  assertStringIncludes(await refusal("--action", "activate"), "--slot is missing");
  assertStringIncludes(await refusal("--action", "replace-boot"), "needs --boot-partition");
  assertStringIncludes(
    await refusal("--action", "activate", "--slot", "1", "--boot-partition", "0"),
    "takes no --boot-partition",
  );
});

Deno.test("a drive named before its image is told apart from a file that is missing", async () => {
  for (const drive of ["/dev/nvme0", "/dev/ng0n1", "virtual:", "nvme3"]) {
    const error = await assertRejects(
      () => runCommand(firmwareDownload, [drive, "new.bin"], bench()),
      UsageError,
      `Cannot take ${drive} for an image`,
    );
    assertStringIncludes(error.next ?? "", `nvmectl firmware update FILE ${drive}`);
  }
  const { drive } = bench();
  const files = { "nvme3.bin": image("withoutReset") };
  const { report } = await runCommand(firmwareDownload, ["nvme3.bin"], { drive, files });
  assertEquals(report.json["file"], "nvme3.bin");
});
