// A firmware update: which slot, which reset, and whether the new firmware runs.

import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import { type Firmware, readFirmware, type Slot } from "../../src/controller/firmware.ts";
import { planUpdate, updateFirmware } from "../../src/controller/firmware_update.ts";
import {
  buildFirmwareImage,
  type FirmwareActivation,
} from "../../src/drive/model/firmware_image.ts";
import {
  InterruptedError,
  NvmectlError,
  UnreachableError,
  UnsupportedError,
  UsageError,
} from "../../src/errors.ts";
import { virtualDrive } from "../support/context.ts";

function slots(...states: readonly (Partial<Slot> & { readonly revision: string })[]): Slot[] {
  return states.map((state, at) => ({
    slot: at + 1,
    active: false,
    next: false,
    readOnly: false,
    ...state,
  }));
}

const ALLOWED: Disposable = { [Symbol.dispose]() {} };

const RULES = {
  revision: "1.0",
  activatesWithoutReset: true,
  detectsOverlap: false,
  granularity: 4096,
  activationMs: 1000,
} as const;

function chosen(found: readonly Slot[], wish = {}): number {
  return planUpdate({ ...RULES, slots: found }, wish).slot.slot;
}

Deno.test("the first empty slot is taken before one that holds firmware", () => {
  assertEquals(
    chosen(slots({ revision: "1.0", active: true }, { revision: "0.9" }, { revision: "" })),
    3,
  );
});

Deno.test("a slot that is read-only, runs, or is about to run is never chosen", () => {
  assertEquals(
    chosen(slots(
      { revision: "", readOnly: true },
      { revision: "1.0", active: true },
      { revision: "1.1", next: true },
      { revision: "0.9" },
    )),
    4,
  );
});

Deno.test("a drive whose only writable slot runs is updated only when told, and says how", () => {
  const firmware: Firmware = {
    ...RULES,
    slots: slots({ revision: "0.1", readOnly: true }, { revision: "1.0", active: true }),
  };
  const error = assertThrows(() => planUpdate(firmware), UsageError);
  assertStringIncludes(error.next ?? "", "--slot 2 overwrites the firmware that runs");
  assertEquals(planUpdate(firmware, { slot: 2 }).slot.slot, 2);
});

Deno.test("a read-only slot, or one that there is not, is refused even when told", () => {
  const firmware: Firmware = {
    ...RULES,
    slots: slots({ revision: "0.1", readOnly: true }, { revision: "1.0", active: true }),
  };
  assertThrows(() => planUpdate(firmware, { slot: 1 }), UsageError, "it is read-only");
  assertThrows(() => planUpdate(firmware, { slot: 5 }), UsageError, "this drive has 2");
});

Deno.test("without a reset where the drive can, with one where it cannot", () => {
  const firmware: Firmware = { ...RULES, slots: slots({ revision: "" }) };
  assertEquals(planUpdate(firmware).commit, { slot: 1, action: 3 });
  const needsReset: Firmware = { ...firmware, activatesWithoutReset: false };
  assertEquals(planUpdate(needsReset).commit, { slot: 1, action: 1 });
  assertThrows(
    () => planUpdate(needsReset, { activation: "now" }),
    UsageError,
    "FRMW bit 4",
  );
});

for (
  const [activation, reset, running, needs] of [
    ["withoutReset", undefined, true, undefined],
    ["controllerReset", "controller", true, undefined],
    ["subsystemReset", "subsystem", true, undefined],
    ["conventionalReset", undefined, false, "conventional"],
  ] as const satisfies readonly (readonly [FirmwareActivation, ...unknown[]])[]
) {
  Deno.test(`an image that starts ${activation} ends with ${reset ?? "no"} reset`, async () => {
    const { transport, clock } = virtualDrive();
    const drive = new Drive(transport);
    const image = buildFirmwareImage({ revision: "2.0", activation, pauseMs: 1 });
    const plan = planUpdate(await readFirmware(drive));
    const steps: string[] = [];
    const updated = await updateFirmware(drive, image, plan, {
      step: (text) => {
        steps.push(text);
        clock.time += 10;
      },
      allowSubsystemReset: () => Promise.resolve(ALLOWED),
    });
    assertEquals([updated.reset, updated.running, updated.needs], [reset, running, needs]);
    assertEquals(updated.after.revision, running ? "2.0" : plan.firmware.revision);
    assertEquals(steps.length, reset === undefined ? 2 : 3);
  });
}

