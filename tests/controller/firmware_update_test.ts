// A firmware update: which slot, which reset, and whether the new firmware runs.

import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import { type Firmware, readFirmware, type Slot } from "../../src/controller/firmware.ts";
import { planUpdate, updateFirmware } from "../../src/controller/firmware_update.ts";
import {
  buildFirmwareImage,
  type FirmwareActivation,
} from "../../src/drive/model/firmware_image.ts";
import { InterruptedError, UsageError } from "../../src/errors.ts";
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
