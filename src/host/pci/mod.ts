// NVMe functions as PCI functions, and what VFIO needs of this machine.

export * from "./address.ts";
export * from "./explain.ts";
export * from "./facts.ts";
export { describeFunction, nvmeFunctions } from "./function.ts";
export { functionHolders, holdersOf } from "./holders.ts";
export { readMachine } from "./machine.ts";
export { type Obstacle, obstaclesOf } from "./obstacles.ts";
export type { PciHost } from "./pci_host.ts";
export { HostPciService } from "./service.ts";
export { holderText, memberText } from "./words.ts";
