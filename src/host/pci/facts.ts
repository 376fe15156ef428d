// What is known of NVMe functions and of VFIO on this machine: plain data, for every layer.

/** Bytes that our driver pins for a drive to reach: queues, lists and data. */
export const DRIVER_ARENA_BYTES = 4n * 1024n * 1024n;

/** The driver that hands a PCI function to a program. */
export const VFIO_DRIVER = "vfio-pci";

/** A device node, and whether this process may use it. */
export interface NodeFacts {
  readonly path: string;
  readonly exists: boolean;
  /** Permission bits, `0o600`; undefined where there is no node. */
  readonly permissions: number | undefined;
  readonly userId: number | undefined;
  /** The group's name, or its number. */
  readonly group: string | undefined;
  /** Whether this process may read and write it; undefined where that is not known. */
  readonly mayUse: boolean | undefined;
}

/** A device of an IOMMU group. */
export interface GroupMember {
  /** `0000:01:00.0`, or the name of a device that is no PCI function. */
  readonly address: string;
  readonly driver: string | undefined;
  /** 6 hexadecimal digits; undefined for what is no PCI function. */
  readonly classCode: string | undefined;
  /** The class in words: `Ethernet controller`. */
  readonly what: string;
  /** Whether its driver keeps the group from being used: it may touch memory by itself. */
  readonly inTheWay: boolean;
}

/** What the IOMMU cannot tell apart: given to a program as a whole, or not at all. */
export interface IommuGroup {
  /** `14`; the number in /dev/vfio/14. */
  readonly number: string;
  /** Made by vfio without an IOMMU: the device could reach all of memory. */
  readonly isUnsafe: boolean;
  /** /dev/vfio/N: there once a member is bound to vfio-pci. */
  readonly node: NodeFacts;
  readonly members: readonly GroupMember[];
  /** Whether no member is in the way. */
  readonly viable: boolean;
}

/** The controller that the kernel's nvme driver made of a function. */
export interface KernelController {
  /** `nvme0`. */
  readonly name: string;
  /** `live`, `dead`, ...; the kernel's word. */
  readonly state: string | undefined;
  /** What the drive says of itself, raw. */
  readonly serial: string | undefined;
  readonly model: string | undefined;
  /** Namespaces reached through it, by name. */
  readonly namespaces: readonly string[];
}

/** An NVMe function. */
export interface NvmeFunction {
  readonly kind: "nvme";
  readonly address: string;
  readonly classCode: string;
  /** 4 hexadecimal digits. */
  readonly vendor: string | undefined;
  readonly device: string | undefined;
  readonly driver: string | undefined;
  /** The driver that it is reserved for (`driver_override`). */
  readonly override: string | undefined;
  readonly controller: KernelController | undefined;
  readonly group: IommuGroup | undefined;
  /** The character device of newer kernels, which needs no group: /dev/vfio/devices/vfio0. */
  readonly cdev: NodeFacts | undefined;
  /** Whether vfio may be used without an IOMMU here (`enable_unsafe_noiommu_mode`). */
  readonly unsafeMode: boolean;
}

/** What stands at an address. */
export type Described =
  | NvmeFunction
  /** Nothing, as far as this machine shows; `known` are its NVMe functions. */
  | { readonly kind: "absent"; readonly address: string; readonly known: readonly string[] }
  /** Something else. */
  | {
    readonly kind: "other";
    readonly address: string;
    readonly classCode: string | undefined;
    readonly what: string;
    readonly known: readonly string[];
  };

/** One thing that a function is used for, or that lies on its drive. */
export interface FunctionUse {
  /** `mount`, `swap`, `holder`, `open`, `signature`, `content`, ... */
  readonly kind: string;
  readonly device: string;
  /** The whole fact in words. */
  readonly text: string;
  /** `use` forbids to take it away; `member` does unless told otherwise; `note` does not. */
  readonly weight: "use" | "member" | "note";
}

/** A process that holds a function through vfio. */
export interface Holder {
  readonly processId: number;
  /** The program's name, raw. */
  readonly program: string;
  /** The node that it has open; undefined where only a device without a name is seen. */
  readonly path: string | undefined;
  /** Whether it is this device for certain. */
  readonly certain: boolean;
}

/** A kernel module: `loaded` counts what is built in and shows itself. */
export interface ModuleFacts {
  readonly name: string;
  readonly state: "loaded" | "built in" | "loadable" | "missing";
  /** The file to load it from. */
  readonly path: string | undefined;
}

/** What this machine offers to drivers in user space. */
export interface VfioMachine {
  /** `uname -r`. */
  readonly release: string | undefined;
  readonly iommu: {
    readonly groups: number;
    /** Whose IOMMU it is, or would be, as far as that can be told. */
    readonly vendor: "Intel" | "AMD" | undefined;
    /** Whether the firmware describes an IOMMU (table DMAR, IVRS or IORT); undefined: not seen. */
    readonly described: boolean | undefined;
    /** The kernel parameters about it, as they were given. */
    readonly parameters: readonly string[];
  };
  readonly modules: readonly ModuleFacts[];
  /** Whether nobody may load modules until the next start. */
  readonly modulesDisabled: boolean;
  /** `enable_unsafe_noiommu_mode`; undefined where the kernel does not know it. */
  readonly unsafeMode: boolean | undefined;
  /** /dev/vfio/vfio. */
  readonly container: NodeFacts;
  /** /dev/iommu. */
  readonly iommufd: NodeFacts;
  readonly memlock: {
    /** RLIMIT_MEMLOCK; undefined is no limit. */
    readonly limitBytes: bigint | undefined;
    readonly needBytes: bigint;
    /** Whether the limit counts for this process. */
    readonly counts: boolean;
  };
  readonly userId: number | undefined;
}

/** A change to the machine, one of those that bind or unbind a function. */
export type Step =
  | {
    readonly kind: "load";
    readonly module: string;
    readonly path: string;
    readonly why: string;
  }
  | {
    readonly kind: "write";
    readonly path: string;
    /** What is written, without a line end; nothing clears the attribute. */
    readonly text: string;
    readonly why: string;
  }
  | { readonly kind: "keep"; readonly path: string; readonly text: string; readonly why: string }
  | { readonly kind: "forget"; readonly path: string; readonly why: string };

/** A bind or unbind, thought through. */
export interface ChangePlan {
  readonly verb: "bind" | "unbind";
  readonly function: NvmeFunction;
  /** The driver that it should have afterwards; undefined: whichever claims it. */
  readonly driver: string | undefined;
  readonly steps: readonly Step[];
  /** Why it must not be done. */
  readonly refused: readonly string[];
  /** What helps against the refusal. */
  readonly next: string | undefined;
  /** What is worth knowing. */
  readonly notes: readonly string[];
}

/** What became of a plan. */
export interface Changed {
  readonly function: NvmeFunction;
  /** Whether anything had to be done. */
  readonly changed: boolean;
}
