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
  "lba-status": entry(async () => (await import("./lba_status.ts")).lbaStatus),
  registers: entry(async () => (await import("./registers.ts")).registers),
  read: entry(async () => (await import("./read.ts")).read),
  telemetry: entry(async () => (await import("./telemetry/capture.ts")).telemetry),
  "telemetry show": entry(async () => (await import("./telemetry/show.ts")).telemetryShow),
  selftest: entry(async () => (await import("./selftest.ts")).selftest),
  format: entry(async () => (await import("./format.ts")).format),
  sanitize: entry(async () => (await import("./sanitize.ts")).sanitize),
  "namespace list": entry(async () => (await import("./namespace/list.ts")).namespaceListVerb),
  "namespace create": entry(async () => (await import("./namespace/create.ts")).namespaceCreate),
  "namespace delete": entry(async () => (await import("./namespace/delete.ts")).namespaceDelete),
  "namespace attach": entry(async () => (await import("./namespace/attach.ts")).namespaceAttach),
  "namespace detach": entry(async () => (await import("./namespace/attach.ts")).namespaceDetach),
  "feature list": entry(async () => (await import("./feature/list.ts")).featureList),
  "feature get": entry(async () => (await import("./feature/get.ts")).featureGet),
  "feature set": entry(async () => (await import("./feature/set.ts")).featureSet),
  firmware: entry(async () => (await import("./firmware/show.ts")).firmware),
  "firmware update": entry(async () => (await import("./firmware/update.ts")).firmwareUpdate),
  "firmware download": entry(async () => (await import("./firmware/download.ts")).firmwareDownload),
  "firmware commit": entry(async () => (await import("./firmware/commit.ts")).firmwareCommit),
  "security receive": entry(async () => (await import("./security/receive.ts")).securityReceive),
  "security send": entry(async () => (await import("./security/send.ts")).securitySend),
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
  "vfio status": entry(async () => (await import("./vfio/status.ts")).vfioStatus),
  "vfio bind": entry(async () => (await import("./vfio/bind.ts")).vfioBind),
  "vfio unbind": entry(async () => (await import("./vfio/unbind.ts")).vfioUnbind),
  "key dhchap generate": entry(async () =>
    (await import("./key/dhchap_generate.ts")).keyDhchapGenerate
  ),
  "key dhchap check": entry(async () => (await import("./key/dhchap_check.ts")).keyDhchapCheck),
  "key tls generate": entry(async () => (await import("./key/tls_generate.ts")).keyTlsGenerate),
  "key tls check": entry(async () => (await import("./key/tls_check.ts")).keyTlsCheck),
  "key tls import": entry(async () => (await import("./key/tls_import.ts")).keyTlsImport),
  "key tls export": entry(async () => (await import("./key/tls_export.ts")).keyTlsExport),
  "key tls identity": entry(async () => (await import("./key/tls_identity.ts")).keyTlsIdentity),
  "key tls derive": entry(async () => (await import("./key/tls_derive.ts")).keyTlsDerive),
  "key tls insert": entry(async () => (await import("./key/tls_insert.ts")).keyTlsInsert),
  "key tls revoke": entry(async () => (await import("./key/tls_revoke.ts")).keyTlsRevoke),
  "key tls list": entry(async () => (await import("./key/tls_list.ts")).keyTlsList),
  "key ring lookup": entry(async () => (await import("./key/ring_lookup.ts")).keyRingLookup),
  "key ring find": entry(async () => (await import("./key/ring_find.ts")).keyRingFind),
  "key ring describe": entry(async () => (await import("./key/ring_describe.ts")).keyRingDescribe),
  "key ring read": entry(async () => (await import("./key/ring_read.ts")).keyRingRead),
  "key ring update": entry(async () => (await import("./key/ring_update.ts")).keyRingUpdate),
  "key ring link": entry(async () => (await import("./key/ring_link.ts")).keyRingLink),
  "key ring unlink": entry(async () => (await import("./key/ring_unlink.ts")).keyRingUnlink),
  explain: entry(async () => (await import("./explain.ts")).explain),
  completions: entry(async () => (await import("./completions.ts")).completions),
  version: entry(async () => (await import("./version.ts")).version),
};

/** What the groups of verbs are about, one line each. */
export const GROUPS: Readonly<Record<string, string>> = {
  namespace: "List, create, delete, attach and detach namespaces",
  feature: "List, read and change what can be set on a drive",
  telemetry: "Save telemetry for the vendor's support, describe it",
  firmware: "Show what firmware there is, and update it",
  security: "Talk to the security protocols of a drive (TCG, RPMB)",
  key: "Make, check and keep the keys of authentication and TLS",
  drive: "Run a virtual drive, break it on purpose, watch it",
  vfio: "Take drives from the kernel and give them back (VFIO)",
};

/** What the groups within groups are about, by all the words of their names. */
export const SUBGROUPS: Readonly<Record<string, string>> = {
  "key dhchap": "Secrets for DH-HMAC-CHAP, which NVMe 2.4 calls KX-HMAC-CHAP",
  "key tls": "Pre-shared keys for TLS with NVMe/TCP, and every step of their derivation",
  "key ring": "Keyrings of the kernel, and the keys in them",
};

/** Names that mean the same: what other documents say, and what it is called here. */
export const SYNONYMS: Readonly<Record<string, string>> = {
  "key kx-hmac-chap": "key dhchap",
  "key dh-hmac-chap": "key dhchap",
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
  "sanitize-log": "sanitize",
  "create-ns": "namespace create",
  "delete-ns": "namespace delete",
  "attach-ns": "namespace attach",
  "detach-ns": "namespace detach",
  "list-ctrl": "identify --controllers",
  "ns-descs": "identify --namespace N --descriptors",
  "cmdset-ind-id-ns": "identify --namespace N --command-set",
  "list-subsys": "list",
  "error-log": "log error",
  "fw-log": "log firmware",
  "fw-download": "firmware download",
  "fw-commit": "firmware commit",
  "fw-activate": "firmware commit",
  "effects-log": "log effects",
  "changed-ns-list-log": "log changed-namespaces",
  "supported-log-pages": "log supported",
  "get-log": "log 0xLID",
  "get-feature": "feature get",
  "set-feature": "feature set",
  "get-lba-status": "lba-status",
  "lba-status-log": "log lba-status",
  "ana-log": "log ana",
  "persistent-event-log": "log persistent-event",
  "security-recv": "security receive",
  "security-send": "security send",
  "telemetry-log": "telemetry --host --new --out FILE",
  "show-regs": "registers",
  "self-test-log": "selftest",
  "device-self-test": "selftest --short",
  "subsystem-reset": "reset --subsystem",
  "ns-rescan": "rescan",
  "gen-dhchap-key": "key dhchap generate",
  "check-dhchap-key": "key dhchap check",
  "gen-tls-key": "key tls generate",
  "check-tls-key": "key tls check",
  "tls-key": "key tls import, export, insert, revoke",
  "keys": "key",
  "admin-passthru": "raw admin",
  "io-passthru": "raw io",
};
