// What commands can ask of the machine's NVMe functions as PCI functions: how they stand with VFIO,
// and to bind and unbind them.

import type {
  Changed,
  ChangePlan,
  FunctionUse,
  Holder,
  NvmeFunction,
  VfioMachine,
} from "../host/pci/facts.ts";

/** A function, with everything that matters for driving it from a program. */
export interface FunctionStatus {
  readonly function: NvmeFunction;
  /** What uses its drive, or lies on it. */
  readonly uses: readonly FunctionUse[];
  /** Processes that hold it through vfio. */
  readonly holders: readonly Holder[];
  /** What is in the way of opening it, the first thing to do first; none: it can be opened now. */
  readonly obstacles: readonly InTheWay[];
  /** The driver that it goes back to, where that was kept. */
  readonly origin: string | undefined;
}

/** Something in the way, and the step that clears it away. */
export interface InTheWay {
  readonly text: string;
  readonly next: string;
}

/** The machine and its functions. */
export interface VfioStatus {
  readonly machine: VfioMachine;
  /** What is in the way on this machine, whichever function it is about. */
  readonly obstacles: readonly InTheWay[];
  readonly functions: readonly FunctionStatus[];
}

/** How to carry out a plan. */
export interface PciWait {
  readonly signal: AbortSignal;
  /** Longest wait for the kernel's controller to come back. */
  readonly limitMs: number | undefined;
}

/** All of it. Functions are named by what the user typed: `0000:01:00.0`, `01:00.0`. */
export interface PciService {
  /** One function, or all. Throws UsageError or UnreachableError where that one is none. */
  status(typed: string | undefined): VfioStatus;
  /** Thinks a bind through; nothing is changed. Throws where it cannot be done at all. */
  planBind(typed: string, consent: { readonly ignoreSignatures: boolean }): ChangePlan;
  /** Thinks an unbind through. */
  planUnbind(typed: string): ChangePlan;
  /** Does it and verifies it. SafetyError where the plan was refused. */
  carryOut(plan: ChangePlan, wait: PciWait): Promise<Changed>;
}
