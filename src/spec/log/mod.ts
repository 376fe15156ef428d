// Log pages: their layouts, their names, and the command that reads them.

export * from "./changed_namespaces.ts";
export * from "./effects.ts";
export * from "./error.ts";
export * from "./firmware.ts";
export * from "./get_log_page.ts";
export * from "./log_page.ts";
export * from "./names.ts";
export * from "./registry.ts";
export * from "./self_test.ts";
export * from "./smart.ts";
export * from "./supported.ts";
