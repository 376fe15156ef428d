// Pieces of the file tree that Linux shows for drives, for tests to combine.

import { blockDevice, charDevice, link, type Tree } from "./memory_view.ts";

/** Attributes by name; an undefined one is not there. */
export type Attributes = Readonly<Record<string, string | undefined>>;

/** The PCI function that a controller lies on, as a physical directory. */
export function pciDirectory(address: string): string {
  return `/sys/devices/pci0000:00/0000:00:01.1/${address}`;
}

/** The physical directory of a PCIe controller. */
export function controllerDirectory(name: string, address: string): string {
  return `${pciDirectory(address)}/nvme/${name}`;
}

/** The physical directory of a subsystem. */
export function subsystemDirectory(name: string): string {
  return `/sys/devices/virtual/nvme-subsystem/${name}`;
}

/** A PCI function: its identity, and the driver that has it. */
export function pciFunction(
  address: string,
  { driver, ...attributes }: Attributes & { readonly driver?: string },
): Tree {
  const directory = pciDirectory(address);
  return {
    [`/sys/bus/pci/devices/${address}`]: link(directory),
    [`${directory}/subsystem`]: link("/sys/bus/pci"),
    ...files(directory, { class: "0x010802", vendor: "0x144d", device: "0xa80a", ...attributes }),
    ...(driver === undefined ? {} : {
      [`/sys/bus/pci/drivers/${driver}/uevent`]: "",
      [`${directory}/driver`]: link(`/sys/bus/pci/drivers/${driver}`),
    }),
  };
}

/** A PCIe controller with its function, its class entry and /dev/nvmeX. */
export function pcieController(
  name: string,
  address: string,
  attributes: Attributes = {},
): Tree {
  const directory = controllerDirectory(name, address);
  return {
    ...pciFunction(address, { driver: "nvme" }),
    ...controller(name, directory, {
      transport: "pcie",
      address,
      numa_node: "0",
      ...attributes,
    }),
    [`${directory}/device`]: link(pciDirectory(address)),
  };
}

/** A controller over a network. */
export function fabricsController(name: string, attributes: Attributes = {}): Tree {
  const directory = `/sys/devices/virtual/nvme-fabrics/ctl/${name}`;
  return {
    ...controller(name, directory, {
      transport: "tcp",
      address: "traddr=192.0.2.7,trsvcid=4420,src_addr=192.0.2.1",
      numa_node: "-1",
      ...attributes,
    }),
    [`${directory}/device`]: link("/sys/devices/virtual/nvme-fabrics/ctl"),
    "/sys/devices/virtual/nvme-fabrics/ctl/subsystem": link("/sys/class/nvme-fabrics"),
  };
}

/** A subsystem and the directories of its controllers. */
export function subsystem(
  name: string,
  controllers: Readonly<Record<string, string>>,
  attributes: Attributes = {},
): Tree {
  const directory = subsystemDirectory(name);
  return {
    [`/sys/class/nvme-subsystem/${name}`]: link(directory),
    ...files(directory, {
      subsysnqn: `nqn.2014.08.org.nvmexpress:${name}`,
      iopolicy: "numa",
      ...attributes,
    }),
    ...Object.fromEntries(
      Object.entries(controllers).map(([key, to]) => [`${directory}/${key}`, link(to)]),
    ),
  };
}

/** A namespace's block device in a controller's or subsystem's directory, and its node in /dev. */
export function namespace(
  parent: string,
  name: string,
  device: string,
  attributes: Attributes = {},
): Tree {
  const directory = `${parent}/${name}`;
  return {
    ...block(directory, device, {
      size: "2000409264",
      hidden: "0",
      nsid: "1",
      wwid: "eui.0025385b11b2c3d4",
      "queue/logical_block_size": "512",
      "queue/physical_block_size": "512",
      ...attributes,
    }),
    [`${directory}/device`]: link(parent),
  };
}

/** A hidden path of native multipath: no device number, no node. */
export function hiddenPath(
  controller: string,
  name: string,
  attributes: Attributes = {},
): Tree {
  const directory = `${controller}/${name}`;
  return {
    ...files(directory, { hidden: "1", nsid: "1", size: "2000409264", ...attributes }),
    [`/sys/class/block/${name}`]: link(directory),
  };
}

