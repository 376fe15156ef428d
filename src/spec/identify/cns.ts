// Every CNS value: what it returns, what it must be told, and what decodes it.

import { IdentifyController } from "./identify_controller.ts";
import { IdentifyControllerNvm } from "./identify_controller_nvm.ts";
import { IdentifyNamespace } from "./identify_namespace.ts";
import { IdentifyNamespaceIndependent } from "./identify_namespace_independent.ts";
import { NvmNamespace } from "./identify_namespace_nvm.ts";
import { COMMAND_SET } from "./command_sets.ts";
import { type IdentifyTarget, structureTarget } from "./target.ts";
import {
  CommandSetsTarget,
  ControllerListTarget,
  DomainListTarget,
  EnduranceGroupListTarget,
  GranularityListTarget,
  NamespaceDescriptorsTarget,
  NamespaceListTarget,
  NvmSetListTarget,
  SecondaryControllerListTarget,
  UuidListTarget,
} from "./targets.ts";
import { PrimaryController } from "./virtualization.ts";

/** What the command must be told beside its CNS value. */
export interface CnsScope {
  /** NSID: the one namespace that is meant, or the one after which a list begins. */
  readonly nsid?: "namespace" | "after";
  /** CDW10.CNTID: the one controller that is meant, or the one from which a list begins. */
  readonly cntid?: "controller" | "from";
  /** CDW11.CNSSID: the identifier that it is, or from which a list begins. */
  readonly cnssid?: "format index" | "NVM set" | "domain" | "endurance group";
  /** CDW11.CSI: the answer depends on a command set. */
  readonly csi?: true;
  /** CDW14.UIDX: the vendor specific part may depend on a UUID. */
  readonly uuidIndex?: true;
}

/** One CNS value. */
export interface CnsInfo {
  readonly cns: number;
  /** The name on the command line. */
  readonly name: string;
  readonly title: string;
  readonly cite: string;
  /** The revision of the Base Specification that introduced it. */
  readonly since: string;
  readonly scope: CnsScope;
  /** What decodes the answer, by command set; without a command set the one at 0. */
  readonly targets: Readonly<Record<number, IdentifyTarget>>;
}

const CONTROLLER = structureTarget(IdentifyController);
const CONTROLLER_NVM = structureTarget(IdentifyControllerNvm);
const NAMESPACE = structureTarget(IdentifyNamespace);
const NAMESPACE_NVM = structureTarget(NvmNamespace);
const NAMESPACE_INDEPENDENT = structureTarget(IdentifyNamespaceIndependent);

