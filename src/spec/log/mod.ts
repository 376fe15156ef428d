// Log pages: their layouts, their names, and the command that reads them.

export * from "./ana.ts";
export * from "./changed_namespaces.ts";
export * from "./discovery.ts";
export * from "./effects.ts";
export * from "./endurance.ts";
export * from "./error.ts";
export * from "./event_data.ts";
export * from "./event_details.ts";
export * from "./event_parts.ts";
export * from "./feature_effects.ts";
export * from "./firmware.ts";
export * from "./get_log_page.ts";
export * from "./lba_status_information.ts";
export * from "./log_page.ts";
export * from "./mi_effects.ts";
export * from "./names.ts";
export * from "./persistent_event.ts";
export * from "./registry.ts";
export * from "./reservation.ts";
export * from "./sanitize.ts";
export * from "./self_test.ts";
export * from "./smart.ts";
export * from "./supported.ts";
export * from "./telemetry.ts";
export * from "./timestamp.ts";
