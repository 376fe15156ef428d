// Every verb, one line each; a verb's module is loaded only when it is needed.

import type { Command } from "../cli/command.ts";

type Loader = () => Promise<Command>;

// A command is invariant in its options' types; the registry only holds it.
function entry(load: () => Promise<unknown>): Loader {
  return load as Loader;
}

/**
 * The verbs, in the order in which help lists them. A name of two words is a verb of a group:
 * `drive serve`.
 */
export const COMMANDS: Readonly<Record<string, Loader>> = {
  list: entry(async () => (await import("./list.ts")).list),
  health: entry(async () => (await import("./health.ts")).health),
  identify: entry(async () => (await import("./identify.ts")).identify),
  log: entry(async () => (await import("./log.ts")).log),
  selftest: entry(async () => (await import("./selftest.ts")).selftest),
  format: entry(async () => (await import("./format.ts")).format),
  reset: entry(async () => (await import("./reset.ts")).reset),
  rescan: entry(async () => (await import("./rescan.ts")).rescan),
  raw: entry(async () => (await import("./raw.ts")).raw),
  "drive new": entry(async () => (await import("./drive/new.ts")).driveNew),
  "drive clone": entry(async () => (await import("./drive/clone.ts")).driveClone),
  "drive serve": entry(async () => (await import("./drive/serve.ts")).driveServe),
  "drive scenarios": entry(async () => (await import("./drive/scenarios.ts")).driveScenarios),
  "drive inject": entry(async () => (await import("./drive/inject.ts")).driveInject),
  "drive clear": entry(async () => (await import("./drive/clear.ts")).driveClear),
  "drive plugins": entry(async () => (await import("./drive/plugins.ts")).drivePlugins),
  "drive firmware-image": entry(async () =>
    (await import("./drive/firmware_image.ts")).driveFirmwareImage
  ),
  "drive plugin-types": entry(async () =>
    (await import("./drive/plugin_types.ts")).drivePluginTypes
  ),
  "drive taps": entry(async () => (await import("./drive/taps.ts")).driveTaps),
  "drive trace": entry(async () => (await import("./drive/trace.ts")).driveTrace),
  "drive wireshark-plugin": entry(async () =>
    (await import("./drive/wireshark_plugin.ts")).driveWiresharkPlugin
  ),
  "drive powercut": entry(async () => (await import("./drive/powercut.ts")).drivePowercut),
  "drive snapshot": entry(async () => (await import("./drive/snapshot.ts")).driveSnapshot),
  explain: entry(async () => (await import("./explain.ts")).explain),
  completions: entry(async () => (await import("./completions.ts")).completions),
  version: entry(async () => (await import("./version.ts")).version),
};

/** What the groups of verbs are about, one line each. */
export const GROUPS: Readonly<Record<string, string>> = {
  drive: "Run a virtual drive, break it on purpose, watch it",
};

/** All verbs, loaded: for help and completion. */
export function allCommands(): Promise<readonly Command[]> {
  return Promise.all(Object.values(COMMANDS).map((load) => load()));
}

/**
 * What users of nvme-cli and smartctl type, and what it is called here. Never run in its place:
 * a name that means something slightly different must not touch a drive.
 */
export const FOREIGN_NAMES: Readonly<Record<string, string>> = {
  "smart-log": "health",
  "smart": "health",
  "id-ctrl": "identify",
  "id-ns": "identify --namespace N",
  "list-ns": "identify --namespaces",
  "list-ctrl": "identify --controllers",
  "ns-descs": "identify --namespace N --descriptors",
  "cmdset-ind-id-ns": "identify --namespace N --command-set",
  "list-subsys": "list",
  "error-log": "log error",
  "fw-log": "log firmware",
  "effects-log": "log effects",
  "changed-ns-list-log": "log changed-namespaces",
  "supported-log-pages": "log supported",
  "get-log": "log 0xLID",
  "self-test-log": "selftest",
  "device-self-test": "selftest --short",
  "subsystem-reset": "reset --subsystem",
  "ns-rescan": "rescan",
  "admin-passthru": "raw admin",
  "io-passthru": "raw io",
};
