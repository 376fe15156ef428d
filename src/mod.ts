// The library face: what a Deno program may import to ask things of NVMe drives.
//
// ```ts
// import { identifyController, judge, open, readLog, SmartPage } from "./src/mod.ts";
//
// await using drive = await open("virtual:warning");
// const { value } = await readLog(drive, SmartPage);
// const { verdict } = judge(value, await identifyController(drive));
// ```

export * from "./controller/ana.ts";
export * from "./controller/block_size.ts";
export * from "./controller/drive.ts";
export * from "./controller/feature_change.ts";
export * from "./controller/feature_list.ts";
export * from "./controller/features.ts";
export * from "./controller/firmware.ts";
export * from "./controller/firmware_update.ts";
export * from "./controller/format.ts";
export * from "./controller/health.ts";
export * from "./controller/identify.ts";
export * from "./controller/lba_status.ts";
export * from "./controller/log.ts";
export * from "./controller/namespaces.ts";
export * from "./controller/raw.ts";
export * from "./controller/refusal.ts";
export * from "./controller/reset.ts";
export * from "./controller/sanitize.ts";
export * from "./controller/security.ts";
export * from "./controller/selftest.ts";
export * from "./controller/telemetry.ts";
export * from "./errors.ts";
export { directTransport, preset, presetNames, VirtualDrive } from "./drive/mod.ts";
export * from "./keys/mod.ts";
export * from "./library.ts";
export { kernelKeyring } from "./open/keyring.ts";
export * from "./spec/command.ts";
export * from "./spec/completion.ts";
export * from "./spec/identify/mod.ts";
export * from "./spec/log/mod.ts";
export * from "./spec/opcode.ts";
export * from "./spec/status/status.ts";
export * from "./transport/transport.ts";
