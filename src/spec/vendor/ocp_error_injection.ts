// Error Injection, the feature C0h of drives for data centers: what a host asks the drive to do
// wrong. Types and fields are those up to revision 2.7; the sections are those of 2.6.

import {
  array,
  at,
  bit,
  bits,
  coded,
  measured,
  microseconds,
  type Names,
  range,
  reserved,
  struct,
  u16,
  u32,
  u8,
} from "../../layout/mod.ts";
import { dword11 } from "../feature/dword_layouts.ts";

/** The identifier of the feature [OCP-2.6 §4.15.3]. */
export const ERROR_INJECTION = 0xc0;

/** Entries that one command can carry: the number has seven bits. */
export const MOST_INJECTIONS = 127;

/** Types of injected errors [OCP-2.6 §4.15.3.1]; those from 17h on came with revision 2.7. */
export const INJECTION_TYPE = {
  cpuHang: 0x01,
  nandHang: 0x02,
  plpDefect: 0x03,
  firmwareError: 0x04,
  dramCorruptionCritical: 0x05,
  dramCorruption: 0x06,
  nandCorruption: 0x07,
  sramCorruption: 0x08,
  hardwareMalfunction: 0x09,
  noSpares: 0x0a,
  incompleteShutdown: 0x0b,
  metadataCorruption: 0x0c,
  criticalGarbageCollection: 0x0d,
  latencySpike: 0x0e,
  ioFailure: 0x0f,
  ioTimeout: 0x10,
  adminFailure: 0x11,
  adminTimeout: 0x12,
  throttleEngaged: 0x13,
  throttleDisengaged: 0x14,
  criticalTemperature: 0x15,
  dieOffline: 0x16,
  sanitizeCommandFailure: 0x17,
  userDataErase: 0x19,
  pcieCorrectable: 0x1a,
  pcieUncorrectable: 0x1b,
  eventLogClear: 0x1c,
  sanitizeFailure: 0x1d,
  randomLatency: 0x1e,
  factoryReset: 0x1f,
  voltageDrop: 0x20,
  availableSpare: 0x21,
  memoryBackup: 0x22,
} as const;

/** What the types are called; 1h to Ah are panics of the device. */
export const INJECTION_NAMES: Names = {
  [INJECTION_TYPE.cpuHang]: "CPU hang",
  [INJECTION_TYPE.nandHang]: "NAND hang",
  [INJECTION_TYPE.plpDefect]: "PLP defect",
  [INJECTION_TYPE.firmwareError]: "firmware error",
  [INJECTION_TYPE.dramCorruptionCritical]: "DRAM corruption, critical",
  [INJECTION_TYPE.dramCorruption]: "DRAM corruption, non-critical",
  [INJECTION_TYPE.nandCorruption]: "NAND corruption",
  [INJECTION_TYPE.sramCorruption]: "SRAM corruption",
  [INJECTION_TYPE.hardwareMalfunction]: "hardware malfunction",
  [INJECTION_TYPE.noSpares]: "no more spares",
  [INJECTION_TYPE.incompleteShutdown]: "incomplete shutdown",
  [INJECTION_TYPE.metadataCorruption]: "metadata corruption",
  [INJECTION_TYPE.criticalGarbageCollection]: "critical garbage collection",
  [INJECTION_TYPE.latencySpike]: "latency spike",
  [INJECTION_TYPE.ioFailure]: "I/O failure",
  [INJECTION_TYPE.ioTimeout]: "I/O timeout",
  [INJECTION_TYPE.adminFailure]: "admin failure",
  [INJECTION_TYPE.adminTimeout]: "admin timeout",
  [INJECTION_TYPE.throttleEngaged]: "thermal throttle engaged",
  [INJECTION_TYPE.throttleDisengaged]: "thermal throttle disengaged",
  [INJECTION_TYPE.criticalTemperature]: "critical temperature",
  [INJECTION_TYPE.dieOffline]: "die offline",
  [INJECTION_TYPE.sanitizeCommandFailure]: "sanitize command failure",
  [INJECTION_TYPE.userDataErase]: "user data erase required",
  [INJECTION_TYPE.pcieCorrectable]: "PCIe correctable error",
  [INJECTION_TYPE.pcieUncorrectable]: "PCIe uncorrectable error",
  [INJECTION_TYPE.eventLogClear]: "persistent event log cleared",
  [INJECTION_TYPE.sanitizeFailure]: "sanitize failure",
  [INJECTION_TYPE.randomLatency]: "random latency",
  [INJECTION_TYPE.factoryReset]: "factory reset",
  [INJECTION_TYPE.voltageDrop]: "voltage drop",
  [INJECTION_TYPE.availableSpare]: "available spare low",
  [INJECTION_TYPE.memoryBackup]: "volatile memory backup failed",
};

/** One error to inject. */
export const ErrorInjectionEntry = struct(
  "Error Injection Entry",
  32,
  "[OCP-2.6 §4.15.3.1]",
  [
    at(
      0,
      0,
      "flags",
      bits(u8, { enable: bit(0, "enabled"), single: bit(1, "single instance") }),
      "Flags",
    ),
    reserved(1, 1),
    at(2, 3, "type", coded(u16, INJECTION_NAMES), "Type"),
    at(4, 5, "nrtdp", u16, "Reads before the panic"),
    reserved(6, 7),
    at(8, 11, "latency", measured(u32, microseconds), "Latency"),
    reserved(12, 31),
  ],
);

/** A decoded entry. */
export type ErrorInjectionEntry = ReturnType<typeof ErrorInjectionEntry.decode>;

/** What both commands transfer; how many entries count is said in a dword. */
export const ErrorInjectionData = struct("Error Injection", 4096, "[OCP-2.6 §4.15.3.1]", [
  at(0, 4063, "entries", array(ErrorInjectionEntry, MOST_INJECTIONS), "Entries"),
  reserved(4064, 4095),
]);

/** Dword 11 of Set Features; dword 0 that Get Features answers with is the same. */
export const ErrorInjectionDwords = dword11("Error Injection", "[OCP-2.6 §4.15.3]", {
  num: range(6, 0, "number of entries"),
});

/** The structures of this feature, for whoever lists structures. */
export const ERROR_INJECTION_STRUCTURES = [
  ErrorInjectionDwords,
  ErrorInjectionData,
  ErrorInjectionEntry,
] as const;
