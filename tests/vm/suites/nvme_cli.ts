// nvme-cli as the second opinion: on the same drive, through the same kernel, both must see the
// same values, field by field, and the same bytes.

import { assert, assertEquals } from "@std/assert";
import { driveId } from "../../../scripts/vm/guest.ts";
import { controller, guestTest, nvmectl, SERIAL, shell } from "../../support/guest.ts";
import {
  assertAgree,
  assertFormatsAgree,
  type Fields,
  ours,
  peer,
  SMART_NAMES,
} from "../../support/peer.ts";

guestTest("identify agrees with nvme id-ctrl in every field", async (guest) => {
  for (const serial of [SERIAL.plain, SERIAL.two]) {
    const device = await controller(guest, serial);
    const { controller: mine } = await ours(guest, ["identify", device]) as { controller: Fields };
    assertAgree(await peer(guest, `id-ctrl ${device}`), mine, {
      special: {
        psds: (states) => {
          const [theirs] = states as readonly Fields[];
          const [own] = mine["psd"] as readonly { readonly [key: string]: Fields }[];
          assertEquals(own?.["power"]?.["mp"], theirs?.["max_power"]);
          assertEquals(own?.["enlat"] as unknown, theirs?.["entry_lat"]);
          assertEquals(own?.["exlat"] as unknown, theirs?.["exit_lat"]);
        },
      },
    });
  }
});

guestTest(
  "identify --namespace agrees with nvme id-ns in every field and every LBA format",
  async (guest) => {
    const device = await controller(guest, SERIAL.two);
    for (const nsid of [1, 2]) {
      const { namespace: mine } = await ours(guest, [
        "identify",
        device,
        "--namespace",
        String(nsid),
      ]) as { namespace: Fields };
      assertAgree(await peer(guest, `id-ns ${device} -n ${nsid}`), mine, {
        special: {
          lbafs: (formats) => assertFormatsAgree(formats, mine),
        },
      });
    }
  },
);

guestTest("health agrees with nvme smart-log in every counter", async (guest) => {
  const device = await controller(guest, SERIAL.plain);
  // Something to count: reads and writes of known size.
  await shell(guest, `dd if=/dev/zero of=${device}n1 bs=1M count=8 oflag=direct 2>/dev/null`);
  const { smart } = await ours(guest, ["health", device]) as { smart: Fields };
  const theirs = await peer(guest, `smart-log ${device}`);
  assert(Number(theirs["data_units_written"]) > 0);
  assertAgree(theirs, smart, { renamed: SMART_NAMES });
});

guestTest(
  "health follows a critical warning that QEMU raises, bit by bit as nvme-cli sees it",
  async (guest) => {
    const device = await controller(guest, SERIAL.plain);
    // QEMU has no persistent memory region here, so it refuses to raise bit 5.
    const path = `/machine/peripheral/${driveId(0)}`;
    try {
      for (const value of [0x01, 0x02, 0x04, 0x08, 0x10, 0x1f]) {
        await guest.qmp("qom-set", { path, property: "smart_critical_warning", value });
        const { code, stdout } = await nvmectl(guest, ["health", device, "-o", "json"]);
        assertEquals(code, 1);
        const report = JSON.parse(stdout);
        assertEquals(report.verdict, "critical");
        assertEquals(report.smart.critical_warning.value, value);
        const theirs = await peer(guest, `smart-log ${device}`);
        assertEquals(Number(theirs["critical_warning"]), value);
      }
    } finally {
      await guest.qmp("qom-set", { path, property: "smart_critical_warning", value: 0 });
    }
    assertEquals((await nvmectl(guest, ["health", device])).code, 0);
  },
);

guestTest(
  "every registered log that the drive has is byte for byte what nvme get-log reads",
  async (guest) => {
    const device = await controller(guest, SERIAL.plain);
    const logs = [["error", 1], ["smart", 2], ["firmware", 3], ["changed-namespaces", 4], [
      "effects",
      5,
    ]] as const;
    for (const [name, lid] of logs) {
      const mine = await nvmectl(guest, ["log", name, device, "-o", "raw"]);
      assertEquals(mine.code, 0, mine.stderr);
      const { stdoutBytes: theirs } = await guest.run(
        `nvme get-log ${device} --log-id=${lid} --log-len=${mine.stdoutBytes.length} --raw-binary`,
      );
      assertEquals(mine.stdoutBytes, theirs, name);
    }
  },
);