/** The CNS values [BASE-2.1 §5.1.13.1, Fig. 310]. */
export const CNS_VALUES: readonly CnsInfo[] = [
  {
    cns: 0x00,
    name: "namespace",
    title: "Identify Namespace",
    cite: "[NVM-1.1 §4.1.5.1]",
    since: "1.0",
    scope: { nsid: "namespace", uuidIndex: true },
    targets: { 0: NAMESPACE },
  },
  {
    cns: 0x01,
    name: "controller",
    title: "Identify Controller",
    cite: "[BASE-2.1 §5.1.13.2.1]",
    since: "1.0",
    scope: { uuidIndex: true },
    targets: { 0: CONTROLLER },
  },
  {
    cns: 0x02,
    name: "namespaces",
    title: "Active Namespace ID List",
    cite: "[BASE-2.1 §5.1.13.2.2]",
    since: "1.1",
    scope: { nsid: "after" },
    targets: { 0: NamespaceListTarget },
  },
  {
    cns: 0x03,
    name: "descriptors",
    title: "Namespace Identification Descriptor List",
    cite: "[BASE-2.1 §5.1.13.2.3]",
    since: "1.3",
    scope: { nsid: "namespace" },
    targets: { 0: NamespaceDescriptorsTarget },
  },
  {
    cns: 0x04,
    name: "nvm-sets",
    title: "NVM Set List",
    cite: "[BASE-2.1 §5.1.13.2.4]",
    since: "1.4",
    scope: { cnssid: "NVM set" },
    targets: { 0: NvmSetListTarget },
  },
  {
    cns: 0x05,
    name: "command-set-namespace",
    title: "I/O Command Set specific Identify Namespace",
    cite: "[BASE-2.1 §5.1.13.2.5]",
    since: "2.0",
    scope: { nsid: "namespace", csi: true, uuidIndex: true },
    targets: { [COMMAND_SET.nvm]: NAMESPACE_NVM },
  },
  {
    cns: 0x06,
    name: "command-set-controller",
    title: "I/O Command Set specific Identify Controller",
    cite: "[BASE-2.1 §5.1.13.2.6]",
    since: "2.0",
    scope: { csi: true, uuidIndex: true },
    targets: { [COMMAND_SET.nvm]: CONTROLLER_NVM },
  },
  {
    cns: 0x07,
    name: "command-set-namespaces",
    title: "I/O Command Set specific Active Namespace ID List",
    cite: "[BASE-2.1 §5.1.13.2.7]",
    since: "2.0",
    scope: { nsid: "after", csi: true },
    targets: everyCommandSet(NamespaceListTarget),
  },
  {
    cns: 0x08,
    name: "namespace-independent",
    title: "I/O Command Set Independent Identify Namespace",
    cite: "[BASE-2.1 §5.1.13.2.8]",
    since: "2.0",
    scope: { nsid: "namespace" },
    targets: { 0: NAMESPACE_INDEPENDENT },
  },
  {
    cns: 0x09,
    name: "format-namespace",
    title: "Identify Namespace of a Format Index",
    cite: "[NVM-1.1 §4.1.5.5]",
    since: "2.0",
    scope: { cnssid: "format index", csi: true, uuidIndex: true },
    targets: { [COMMAND_SET.nvm]: NAMESPACE },
  },
  {
    cns: 0x0a,
    name: "format-command-set-namespace",
    title: "I/O Command Set specific Identify Namespace of a Format Index",
    cite: "[NVM-1.1 §4.1.5.6]",
    since: "2.0",
    scope: { cnssid: "format index", csi: true, uuidIndex: true },
    targets: { [COMMAND_SET.nvm]: NAMESPACE_NVM },
  },
  {
    cns: 0x10,
    name: "allocated-namespaces",
    title: "Allocated Namespace ID List",
    cite: "[BASE-2.1 §5.1.13.2.9]",
    since: "1.2",
    scope: { nsid: "after" },
    targets: { 0: NamespaceListTarget },
  },
  {
    cns: 0x11,
    name: "allocated-namespace",
    title: "Identify Namespace of an Allocated Namespace ID",
    cite: "[BASE-2.1 §5.1.13.2.10]",
    since: "1.2",
    scope: { nsid: "namespace" },
    targets: { 0: NAMESPACE },
  },
  {
    cns: 0x12,
    name: "attached-controllers",
    title: "Namespace Attached Controller List",
    cite: "[BASE-2.1 §5.1.13.2.11]",
    since: "1.2",
    scope: { nsid: "namespace", cntid: "from" },
    targets: { 0: ControllerListTarget },
  },
  {
    cns: 0x13,
    name: "controllers",
    title: "Controller List",
    cite: "[BASE-2.1 §5.1.13.2.12]",
    since: "1.2",
    scope: { cntid: "from" },
    targets: { 0: ControllerListTarget },
  },
  {
    cns: 0x14,
    name: "primary-controller",
    title: "Primary Controller Capabilities",
    cite: "[BASE-2.1 §5.1.13.3.1]",
    since: "1.3",
    scope: { cntid: "controller" },
    targets: { 0: structureTarget(PrimaryController) },
  },
  {
    cns: 0x15,
    name: "secondary-controllers",
    title: "Secondary Controller List",
    cite: "[BASE-2.1 §5.1.13.3.2]",
    since: "1.3",
    scope: { cntid: "from" },
    targets: { 0: SecondaryControllerListTarget },
  },
  {
    cns: 0x16,
    name: "namespace-granularity",
    title: "Namespace Granularity List",
    cite: "[NVM-1.1 §4.1.5.8]",
    since: "1.4",
    scope: {},
    targets: { 0: GranularityListTarget },
  },
  {
    cns: 0x17,
    name: "uuids",
    title: "UUID List",
    cite: "[BASE-2.1 §5.1.13.2.14]",
    since: "1.4",
    scope: {},
    targets: { 0: UuidListTarget },
  },
  {
    cns: 0x18,
    name: "domains",
    title: "Domain List",
    cite: "[BASE-2.1 §5.1.13.2.15]",
    since: "2.0",
    scope: { cnssid: "domain" },
    targets: { 0: DomainListTarget },
  },
  {
    cns: 0x19,
    name: "endurance-groups",
    title: "Endurance Group List",
    cite: "[BASE-2.1 §5.1.13.2.16]",
    since: "2.0",
    scope: { cnssid: "endurance group" },
    targets: { 0: EnduranceGroupListTarget },
  },
  {
    cns: 0x1a,
    name: "allocated-command-set-namespaces",
    title: "I/O Command Set specific Allocated Namespace ID List",
    cite: "[BASE-2.1 §5.1.13.2.17]",
    since: "2.0",
    scope: { nsid: "after", csi: true },
    targets: everyCommandSet(NamespaceListTarget),
  },
  {
    cns: 0x1b,
    name: "allocated-command-set-namespace",
    title: "I/O Command Set specific Identify Namespace of an Allocated Namespace ID",
    cite: "[BASE-2.1 §5.1.13.2.18]",
    since: "2.0",
    scope: { nsid: "namespace", csi: true },
    targets: { [COMMAND_SET.nvm]: NAMESPACE_NVM },
  },
  {
    cns: 0x1c,
    name: "command-sets",
    title: "Identify I/O Command Set",
    cite: "[BASE-2.1 §5.1.13.2.19]",
    since: "2.0",
    // CNTID FFFFh stands for the controller that is asked; 0 is a controller like any other.
    scope: { cntid: "controller" },
    targets: { 0: CommandSetsTarget },
  },
  {
    cns: 0x1d,
    name: "underlying-namespaces",
    title: "Underlying Namespace List",
    cite: "[BASE-2.1 §5.1.13.4.1]",
    since: "2.1",
    scope: { nsid: "after", cntid: "from" },
    targets: {},
  },
  {
    cns: 0x1e,
    name: "ports",
    title: "Ports List",
    cite: "[BASE-2.1 §5.1.13.4.2]",
    since: "2.1",
    scope: {},
    targets: {},
  },
  {
    cns: 0x1f,
    name: "allocated-namespace-independent",
    title: "I/O Command Set Independent Identify Namespace of an Allocated Namespace ID",
    cite: "[BASE-2.1 §5.1.13.2.20]",
    since: "2.1",
    scope: { nsid: "namespace" },
    targets: { 0: NAMESPACE_INDEPENDENT },
  },
  {
    cns: 0x20,
    name: "controller-state-formats",
    title: "Supported Controller State Formats",
    cite: "[BASE-2.1 §5.1.13.2.21]",
    since: "2.1",
    scope: {},
    targets: {},
  },
];

/** The structure is the same whichever command set is asked about. */
function everyCommandSet(target: IdentifyTarget): Readonly<Record<number, IdentifyTarget>> {
  return Object.fromEntries(Object.values(COMMAND_SET).map((csi) => [csi, target]));
}

const BY_CNS: ReadonlyMap<number, CnsInfo> = new Map(CNS_VALUES.map((info) => [info.cns, info]));
const BY_NAME: ReadonlyMap<string, CnsInfo> = new Map(CNS_VALUES.map((info) => [info.name, info]));

/** The CNS value of a number or name; undefined for one that is not defined. */
export function findCns(key: number | string): CnsInfo | undefined {
  return typeof key === "number" ? BY_CNS.get(key) : BY_NAME.get(key.toLowerCase());
}

/**
 * What decodes the answer to a CNS value; undefined where nothing does, and the bytes are all there
 * is to show.
 */
export function identifyTarget(cns: number, csi = 0): IdentifyTarget | undefined {
  const info = BY_CNS.get(cns);
  return info?.targets[info.scope.csi ? csi : 0];
}
