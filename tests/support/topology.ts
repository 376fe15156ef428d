// A machine's NVMe devices, as short as a test wants to say them.

import type {
  Controller,
  Namespace,
  NamespacePath,
  Subsystem,
  Topology,
} from "../../src/host/topology.ts";

/** A live PCIe controller; `more` says what is different. */
export function controller(name: string, more: Partial<Controller> = {}): Controller {
  return {
    name,
    device: "242:0",
    serial: `SERIAL-${name}`,
    model: "A drive",
    firmware: "1.0",
    transport: "pcie",
    address: "0000:01:00.0",
    state: "live",
    type: "io",
    cntlid: 1,
    subsystem: "nvme-subsys0",
    nqn: "nqn.2014-08.org.nvmexpress:uuid:test",
    queueCount: 5,
    numaNode: 0,
    driver: "nvme",
    hwmon: undefined,
    namespaces: [],
    ...more,
  };
}

/** A namespace of 1 MiB in 512-byte blocks and the paths to it; `more` says what is different. */
export function namespace(
  name: string,
  paths: readonly (string | Partial<NamespacePath>)[],
  more: Partial<Namespace> = {},
): Namespace {
  return {
    name,
    nsid: 1,
    generic: name.replace("nvme", "ng"),
    device: "259:0",
    capacityBytes: 1_048_576n,
    blockBytes: 512,
    physicalBlockBytes: 512,
    metadataBytes: undefined,
    readOnly: false,
    hidden: false,
    wwid: undefined,
    uuid: undefined,
    nguid: undefined,
    eui: undefined,
    subsystem: "nvme-subsys0",
    paths: paths.map((path) => ({
      controller: "",
      name: undefined,
      anaState: undefined,
      state: "live",
      ...(typeof path === "string" ? { controller: path } : path),
    })),
    ...more,
  };
}

/** The whole; controllers are told which namespaces they reach. */
export function topology(
  controllers: readonly Controller[],
  namespaces: readonly Namespace[],
  subsystems: readonly Subsystem[] = [],
): Topology {
  return {
    subsystems,
    namespaces,
    controllers: controllers.map((one) => ({
      ...one,
      namespaces: namespaces.filter(({ paths }) =>
        paths.some((path) => path.controller === one.name)
      )
        .map(({ name }) => name),
    })),
  };
}
