// The SMART / Health Information log page.

import { assertEquals } from "@std/assert";
import { SmartLog, SmartPage } from "../../../src/spec/log/smart.ts";
import { SMART_DYING_IMAGE, SMART_IMAGE } from "../../golden/log/images.ts";
import { page } from "../../golden/log/page.ts";
import { structureTests } from "../../support/structure.ts";
import { NOTHING } from "./controllers.ts";
import { SMART_WITNESS, witnessTests } from "./witness.ts";

const VALUE = {
  compositeTemperature: 310,
  availableSpare: 100,
  availableSpareThreshold: 10,
  percentageUsed: 2,
  dataUnitsRead: 123456n,
  dataUnitsWritten: 2n ** 127n - 1n,
  hostReadCommands: 1_000_000_000n,
  hostWriteCommands: 2n ** 64n + 1n,
  controllerBusyTime: 60n,
  powerCycles: 42n,
  powerOnHours: 10_000n,
  unsafeShutdowns: 12n,
  mediaErrors: 3n,
  errorLogEntries: 5n,
  warningTemperatureTime: 7,
  criticalTemperatureTime: 1,
  temperatureSensors: [310, 315, 0, 0, 0, 0, 0, 325],
  thermalTransitions1: 2,
  thermalTransitions2: 1,
  thermalTime1: 120,
  thermalTime2: 30,
};

structureTests(SmartLog, { bytes: SMART_IMAGE, decoded: VALUE, encoded: VALUE });

witnessTests(SmartLog, SMART_WITNESS);

/** The one-line texts of a page, by field. */
function texts(bytes: Uint8Array): Readonly<Record<string, string>> {
  return Object.fromEntries(
    SmartLog.fields(SmartLog.decode(bytes)).map(({ row, text }) => [row.name, text]),
  );
}

Deno.test("SmartLog says every critical warning in plain words", () => {
  const { criticalWarning } = SmartLog.decode(SMART_DYING_IMAGE);
  assertEquals(criticalWarning, {
    value: 0x3f,
    availableSpare: true,
    temperature: true,
    reliability: true,
    readOnly: true,
    volatileBackup: true,
    persistentMemory: true,
  });
  const words = texts(SMART_DYING_IMAGE);
  assertEquals(
    words["criticalWarning"],
    "available spare is below its threshold, a temperature is beyond its threshold, " +
      "reliability is degraded, all media are read-only, volatile memory backup has failed, " +
      "persistent memory region is read-only or unreliable",
  );
  assertEquals(
    words["enduranceGroupCriticalWarning"],
    "available spare of an endurance group is below its threshold, " +
      "reliability of an endurance group is degraded, an endurance group is read-only",
  );
});

Deno.test("SmartLog has each critical warning at its own bit", () => {
  const names = [
    "availableSpare",
    "temperature",
    "reliability",
    "readOnly",
    "volatileBackup",
    "persistentMemory",
  ] as const;
  names.forEach((name, position) => {
    const { criticalWarning } = SmartLog.decode(
      page(512, { 0: (1 << position).toString(16) }),
    );
    assertEquals(names.filter((other) => criticalWarning[other]), [name]);
  });
});

Deno.test("SmartLog lets the percentage used pass 100 and says what 255 means", () => {
  assertEquals(texts(page(512, { 5: "65" }))["percentageUsed"], "101 %");
  assertEquals(texts(page(512, { 5: "fe" }))["percentageUsed"], "254 %");
  assertEquals(texts(page(512, { 5: "ff" }))["percentageUsed"], "more than 254 %");
});

Deno.test("SmartLog shows values with their units", () => {
  const words = texts(SMART_IMAGE);
  assertEquals(words["compositeTemperature"], "37 °C (310 K)");
  assertEquals(words["dataUnitsRead"], "63.2 GB (123,456 units)");
  assertEquals(words["powerOnHours"], "10,000 h (416 days 16 h)");
  assertEquals(words["hostWriteCommands"], "18,446,744,073,709,551,617");
  assertEquals(words["thermalTime1"], "120 s (2 min)");
  assertEquals(
    words["temperatureSensors"],
    "sensor 1: 37 °C (310 K), sensor 2: 42 °C (315 K), sensor 8: 52 °C (325 K)",
  );
  assertEquals(texts(new Uint8Array(512))["temperatureSensors"], "not reported");
});

Deno.test("SmartLog keeps 128 bits exact in JSON", () => {
  const json = SmartPage.json(SmartLog.decode(SMART_IMAGE));
  assertEquals(json["data_units_written"], Number(2n ** 127n - 1n));
  assertEquals(json["data_units_written_s"], "170141183460469231731687303715884105727");
  assertEquals(json["host_write_commands_s"], "18446744073709551617");
  assertEquals(json["data_units_read_bytes"], 63_209_472_000);
  assertEquals(json["data_units_written_bytes_s"], "87112285931760246646623899502532662132224000");
  assertEquals(json["power_on_hours"], 10_000);
  assertEquals("power_on_hours_s" in json, false);
});

Deno.test("SmartLog has temperatures in Celsius beside the kelvins in JSON", () => {
  const json = SmartPage.json(SmartLog.decode(SMART_IMAGE));
  assertEquals(json["composite_temperature"], 310);
  assertEquals(json["composite_temperature_celsius"], 37);
  assertEquals(json["temperature_sensors"], [310, 315, 0, 0, 0, 0, 0, 325]);
  assertEquals(
    json["temperature_sensors_celsius"],
    [37, 42, null, null, null, null, null, 52],
  );
});

Deno.test("SmartLog uses the specification's words as JSON keys", () => {
  const json = SmartPage.json(SmartLog.decode(SMART_DYING_IMAGE));
  assertEquals(Object.keys(json["critical_warning"] as object), [
    "value",
    "text",
    "available_spare",
    "temperature",
    "reliability",
    "read_only",
    "volatile_backup",
    "persistent_memory",
  ]);
});

Deno.test("SmartPage is of one namespace only where LPA bit 0 says so", () => {
  assertEquals(SmartPage.perNamespace?.({ ...NOTHING, lpa: 0x0e }), false);
  assertEquals(SmartPage.perNamespace?.({ ...NOTHING, lpa: { value: 0x01 } }), true);
});
