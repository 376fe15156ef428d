// Power states.

import { assertEquals } from "@std/assert";
import {
  activePower,
  idlePower,
  isEmptyPowerState,
  maximumPower,
  PowerStateDescriptor,
} from "../../../src/spec/identify/power_state.ts";
import { CONTROLLER_IMAGE } from "../../golden/identify/images.ts";
import { structureTests } from "../../support/structure.ts";
import { witnessTests } from "../log/witness.ts";
import { texts } from "./texts.ts";
import { POWER_STATE_WITNESS } from "./witness.ts";

const STATE_0 = CONTROLLER_IMAGE.subarray(2048, 2080);
const STATE_4 = CONTROLLER_IMAGE.subarray(2176, 2208);

structureTests(PowerStateDescriptor, {
  bytes: STATE_4,
  decoded: {
    power: { value: 0x03000032, mp: 50, mxps: true, nops: true },
    enlat: 10_000,
    exlat: 45_000,
    relative: { value: 0x01020304, rrt: 4, rrl: 3, rwt: 2, rwl: 1 },
    idle: { value: 0x400019, idlp: 25, ips: 1 },
    active: { value: 0, actp: 0, apw: 0, aps: 0 },
  },
  encoded: {
    power: { mp: 50, mxps: true, nops: true },
    enlat: 10_000,
    exlat: 45_000,
    relative: { rrt: 4, rrl: 3, rwt: 2, rwl: 1 },
    idle: { idlp: 25, ips: 1 },
  },
});

witnessTests(PowerStateDescriptor, POWER_STATE_WITNESS);

Deno.test("PowerStateDescriptor shows watts in hundredths", () => {
  assertEquals(texts(PowerStateDescriptor, STATE_0), {
    power: "25 W",
    enlat: "16 µs",
    exlat: "4 µs",
    relative: "read throughput 0, read latency 0, write throughput 0, write latency 0",
    idle: "3.5 W",
    active: "18 W (workload 2: heavy sequential writes)",
    powerLoss: "emergency power fail recovery: 10 s, forced quiescence vault: 500 ms, " +
      "emergency power fail vault: 200 ms",
  });
});

Deno.test("PowerStateDescriptor shows watts in ten-thousandths", () => {
  const words = texts(PowerStateDescriptor, STATE_4);
  assertEquals(words["power"], "0.005 W, non-operational");
  assertEquals(words["idle"], "0.0025 W");
  assertEquals(words["active"], "not reported");
  assertEquals(words["powerLoss"], "not reported");
});

Deno.test("PowerStateDescriptor gives machines watts, where the drive reports them", () => {
  const json = PowerStateDescriptor.json(PowerStateDescriptor.decode(STATE_4));
  assertEquals(json["power_watts"], 0.005);
  assertEquals(json["idle_watts"], 0.0025);
  assertEquals("active_watts" in json, false);
});

Deno.test("PowerStateDescriptor shows reserved times and scales as they are", () => {
  const bytes = PowerStateDescriptor.encode({ powerLoss: { epfrt: 100, fqvt: 1, fqvts: 13 } });
  assertEquals(
    texts(PowerStateDescriptor, bytes)["powerLoss"],
    "emergency power fail recovery: reserved (100, scale 0), " +
      "forced quiescence vault: reserved (1, scale 13), emergency power fail vault: not reported",
  );
});

Deno.test("maximumPower(), idlePower(), activePower() know scales, and when not to say", () => {
  const state = PowerStateDescriptor.decode(STATE_0);
  assertEquals(maximumPower(state.power), 25);
  assertEquals(idlePower(state.idle), 3.5);
  assertEquals(activePower(state.active), 18);
  assertEquals(maximumPower({ value: 0, mp: 0, mxps: false, nops: false }), undefined);
  assertEquals(idlePower({ value: 0, idlp: 100, ips: 0 }), undefined);
  assertEquals(idlePower({ value: 0, idlp: 100, ips: 3 }), undefined);
  assertEquals(activePower({ value: 0, actp: 100, apw: 1, aps: 0 }), undefined);
});

Deno.test("isEmptyPowerState() is false as soon as one field says something", () => {
  const empty = PowerStateDescriptor.decode(new Uint8Array(32));
  assertEquals(isEmptyPowerState(empty), true);
  assertEquals(isEmptyPowerState({ ...empty, exlat: 1 }), false);
  assertEquals(isEmptyPowerState(PowerStateDescriptor.decode(STATE_4)), false);
});
