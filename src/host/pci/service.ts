// The machine's NVMe functions as commands see them.

import { planBind } from "./bind.ts";
import { carryOut } from "./carry_out.ts";
import { requireFunction } from "./explain.ts";
import {
  type Changed,
  type ChangePlan,
  type FunctionUse,
  type Holder,
  type NvmeFunction,
  VFIO_DRIVER,
  type VfioMachine,
} from "./facts.ts";
import { describeFunction, nvmeFunctions } from "./function.ts";
import { usesOfFunction } from "./function_use.ts";
import { functionHolders } from "./holders.ts";
import { readMachine } from "./machine.ts";
import { machineObstacles, missingNode, type Obstacle, obstaclesOf } from "./obstacles.ts";
import { originOf } from "./origin.ts";
import type { Patience, PciHost } from "./pci_host.ts";
import { systemHost } from "./system_host.ts";
import { planUnbind } from "./unbind.ts";
import { holderText } from "./words.ts";

interface Status {
  readonly machine: VfioMachine;
  readonly obstacles: readonly Obstacle[];
  readonly functions: readonly {
    readonly function: NvmeFunction;
    readonly uses: readonly FunctionUse[];
    readonly holders: readonly Holder[];
    readonly obstacles: readonly Pick<Obstacle, "text" | "next">[];
    readonly origin: string | undefined;
  }[];
}

/** The service over a machine, which is this one unless a test says otherwise. */
export class HostPciService {
  constructor(
    private readonly host: PciHost = systemHost(),
    private readonly patience: (signal: AbortSignal) => Patience = systemPatience,
  ) {}

  /** One function, or all of them. */
  status(typed: string | undefined): Status {
    const { host } = this;
    const machine = readMachine(host.view, host.memlockBytes());
    const chosen = typed === undefined ? nvmeFunctions(host.view) : [this.#one(typed)];
    return {
      machine,
      obstacles: machineObstacles(machine),
      functions: chosen.map((about) => {
        const holders = functionHolders(host.view, about);
        return {
          function: about,
          uses: usesOfFunction(host, about),
          holders,
          obstacles: [
            ...obstaclesOf(about, machine),
            ...missingNode(about),
            ...holders.map(heldBy),
          ],
          // What was kept for a binding that ended otherwise says nothing any more.
          origin: about.driver === VFIO_DRIVER ? originOf(host.view, about.address) : undefined,
        };
      }),
    };
  }

  /** Thinks a bind through. */
  planBind(typed: string, consent: { readonly ignoreSignatures: boolean }): ChangePlan {
    return planBind(this.host, describeFunction(this.host.view, typed), consent);
  }

  /** Thinks an unbind through. */
  planUnbind(typed: string): ChangePlan {
    return planUnbind(this.host, describeFunction(this.host.view, typed));
  }

  /** Does what was planned. */
  carryOut(
    plan: ChangePlan,
    { signal, limitMs }: { readonly signal: AbortSignal; readonly limitMs: number | undefined },
  ): Promise<Changed> {
    return carryOut(this.host, plan, { patience: this.patience(signal), limitMs });
  }

  #one(typed: string): NvmeFunction {
    const described = describeFunction(this.host.view, typed);
    return requireFunction(described, `look at ${described.address}`);
  }
}

/** One process at a time can have it. */
function heldBy(holder: Holder): Pick<Obstacle, "text" | "next"> {
  return { text: holderText(holder), next: `end it: kill ${holder.processId}` };
}

/** Real time; a wait ends with the signal's reason when it fires. */
function systemPatience(signal: AbortSignal): Patience {
  return {
    now: () => performance.now(),
    sleep(ms) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const abort = (): void => {
          clearTimeout(timer);
          reject(signal.reason);
        };
        const timer = setTimeout(() => {
          signal.removeEventListener("abort", abort);
          resolve();
        }, ms);
        signal.addEventListener("abort", abort, { once: true });
      });
    },
  };
}