guestTest(
  "log firmware, log error and identify --descriptors say what nvme-cli says",
  async (guest) => {
    const device = await controller(guest, SERIAL.plain);
    const firmware = await ours(guest, ["log", "firmware", device]) as {
      log: { active_slot: number; slots: readonly { slot: number; revision: string }[] };
    };
    const theirs = Object.values(await peer(guest, `fw-log ${device}`))[0] as Fields;
    assertEquals(firmware.log.active_slot, theirs["Active Firmware Slot (afi)"]);
    assert(String(theirs["Firmware Rev Slot 1"]).includes(firmware.log.slots[0]?.revision ?? "-"));

    const errors = await ours(guest, ["log", "error", device]) as { log: { errors: unknown[] } };
    const { errors: entries } = await peer(guest, `error-log ${device}`) as {
      errors: readonly { error_count: number }[];
    };
    assertEquals(
      errors.log.errors.length,
      entries.filter(({ error_count }) => error_count > 0).length,
    );

    const mine = await ours(guest, [
      "identify",
      `${device}n1`,
      "--namespace",
      "1",
      "--descriptors",
    ]) as {
      descriptors: readonly { nidt: Fields; nidl: number }[];
    };
    const { "ns-descs": descriptors } = await peer(guest, `ns-descs ${device}n1`) as {
      "ns-descs": readonly { nidt: number; nidl: number }[];
    };
    assertEquals(
      mine.descriptors.map(({ nidt, nidl }) => [nidt["value"], nidl]),
      descriptors.map(({ nidt, nidl }) => [nidt, nidl]),
    );
  },
);

guestTest(
  "list agrees with nvme list, and shows a shared namespace once with both its paths",
  async (guest) => {
    const mine = await ours(guest, ["list"]) as {
      namespaces: readonly Fields[];
      controllers: readonly Fields[];
    };
    const { Devices: theirs } = await peer(guest, "list") as { Devices: readonly Fields[] };
    assertEquals(mine.namespaces.length, theirs.length);
    for (const device of theirs) {
      const own = mine.namespaces.find((one) => one["device"] === device["DevicePath"]);
      assert(own, `${device["DevicePath"]} is not in ${JSON.stringify(mine.namespaces)}`);
      assertEquals(own["nsid"], device["NameSpace"]);
      assertEquals(own["serial"], device["SerialNumber"]);
      assertEquals(own["model"], device["ModelNumber"]);
      assertEquals(own["firmware"], device["Firmware"]);
      assertEquals(Number(own["size_bytes"]), device["PhysicalSize"]);
      assertEquals(Number(own["used_bytes"]), device["UsedBytes"]);
      assertEquals(own["block_bytes"], device["SectorSize"]);
    }
    assertEquals(mine.controllers.length, 4);
    const shared = mine.namespaces.find(({ serial }) => serial === SERIAL.shared);
    assertEquals((shared?.["paths"] as unknown[]).length, 2);
  },
);

guestTest(
  "raw sends what nvme admin-passthru sends and brings the same bytes and result",
  async (guest) => {
    const device = await controller(guest, SERIAL.plain);
    const identify = await nvmectl(guest, [
      ...["raw", "admin", device, "--opcode", "0x06", "--cdw10", "1"],
      ...["--data-in", "4096", "-o", "raw"],
    ]);
    assertEquals(identify.code, 0, identify.stderr);
    const theirs = await guest.run(
      `nvme admin-passthru ${device} --opcode=0x06 --cdw10=1 --data-len=4096 -r -b`,
    );
    assertEquals(identify.stdoutBytes, theirs.stdoutBytes);

    // Number of Queues: the answer is in the completion.
    const feature = await ours(guest, ["raw", "admin", device, "--opcode", "0x0a", "--cdw10", "7"]);
    const text = await shell(guest, `nvme get-feature ${device} -f 7`);
    const value = Number(/0x[0-9a-f]+\s*$/i.exec(text.trim())?.[0] ?? NaN);
    assertEquals(Number(feature["result"]), value, text);
  },
);

guestTest("explain and the drive's refusal use the name that nvme-cli uses", async (guest) => {
  const device = await controller(guest, SERIAL.plain);
  const refused = await nvmectl(guest, ["log", "selftest", device]);
  assertEquals(refused.code, 3);
  const raw = await nvmectl(guest, ["log", "0x06", device]);
  assertEquals(raw.code, 3);
  assert(raw.stderr.includes("Invalid Field"), raw.stderr);
  const theirs = await guest.run(`nvme self-test-log ${device}`);
  assert(/Invalid Field/i.test(theirs.stdout + theirs.stderr));
  const explained = await nvmectl(guest, ["explain", "0x4002"]);
  assertEquals(explained.code, 0);
  assert(/Invalid Field/.test(explained.stdout), explained.stdout);
});
