// The library face: what a Deno program may import to ask things of NVMe drives.
//
// ```ts
// import { Drive, judge, openTarget, readLog, SmartPage, identifyController } from "./src/mod.ts";
//
// const { transport } = await openTarget("virtual:warning");
// await using drive = new Drive(transport);
// const { value } = await readLog(drive, SmartPage);
// const { verdict } = judge(value, await identifyController(drive));
// ```

export * from "./controller/drive.ts";
export * from "./controller/format.ts";
export * from "./controller/health.ts";
export * from "./controller/identify.ts";
export * from "./controller/log.ts";
export * from "./controller/raw.ts";
export * from "./controller/refusal.ts";
export * from "./controller/selftest.ts";
export * from "./errors.ts";
export { directTransport, preset, presetNames, VirtualDrive } from "./drive/mod.ts";
export { openTarget } from "./open.ts";
export * from "./spec/command.ts";
export * from "./spec/completion.ts";
export * from "./spec/identify/mod.ts";
export * from "./spec/log/mod.ts";
export * from "./spec/opcode.ts";
export * from "./spec/status/status.ts";
export * from "./transport/transport.ts";
