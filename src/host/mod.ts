// What this machine knows about its NVMe drives without asking them.

export * from "./host_view.ts";
export * from "./identity.ts";
export { unseenProcesses } from "./open_in.ts";
export * from "./permissions.ts";
export * from "./system_view.ts";
export * from "./target.ts";
export * from "./topology.ts";
export * from "./use.ts";
