// An NVM subsystem of the target: a drive under its name, and which hosts have its controllers.

import type { VirtualController } from "../../controller.ts";
import type { VirtualDrive } from "../../drive.ts";
import { setConnectedHost } from "../../feature/data_features.ts";
import { Association, type AssociationOptions } from "./association.ts";

/** How a drive is served. */
export interface ServedOptions {
  readonly drive: VirtualDrive;
  readonly nqn: string;
  /** The hosts that may connect, by NQN; everybody when left out. */
  readonly hosts?: readonly string[];
}

/** A drive that is served. */
export class ServedSubsystem {
  readonly drive: VirtualDrive;
  readonly nqn: string;
  readonly #hosts: readonly string[] | undefined;
  readonly #associations = new Map<VirtualController, Association>();

  constructor({ drive, nqn, hosts }: ServedOptions) {
    this.drive = drive;
    this.nqn = nqn;
    this.#hosts = hosts;
  }

  /** Whether the host may connect. */
  admits(hostNqn: string): boolean {
    return this.#hosts?.includes(hostNqn) ?? true;
  }

  /** The controller with this identifier. */
  controller(id: number): VirtualController | undefined {
    return this.drive.controllers.find(({ controller }) => controller.id === id);
  }

  /** A controller that no host has. */
  free(): VirtualController | undefined {
    return this.drive.controllers.find((controller) => !this.#associations.has(controller));
  }

  /** Takes the controller of the host that has been silent for longest. */
  takeFromSilent(): VirtualController | undefined {
    const [silent] = [...this.#associations.values()]
      .toSorted((one, other) => one.heardAt - other.heardAt);
    silent?.end();
    return silent?.controller;
  }

  /** Who has the controller. */
  associationOf(controller: VirtualController): Association | undefined {
    return this.#associations.get(controller);
  }

  /** Gives a controller that is free to a host. */
  associate(
    controller: VirtualController,
    options: Omit<AssociationOptions, "ended">,
  ): Association {
    const association = new Association(controller, {
      ...options,
      ended: () => {
        this.#associations.delete(controller);
        setConnectedHost(controller, undefined);
      },
    });
    setConnectedHost(controller, Uint8Array.fromHex(options.hostId));
    this.#associations.set(controller, association);
    return association;
  }

  /** Ends all associations. */
  end(): void {
    for (const association of [...this.#associations.values()]) association.end();
  }
}