Deno.test("what is left for later is committed and named, and no reset is done", async () => {
  const { transport } = virtualDrive();
  const drive = new Drive(transport);
  const image = buildFirmwareImage({ revision: "2.0", activation: "withoutReset" });
  const plan = planUpdate(await readFirmware(drive), { activation: "later" });
  const updated = await updateFirmware(drive, image, plan);
  assertEquals([updated.reset, updated.running, updated.needs], [undefined, false, "controller"]);
  await transport.reset?.("controller");
  drive.forget();
  assertEquals((await readFirmware(drive)).revision, "2.0");
});

for (
  const [activation, wish, needs] of [
    ["withoutReset", "later", "controller"],
    ["conventionalReset", undefined, "conventional"],
    ["withoutReset", undefined, undefined],
    ["controllerReset", undefined, undefined],
  ] as const satisfies readonly (readonly [FirmwareActivation, ...unknown[]])[]
) {
  const when = `${activation}, ${wish ?? "as soon as it can be"}`;
  Deno.test(`of the slot that runs, new firmware ${when}, is not taken for running before it does`, async () => {
    const { transport, clock } = virtualDrive();
    const drive = new Drive(transport);
    const image = buildFirmwareImage({ revision: "2.0", activation, pauseMs: 1 });
    const plan = planUpdate(await readFirmware(drive), { slot: 2, activation: wish });
    assertEquals(plan.slot.active, true);
    const step = (): void => void (clock.time += 10);
    const updated = await updateFirmware(drive, image, plan, { step });
    assertEquals([updated.running, updated.needs], [needs === undefined, needs]);
    assertEquals(updated.after.revision, needs === undefined ? "2.0" : plan.firmware.revision);
  });
}

for (
  const [at, said, slot3] of [
    ["Downloading", "downloaded, and nothing is committed", ""],
    ["Committing", "in slot 3, not reset", "2.0"],
  ] as const
) {
  Deno.test(`an update that is interrupted while ${at.toLowerCase()} ends before the next step`, async () => {
    const { transport } = virtualDrive();
    const drive = new Drive(transport);
    const interrupts = new AbortController();
    const image = buildFirmwareImage({ revision: "2.0", activation: "controllerReset" });
    const plan = planUpdate(await readFirmware(drive), { activation: "reset" });
    // The last piece is on its way, or the commit: only what comes next can be left out.
    const error = await assertRejects(
      () =>
        updateFirmware(drive, image, plan, {
          signal: interrupts.signal,
          progress: (bytes) => {
            if (at === "Downloading" && bytes === image.length) interrupts.abort();
          },
          step: (text) => {
            if (at === "Committing" && text.startsWith(at)) interrupts.abort();
          },
        }),
      InterruptedError,
      said,
    );
    assertEquals(typeof error.next, "string");
    const after = await readFirmware(drive);
    assertEquals([after.revision, after.slots[2]?.revision], [plan.firmware.revision, slot3]);
  });
}

/** What a virtual drive answers, but for commits and resets. */
function meddled(
  { result, reset }: { readonly result?: bigint; readonly reset?: Error | "ignored" },
): Drive {
  const { transport } = virtualDrive();
  return new Drive({
    ...transport,
    async submit(command) {
      const completion = await transport.submit(command);
      return command.opcode === 0x10 ? { ...completion, result: result ?? 0n } : completion;
    },
    reset: (kind) =>
      reset === "ignored"
        ? Promise.resolve()
        : reset
        ? Promise.reject(reset)
        : transport.reset?.(kind) ?? Promise.reject(new Error("no reset")),
  });
}

