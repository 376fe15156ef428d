// An NVMe/TCP target: drives under their names, and a discovery service that tells of them.

import { featureKey } from "../../feature/feature.ts";
import { featureOf } from "../../feature/table.ts";
import { KEEP_ALIVE_GRANULARITY_MS } from "../../feature/word_features.ts";
import { subsystemNqn } from "../../identify/identity.ts";
import type { Subsystem } from "../../machine.ts";
import { EVENTS } from "../../model/event_kinds.ts";
import { raiseEvent } from "../../model/events.ts";
import type { VirtualController } from "../../controller.ts";
import { VirtualDrive } from "../../drive.ts";
import type { SubmissionEntry } from "../../../spec/command.ts";
import type { Association } from "./association.ts";
import { type ConnectionHome, TcpConnection } from "./connection.ts";
import { connectRequest, findSeat, type Seat } from "./connect.ts";
import { DISCOVERY_NQN, discoveryPage, discoveryPersonality } from "./discovery.ts";
import { TCP_LIMITS, type TcpLimits } from "./limits.ts";
import type { Ends, ListenAddress, Socket } from "./socket.ts";
import { type ServedOptions, ServedSubsystem } from "./subsystem.ts";

/** What a target is made of. */
export interface TargetOptions {
  /** The clock: milliseconds since 1970. */
  readonly now: () => number;
  /** Calls back once, so many milliseconds later; the function that comes back prevents it. */
  readonly after: (ms: number, action: () => void) => () => void;
  readonly limits?: Partial<TcpLimits>;
  /** Where hosts are told to connect; the address that they came to when left out. */
  readonly advertise?: readonly ListenAddress[];
}

const KEEP_ALIVE_TIMER = 0x0f;

/** Serves drives to whoever connects. It opens no port by itself: connections are brought to it. */
export class TcpTarget implements ConnectionHome {
  readonly limits: TcpLimits;
  readonly #options: TargetOptions;
  readonly #subsystems = new Map<string, ServedSubsystem>();
  readonly #connections = new Set<TcpConnection>();
  readonly #strangers = new Set<TcpConnection>();
  readonly #discovery: ServedSubsystem;
  #drives: readonly Subsystem[] = [];
  #generation = 0;

  constructor(options: TargetOptions) {
    this.#options = options;
    this.limits = { ...TCP_LIMITS, ...options.limits };
    const drive = new VirtualDrive({
      personality: discoveryPersonality(this.limits.discoverers),
      now: options.now,
      after: options.after,
      seed: 0,
      device: "discovery",
    });
    this.#discovery = new ServedSubsystem({ drive, nqn: DISCOVERY_NQN });
    drive.fabrics = {
      subnqn: DISCOVERY_NQN,
      inCapsuleBytes: 0,
      discovery: (controller) => this.#discoveryPage(controller),
    };
    this.#subsystems.set(DISCOVERY_NQN, this.#discovery);
  }

  /** The connections that there are. */
  get connections(): ReadonlySet<TcpConnection> {
    return this.#connections;
  }

  get drives(): readonly Subsystem[] {
    return this.#drives;
  }