/** A namespace's character device. */
export function generic(parent: string, name: string, device: string): Tree {
  const directory = `${parent}/${name}`;
  return {
    ...files(directory, { dev: device }),
    [`/sys/class/nvme-generic/${name}`]: link(directory),
    [`/sys/dev/char/${device}`]: link(directory),
    [`/dev/${name}`]: charDevice(device),
  };
}

/** A partition in the directory of its disk. */
export function partition(
  disk: string,
  name: string,
  device: string,
  { sectors = "1048576" }: { readonly sectors?: string } = {},
): Tree {
  const number = /\d+$/.exec(name)?.[0];
  return block(`${disk}/${name}`, device, { partition: number, size: sectors });
}

/** A virtual block device, and its links in the `holders` of the directories that it stands on. */
export function stacked(
  name: string,
  device: string,
  on: readonly string[],
  attributes: Attributes = {},
): Tree {
  const directory = `/sys/devices/virtual/block/${name}`;
  const mapped = attributes["dm/name"];
  return {
    ...block(directory, device, { size: "4096", ...attributes }),
    ...(mapped === undefined ? {} : { [`/dev/mapper/${mapped}`]: link(`/dev/${name}`) }),
    ...Object.fromEntries(on.map((below) => [`${below}/holders/${name}`, link(directory)])),
  };
}

/** Lines of /proc/self/mountinfo, from `device mount-point type source`. */
export function mounts(...lines: readonly string[]): Tree {
  const text = lines.map((line, index) => {
    const [device, mountPoint, type, source] = line.split(" ");
    const [id, parent] = [index + 30, 29];
    return `${id} ${parent} ${device} / ${mountPoint} rw,relatime shared:1 - ${type} ${source} rw`;
  });
  return { "/proc/self/mountinfo": `${text.join("\n")}\n` };
}

/** /proc/swaps, from `path type`. */
export function swaps(...lines: readonly string[]): Tree {
  const text = lines.map((line) => {
    const [path = "", type = ""] = line.split(" ");
    return `${path.padEnd(40)}${type}\t20476\t\t0\t\t-2`;
  });
  return {
    "/proc/swaps": ["Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority", ...text, ""].join("\n"),
  };
}

/** A process and what the links of its open files say, from descriptor 0 on. */
export function process(number: string, name: string, ...files: readonly string[]): Tree {
  const directory = `/proc/${number}`;
  return {
    [`${directory}/comm`]: `${name}\n`,
    [`${directory}/stat`]: `${number} (${name}) S 1 1`,
    [`${directory}/cwd`]: link("/"),
    ...Object.fromEntries(files.map((to, index) => [`${directory}/fd/${index}`, link(to)])),
  };
}

/** Attribute files in a directory, each with the line end that the kernel writes. */
export function files(directory: string, attributes: Attributes): Tree {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([key, text]) =>
      text === undefined ? [] : [[`${directory}/${key}`, `${text}\n`]]
    ),
  );
}

function controller(name: string, directory: string, attributes: Attributes): Tree {
  const device = `241:${name.replace("nvme", "")}`;
  return {
    [`/sys/class/nvme/${name}`]: link(directory),
    [`/sys/dev/char/${device}`]: link(directory),
    [`/dev/${name}`]: charDevice(device),
    ...files(directory, {
      dev: device,
      // Padded to the length of the field, as the kernel prints them.
      serial: "S4EWNX0R123456      ",
      model: "Samsung SSD 980 PRO 1TB                 ",
      firmware_rev: "5B2QGXA7",
      state: "live",
      cntlid: "6",
      cntrltype: "io",
      queue_count: "17",
      ...attributes,
    }),
  };
}

function block(directory: string, device: string, attributes: Attributes): Tree {
  const name = directory.slice(directory.lastIndexOf("/") + 1);
  return {
    ...files(directory, { dev: device, ro: "0", ...attributes }),
    [`/sys/class/block/${name}`]: link(directory),
    [`/sys/dev/block/${device}`]: link(directory),
    [`/dev/${name}`]: blockDevice(device),
  };
}