async function updated(
  drive: Drive,
  activation: FirmwareActivation,
  hooks: Parameters<typeof updateFirmware>[3] = {},
) {
  const image = buildFirmwareImage({ revision: "2.0", activation });
  return await updateFirmware(drive, image, planUpdate(await readFirmware(drive)), hooks);
}

Deno.test("an image that takes longer to start than the drive promises is started by a reset", async () => {
  const drive = new Drive(virtualDrive().transport);
  const image = buildFirmwareImage({
    revision: "2.0",
    activation: "withoutReset",
    pauseMs: 3_600_000,
  });
  const { reset, running, needs, after } = await updateFirmware(
    drive,
    image,
    planUpdate(await readFirmware(drive)),
  );
  assertEquals([reset, running, needs], ["controller", true, undefined]);
  assertEquals(after.revision, "2.0");
});

Deno.test("the whole subsystem is not reset unless that is allowed: it is left to do", async () => {
  for (const allowSubsystemReset of [undefined, () => Promise.resolve(undefined)]) {
    const drive = new Drive(virtualDrive().transport);
    const { reset, running, needs } = await updated(
      drive,
      "subsystemReset",
      allowSubsystemReset ? { allowSubsystemReset } : {},
    );
    assertEquals([reset, running, needs], [undefined, false, "subsystem"]);
  }
});

Deno.test("no reset starts an image that may be mixed with another download", async () => {
  const { reset, running, needs, committed } = await updated(
    meddled({ result: 2n }),
    "controllerReset",
  );
  assertEquals(committed.overlapped, true);
  assertEquals([reset, running, needs], [undefined, false, "controller"]);
});

Deno.test("an update whose commit fails tells of a download in between, told by any commit", async () => {
  const needsTime = { status: 0x112, result: 1n };
  const rejected = { status: 0x4107, result: 0n };
  const lost = new UnreachableError("Cannot reach it", { code: "ENODEV" });
  const cases = [
    [[{ ...rejected, result: 2n }], "status"],
    [[needsTime, rejected], "status"],
    [[needsTime, { ...rejected, result: 3n }], "status"],
    [[needsTime, lost], "unreachable"],
  ] as const;
  for (const [answers, kind] of cases) {
    const { transport } = virtualDrive();
    let commits = 0;
    const drive = new Drive({
      ...transport,
      submit(command) {
        const answer = command.opcode === 0x10 ? answers[commits++] : undefined;
        if (answer instanceof Error) return Promise.reject(answer);
        return answer ? Promise.resolve(answer) : transport.submit(command);
      },
    });
    const error = await assertRejects(() => updated(drive, "withoutReset"), NvmectlError);
    assertEquals(error.kind, kind);
    const said = `${error.message} ${error.next}`;
    assertEquals(said.split("Another download went on at the same time").length, 2, said);
    assertStringIncludes(error.next ?? "", "See that nobody else updates this drive");
    assertEquals(commits, answers.length);
  }
});

Deno.test("a reset that a controller does not have is left to do, after a commit that is one", async () => {
  const enotty = new UnreachableError("Cannot reset: no NSSR", { code: "ENOTTY" });
  for (const failure of [enotty, new UnsupportedError("Cannot reset the subsystem")]) {
    const { reset, needs } = await updated(meddled({ reset: failure }), "subsystemReset", {
      allowSubsystemReset: () => Promise.resolve(ALLOWED),
    });
    assertEquals([reset, needs], [undefined, "subsystem"]);
  }
});

Deno.test("a reset that fails is an error that says where the new firmware is", async () => {
  const gone = new UnreachableError("Cannot reset: it is gone", { next: "see dmesg" });
  const error = await assertRejects(
    () => updated(meddled({ reset: gone }), "controllerReset"),
    UnreachableError,
    "it is gone",
  );
  assertEquals(
    error.next,
    "see dmesg; the new firmware is committed to slot 3, and the next reset or power cycle " +
      "starts it",
  );
});

Deno.test("firmware that does not run after the reset that it asked for needs no other", async () => {
  const { reset, running, needs } = await updated(meddled({ reset: "ignored" }), "controllerReset");
  assertEquals([reset, running, needs], ["controller", false, undefined]);
});
