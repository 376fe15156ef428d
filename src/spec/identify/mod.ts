// Identify: the data structures, the lists, and the CNS values that ask for them.

export * from "./cns.ts";
export * from "./command_sets.ts";
export * from "./identify_controller.ts";
export * from "./identify_controller_nvm.ts";
export * from "./identify_lists.ts";
export * from "./identify_namespace.ts";
export * from "./identify_namespace_independent.ts";
export * from "./identify_namespace_nvm.ts";
export * from "./namespace_descriptors.ts";
export * from "./power_state.ts";
export * from "./resource_lists.ts";
export * from "./target.ts";
export * from "./targets.ts";
export * from "./uuid_list.ts";
export * from "./virtualization.ts";