  /** The names of the subsystems, without the discovery service. */
  get nqns(): readonly string[] {
    return [...this.#subsystems.keys()].filter((nqn) => nqn !== DISCOVERY_NQN);
  }

  /**
   * Serves a drive under a name, its own unless another one is given.
   *
   * @returns the name
   * @throws {RangeError} when there is a subsystem of that name
   */
  add({ drive, nqn = subsystemNqn(drive.personality), hosts }:
    & Omit<ServedOptions, "nqn">
    & Partial<Pick<ServedOptions, "nqn">>): string {
    if (this.#subsystems.has(nqn)) {
      throw new RangeError(`Cannot serve ${drive.device} as ${nqn}: the name is taken`);
    }
    drive.fabrics = { subnqn: nqn, inCapsuleBytes: this.limits.inCapsuleBytes };
    const served = new ServedSubsystem({ drive, nqn, ...(hosts ? { hosts } : {}) });
    this.#subsystems.set(nqn, served);
    this.#changed();
    return nqn;
  }

  /** Stops serving a drive; its hosts lose their connections. */
  remove(nqn: string): void {
    const served = this.#subsystems.get(nqn);
    if (!served || served === this.#discovery) return;
    this.#subsystems.delete(nqn);
    served.end();
    served.drive.fabrics = undefined;
    this.#changed();
  }

  /**
   * Takes a new connection; undefined where hosts that got through Connect leave no room. Of those
   * that did not, the one that has been there for longest makes room: whoever opens connections
   * and says nothing locks nobody out.
   */
  accept(socket: Socket, ends: Ends): TcpConnection | undefined {
    const { connections, strangers } = this.limits;
    if (this.#connections.size >= connections || this.#strangers.size >= strangers) {
      const [oldest] = this.#strangers;
      oldest?.end({ how: "reset" });
    }
    if (this.#connections.size >= connections) return undefined;
    const connection = new TcpConnection(this, socket, ends);
    this.#connections.add(connection);
    this.#strangers.add(connection);
    return connection;
  }

  /** Lets everything happen that should have happened by now; a served target does this often. */
  settle(): void {
    for (const { drive } of this.#subsystems.values()) drive.settle();
  }

  /** Ends all connections. */
  close(): void {
    for (const connection of [...this.#connections]) connection.end({});
  }

  after(ms: number, action: () => void): () => void {
    return this.#options.after(ms, action);
  }

  find(entry: SubmissionEntry, data: Uint8Array): Seat {
    return findSeat(this.#subsystems, connectRequest(entry, data));
  }

  admit(
    { subsystem, controller, association }: Seat,
    entry: SubmissionEntry,
    data: Uint8Array,
  ): Association {
    if (association) return association;
    const { fields, data: { hostnqn }, hostId } = connectRequest(entry, data);
    setKeepAlive(controller, fields.kato);
    return subsystem.associate(controller, {
      hostNqn: hostnqn,
      hostId,
      keepAlives: this.limits.keepAlives,
      defaultTimeoutMs: subsystem === this.#discovery ? this.limits.discoveryMs : 0,
      after: this.#options.after,
    });
  }

  connected(connection: TcpConnection): void {
    this.#strangers.delete(connection);
  }

  gone(connection: TcpConnection): void {
    this.#connections.delete(connection);
    this.#strangers.delete(connection);
  }

  #changed(): void {
    this.#generation++;
    this.#drives = this.nqns.flatMap((nqn) => this.#subsystems.get(nqn)?.drive ?? []);
    raiseEvent(this.#discovery.drive, EVENTS.discoveryChanged);
  }

  /** The page for the host that has this discovery controller. */
  #discoveryPage(controller: number): Uint8Array {
    const asking = [...this.#connections].find(({ queue: { association } }) =>
      association?.controller.drive === this.#discovery.drive &&
      association.controller.controller.id === controller
    );
    const { advertise } = this.#options;
    const local = asking?.ends.local;
    return discoveryPage({
      generation: this.#generation,
      nqns: [DISCOVERY_NQN, ...this.nqns],
      addresses: advertise ?? (local ? [local] : []),
    });
  }
}

/** Connect sets the Keep Alive Timer feature [BASE-2.1 §6.3, Fig. 545]. */
function setKeepAlive(controller: VirtualController, kato: number): void {
  const feature = featureOf(controller.personality, KEEP_ALIVE_TIMER);
  if (feature?.kind !== "word") return;
  const { features } = controller.controller;
  const granules = Math.ceil(kato / KEEP_ALIVE_GRANULARITY_MS);
  features[featureKey(KEEP_ALIVE_TIMER)] = granules * KEEP_ALIVE_GRANULARITY_MS;
}
