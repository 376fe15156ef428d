// The discovery service: an NVM subsystem without namespaces, whose log page says where the others
// are.

import { DYNAMIC_CONTROLLER, encodeDiscovery } from "../../../spec/log/discovery.ts";
import type { Personality } from "../../personality.ts";
import type { ListenAddress } from "./socket.ts";

/** The name of every discovery service [BASE-2.1 §3.1.3.3]. */
export const DISCOVERY_NQN = "nqn.2014-08.org.nvmexpress.discovery";

/** TRTYPE, ADRFAM and SUBTYPE of an entry [BASE-2.1 §5.1.12.3.1, Fig. 294]. */
const TRANSPORT_TCP = 3;
const FAMILY = { ipv4: 1, ipv6: 2 } as const;
const SUBSYSTEM_TYPE = { nvm: 2, thisService: 3 } as const;
/** Nothing is said of a secure channel; flow control can be disabled. */
const REQUIREMENTS = { flowControlDisable: true } as const;
/** Entries of the largest admin queue that a host need count on. */
const ADMIN_QUEUE_ENTRIES = 32;
/** The only port of the subsystems. */
const PORT = 1;

const ASYNC_EVENT_CONFIGURATION = 0x0b;
const KEEP_ALIVE_TIMER = 0x0f;

/** What a discovery controller is: Identify, one log page, two features, events. */
export function discoveryPersonality(controllers: number): Personality {
  return {
    name: "discovery",
    summary: "discovery service",
    model: "nvmectl discovery service",
    serial: "DISCOVERY0001",
    firmware: ["1.0.0"],
    firmwareSlot: 1,
    version: 0x020100,
    vendorId: 0,
    oui: 0,
    controllers,
    limits: { mdts: 0, errorEntries: 16, asyncEvents: 4, aborts: 4, queues: 1, namespaces: 0 },
    commands: ["keep-alive"],
    identify: [0x01],
    logs: [0x01, 0x70],
    features: [ASYNC_EVENT_CONFIGURATION, KEEP_ALIVE_TIMER],
    logOffsets: true,
    savesFeatures: false,
    writeCache: false,
    capacityBytes: 0,
    formats: [],
    extendedFormats: false,
    formatting: {
      metadata: [],
      protection: [],
      protectionAt: [],
      cryptoErase: false,
      formatsAll: false,
      erasesAll: false,
      broadcast: false,
    },
    namespaces: [],
    powerStates: [{ milliwatts: 0, operational: true, entryUs: 0, exitUs: 0 }],
    health: HEALTH,
    selfTests: { shortMs: 0, extendedMs: 0 },
    savedFeatures: {},
  };
}

/** A service wears out as little as it gets warm. */
const HEALTH: Personality["health"] = {
  spare: 100,
  spareThreshold: 0,
  percentageUsed: 0,
  enduranceTerabytes: 1,
  temperatureK: 300,
  temperatureSwingK: 0,
  warningK: 0,
  criticalK: 0,
  sensorOffsetsK: [],
  powerOnHours: 0,
  powerCycles: 0,
  unsafeShutdowns: 0,
  mediaErrors: 0,
  errorLogEntries: 0,
  dataUnitsRead: 0,
  dataUnitsWritten: 0,
  hostReads: 0,
  hostWrites: 0,
  busyMinutes: 0,
  warningMinutes: 0,
  criticalMinutes: 0,
  readOnly: false,
  degraded: false,
};

/** The Discovery log page: every subsystem at every address. */
export function discoveryPage(known: {
  readonly generation: number;
  readonly nqns: readonly string[];
  readonly addresses: readonly ListenAddress[];
}): Uint8Array {
  const { generation, nqns, addresses } = known;
  return encodeDiscovery({
    generation,
    entries: nqns.flatMap((subnqn) =>
      addresses.map(({ host, port }) => ({
        transport: TRANSPORT_TCP,
        addressFamily: host.includes(":") ? FAMILY.ipv6 : FAMILY.ipv4,
        subsystemType: subnqn === DISCOVERY_NQN ? SUBSYSTEM_TYPE.thisService : SUBSYSTEM_TYPE.nvm,
        requirements: REQUIREMENTS,
        port: PORT,
        controller: DYNAMIC_CONTROLLER,
        adminQueueSize: ADMIN_QUEUE_ENTRIES,
        service: `${port}`,
        subnqn,
        address: host,
      }))
    ),
  });
}
