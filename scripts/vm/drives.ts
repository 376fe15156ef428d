// Describes the guest's drives and turns the description into QEMU's devices.

/** Properties of a QEMU device, as `qemu-system-x86_64 -device NAME,help` lists them. */
export type Properties = Readonly<Record<string, string | number | boolean>>;

/** One NVMe controller, behind a PCIe root port of its own unless it shares another's. */
export interface Drive {
  /** The serial number in Identify Controller. At most 20 ASCII characters. */
  readonly serial: string;
  /** Controllers that name the same NVM subsystem are one drive with several paths. */
  readonly subsystem?: string;
  /** Default: one of 64 MiB. A further controller of a subsystem usually has none of its own. */
  readonly namespaces?: readonly Namespace[];
  /**
   * The drive, by its place in the list from 0, in whose slot this one is a further function. The
   * functions of a slot are one IOMMU group. They come and go together.
   */
  readonly slotOf?: number;
  /** Further properties of the device `nvme`. */
  readonly properties?: Properties;
}

/**
 * One namespace. Its identifier is its place in the list, from 1, unless `properties` has `nsid`.
 */
export interface Namespace {
  /** Capacity for data, without metadata. */
  readonly bytes: number;
  /** Default 512. QEMU offers both with 0, 8, 16 and 64 bytes of metadata; Format switches. */
  readonly blockBytes?: 512 | 4096;
  /** Metadata bytes of each logical block. Default 0. */
  readonly metadataBytes?: 0 | 8 | 16 | 64;
  /** Whether the other controllers of the subsystem see it. Default false. */
  readonly shared?: boolean;
  /** Further properties of the device `nvme-ns`. */
  readonly properties?: Properties;
  /**
   * Errors below the namespace: entries of blkdebug's `inject-error` (event, errno, sector, once).
   */
  readonly faults?: readonly Properties[];
  /** Whether the first write to the namespace ends all its errors. Default false. */
  readonly writeEndsFaults?: boolean;
}

/** A virtio block device: what a drive is not. */
export interface Disk {
  readonly bytes: number;
  readonly serial?: string;
}

/** A file to make, sparse, before QEMU starts. */
export interface ImageFile {
  readonly path: string;
  readonly bytes: number;
}

/**
 * QEMU's arguments for drives and disks, the files that they live in, and what the guest will see.
 */
export interface DriveSetup {
  readonly driveArgs: readonly string[];
  readonly files: readonly ImageFile[];
  /** Namespaces, each counted once. */
  readonly nodes: number;
  /** Pairs of a controller and a namespace that it sees. */
  readonly paths: number;
}

const DEFAULT_NAMESPACES: readonly Namespace[] = [{ bytes: 64 * 1024 * 1024 }];
const SERIAL = /^[\x20-\x7e]{1,20}$/;
/** Root ports take eight functions of each of these slots of the root complex. */
const FIRST_PORT_SLOT = 0x10;
const PORTS_MAX = 14 * 8;
/** A sector that no image has. */
const NOWHERE = 2 ** 40;

/** The id of the QEMU device (`/machine/peripheral/<id>`) of the drive at `index` of the list. */
export function driveId(index: number): string {
  return `drive${index}`;
}

/**
 * The id of the block node below namespace `index` of a drive, for QMP commands such as
 * `block_resize`.
 */
export function nodeId(drive: number, namespace: number): string {
  return `${driveId(drive)}-data${namespace}`;
}

/** The file in `folder` that holds a namespace: its blocks, then all their metadata. */
export function imagePath(folder: string, drive: number, namespace: number): string {
  return `${folder}/${nodeId(drive, namespace)}.img`;
}

/**
 * @param folder where the image files will be
 * @throws {RangeError} when the description is not possible
 */
export function driveSetup(
  drives: readonly Drive[],
  disks: readonly Disk[],
  folder: string,
): DriveSetup {
  if (drives.length > PORTS_MAX) {
    throw new RangeError(`Cannot attach ${drives.length} drives: there are ${PORTS_MAX} ports`);
  }
  const files: ImageFile[] = [];
  const subsystems = [...new Set(drives.flatMap(({ subsystem }) => subsystem ?? []))];
  const driveArgs = [
    ...subsystems.flatMap((nqn) => device({ driver: "nvme-subsys", id: nqn, nqn })),
    ...drives.flatMap((drive, index) =>
      driveArguments(drive, { index, slot: slotOf(drives, index), folder, files })
    ),
    ...disks.flatMap((disk, index) => diskArguments(disk, index, folder, files)),
  ];
  return {
    driveArgs,
    files,
    nodes: drives.flatMap(namespacesOf).length,
    paths: countPaths(drives),
  };
}

/** Two arguments: `-device` and its properties as JSON, so that no character needs escaping. */
function device(properties: Properties): readonly string[] {
  return ["-device", JSON.stringify(properties)];
}

/** Where a drive is plugged in, and whether it shares that with others. */
type Slot = Readonly<Record<"bus" | "addr", string>> & { readonly multifunction?: boolean };

function slotOf(drives: readonly Drive[], index: number): Slot | undefined {
  const first = drives[index]?.slotOf ?? index;
  const functions = drives.flatMap((drive, at) => drive.slotOf === first ? [at] : []);
  if (drives[first] === undefined || drives[first].slotOf !== undefined || functions.length > 7) {
    throw new RangeError(`Cannot attach drive ${index}: drive ${first} has no slot with room`);
  }
  if (functions.length === 0) return undefined;
  const bus = `${driveId(first)}-port`;
  return { bus, addr: `00.${functions.indexOf(index) + 1}`, multifunction: true };
}

