// The Command register: which bits are set and cleared, and what a device that is gone says.

import { assertEquals, assertThrows } from "@std/assert";
import { UnreachableError } from "../../../src/errors.ts";
import {
  startBusMaster,
  stopBusMaster,
  switchOnMemory,
} from "../../../src/transport/polled/command_register.ts";
import { Rig, scriptedDevice } from "./rig.ts";

const COMMAND_AT = 4;

Deno.test("memory goes on without the interrupt pin, and the bus master by itself", () => {
  const device = scriptedDevice();
  device.words.set(COMMAND_AT, 0x0101);
  switchOnMemory(device);
  assertEquals(device.words.get(COMMAND_AT), 0x0503);
  startBusMaster(device);
  assertEquals(device.words.get(COMMAND_AT), 0x0507);
  stopBusMaster(device);
  assertEquals(device.words.get(COMMAND_AT), 0x0503);
});

Deno.test("what is set already is not written again", () => {
  const device = scriptedDevice();
  device.words.set(COMMAND_AT, 0x0506);
  const silent = {
    target: device.target,
    config: { read: device.config.read, write: () => assertEquals("a write", "none") },
  };
  switchOnMemory(silent);
  startBusMaster(silent);
});

Deno.test("a virtual function takes the same bits", () => {
  const { backing } = new Rig();
  switchOnMemory(backing);
  startBusMaster(backing);
  assertEquals(backing.config.read(COMMAND_AT, 2) & 0x0406, 0x0406);
  stopBusMaster(backing);
  assertEquals(backing.config.read(COMMAND_AT, 2) & 0x0406, 0x0402);
});

Deno.test("a function that is gone is named, and left alone at the end", () => {
  const device = scriptedDevice();
  device.words.set(COMMAND_AT, 0xffff);
  for (const step of [switchOnMemory, startBusMaster]) {
    assertThrows(() => step(device), UnreachableError, "Cannot reach 0000:01:00.0: the device");
  }
  stopBusMaster(device);
  assertEquals(device.words.get(COMMAND_AT), 0xffff);
});

Deno.test("a function that does not become bus master is refused", () => {
  const device = scriptedDevice();
  const deaf = { target: device.target, config: { ...device.config, write: () => {} } };
  assertThrows(() => startBusMaster(deaf), UnreachableError, "reads 0000h, need 0004h set");
  assertThrows(() => switchOnMemory(deaf), UnreachableError, "reads 0000h, need 0002h set");
});

Deno.test("a function whose configuration space answers with errors is let go all the same", () => {
  const device = scriptedDevice();
  const refuse = (): never => {
    throw new UnreachableError("Cannot reach it: an error of the bus");
  };
  stopBusMaster({ ...device, config: { read: refuse, write: refuse } });
  stopBusMaster({ ...device, config: { ...device.config, write: refuse } });
  const deaf = { ...device, config: { ...device.config, read: refuse } };
  assertThrows(() => switchOnMemory(deaf), UnreachableError, "an error of the bus");
});