function driveArguments(
  drive: Drive,
  { index, slot, folder, files }: {
    readonly index: number;
    readonly slot: Slot | undefined;
    readonly folder: string;
    readonly files: ImageFile[];
  },
): readonly string[] {
  if (!SERIAL.test(drive.serial)) {
    throw new RangeError(
      `Cannot attach drive "${drive.serial}": its serial is not 1 to 20 printable ASCII characters`,
    );
  }
  const id = driveId(index);
  const namespaces = namespacesOf(drive);
  const nodes = namespaces.flatMap((namespace, ordinal) =>
    blockArguments(namespace, nodeId(index, ordinal), imagePath(folder, index, ordinal), files)
  );
  const [only] = namespaces;
  const embedded = only !== undefined && canEmbed(drive);
  const controller: Properties = {
    driver: "nvme",
    id,
    serial: drive.serial,
    bus: `${id}-port`,
    ...slot,
    ...(drive.subsystem === undefined ? {} : { subsys: drive.subsystem }),
    ...(embedded ? { drive: nodeId(index, 0), ...blockSizes(only) } : {}),
    ...drive.properties,
  };
  const attached = embedded ? [] : namespaces.flatMap((namespace, ordinal) =>
    device({
      driver: "nvme-ns",
      id: `${id}-ns${ordinal}`,
      bus: id,
      drive: nodeId(index, ordinal),
      nsid: ordinal + 1,
      shared: namespace.shared ?? false,
      ...blockSizes(namespace),
      ...(namespace.metadataBytes === undefined ? {} : { ms: namespace.metadataBytes }),
      ...namespace.properties,
    })
  );
  const port = drive.slotOf === undefined ? rootPort(id, index) : [];
  return [...nodes, ...port, ...device(controller), ...attached];
}

/**
 * A plain namespace becomes part of the device `nvme`: only such a drive can be added again with
 * `device_add` after it was removed, since QEMU's `nvme-ns` cannot be plugged into a running guest.
 */
function canEmbed(drive: Drive): boolean {
  const namespaces = namespacesOf(drive);
  return drive.subsystem === undefined && namespaces.length === 1 &&
    namespaces.every(({ metadataBytes, shared, properties }) =>
      !metadataBytes && !shared && properties === undefined
    );
}

/** Eight ports share a slot as its functions; each is an IOMMU group and can be unplugged alone. */
function rootPort(id: string, index: number): readonly string[] {
  const slot = FIRST_PORT_SLOT + Math.floor(index / 8);
  return device({
    driver: "pcie-root-port",
    id: `${id}-port`,
    bus: "pcie.0",
    addr: `${slot.toString(16)}.${index % 8}`,
    multifunction: true,
    chassis: index + 1,
    "io-reserve": 0,
  });
}

function blockSizes({ blockBytes = 512 }: Namespace): Properties {
  return { logical_block_size: blockBytes, physical_block_size: blockBytes };
}

/** A namespace's image, and the errors in front of it. */
function blockArguments(
  namespace: Namespace,
  node: string,
  path: string,
  files: ImageFile[],
): readonly string[] {
  const { bytes, blockBytes = 512, metadataBytes = 0 } = namespace;
  if (bytes <= 0 || bytes % blockBytes !== 0) {
    throw new RangeError(
      `Cannot make a namespace of ${bytes} bytes: not a positive multiple of ${blockBytes}`,
    );
  }
  files.push({ path, bytes: bytes / blockBytes * (blockBytes + metadataBytes) });
  const below = withFaults(namespace, fileNode(path));
  return [
    "-blockdev",
    JSON.stringify({ driver: "raw", "node-name": node, discard: "unmap", file: below }),
  ];
}

/**
 * blkdebug counts states from 1, and a rule that names one is looked for in it alone. But what was
 * found last goes on until something else is found: an error where nobody reads.
 */
function withFaults(
  { faults = [], writeEndsFaults = false }: Namespace,
  image: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (faults.length === 0) return image;
  if (!writeEndsFaults) return { driver: "blkdebug", image, "inject-error": faults };
  return {
    driver: "blkdebug",
    image,
    "inject-error": [
      ...faults.map((fault) => ({ ...fault, state: 1 })),
      ...["read_aio", "write_aio"].map((event) => ({ event, state: 2, sector: NOWHERE })),
    ],
    "set-state": [{ event: "write_aio", state: 1, new_state: 2 }],
  };
}

function diskArguments(
  disk: Disk,
  index: number,
  folder: string,
  files: ImageFile[],
): readonly string[] {
  const node = `disk${index}-data`;
  const path = `${folder}/${node}.img`;
  files.push({ path, bytes: disk.bytes });
  return [
    "-blockdev",
    JSON.stringify({ driver: "raw", "node-name": node, file: fileNode(path) }),
    ...device({
      driver: "virtio-blk-pci",
      drive: node,
      ...(disk.serial === undefined ? {} : { serial: disk.serial }),
    }),
  ];
}

/** A file whose flushes stay in the host's page cache: no guest outlives a power cut. */
function fileNode(filename: string): Readonly<Record<string, unknown>> {
  return { driver: "file", filename, discard: "unmap", cache: { "no-flush": true } };
}

function namespacesOf(drive: Drive): readonly Namespace[] {
  return drive.namespaces ?? DEFAULT_NAMESPACES;
}

function countPaths(drives: readonly Drive[]): number {
  const counts = drives.map((drive) => {
    const sharedElsewhere = drives.filter((other) =>
      other !== drive && drive.subsystem !== undefined && other.subsystem === drive.subsystem
    ).flatMap(namespacesOf).filter(({ shared }) => shared === true);
    return namespacesOf(drive).length + sharedElsewhere.length;
  });
  return counts.reduce((sum, count) => sum + count, 0);
}
