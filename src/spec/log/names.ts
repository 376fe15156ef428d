// The name of every log page identifier, whether this program decodes the page or not.

/** What is known of a log page identifier without reading the page. */
export interface LogPageInfo {
  readonly lid: number;
  /** The name on the command line; none for identifiers that the specification does not name. */
  readonly name?: string;
  readonly title: string;
  readonly cite: string;
  /** Whether the contents depend on the command set identifier in the command. */
  readonly byCommandSet: boolean;
}

interface NameOptions {
  readonly cite?: string;
  readonly byCommandSet?: boolean;
}

function page(
  lid: number,
  name: string,
  title: string,
  section: string,
  { cite, byCommandSet = false }: NameOptions = {},
): LogPageInfo {
  return { lid, name, title, cite: cite ?? `[BASE-2.1 §${section}]`, byCommandSet };
}

/** Log page identifiers with a name of their own [BASE-2.1 §5.1.12, Fig. 202]. */
const NAMED: readonly LogPageInfo[] = [
  page(0x00, "supported", "Supported Log Pages", "5.1.12.1.1", { byCommandSet: true }),
  page(0x01, "error", "Error Information", "5.1.12.1.2"),
  page(0x02, "smart", "SMART / Health Information", "5.1.12.1.3"),
  page(0x03, "firmware", "Firmware Slot Information", "5.1.12.1.4"),
  page(0x04, "changed-namespaces", "Changed Attached Namespace List", "5.1.12.1.5"),
  page(0x05, "effects", "Commands Supported and Effects", "5.1.12.1.6", { byCommandSet: true }),
  page(0x06, "selftest", "Device Self-test", "5.1.12.1.7"),
  page(0x07, "telemetry-host", "Telemetry Host-Initiated", "5.1.12.1.8"),
  page(0x08, "telemetry-controller", "Telemetry Controller-Initiated", "5.1.12.1.9"),
  page(0x09, "endurance", "Endurance Group Information", "5.1.12.1.10"),
  page(0x0a, "latency-set", "Predictable Latency Per NVM Set", "5.1.12.1.11"),
  page(0x0b, "latency-events", "Predictable Latency Event Aggregate", "5.1.12.1.12"),
  page(0x0c, "ana", "Asymmetric Namespace Access", "5.1.12.1.13"),
  page(0x0d, "persistent-event", "Persistent Event", "5.1.12.1.14"),
  page(0x0e, "lba-status", "LBA Status Information", "", { cite: "[NVM-1.1 §4.1.4]" }),
  page(0x0f, "endurance-events", "Endurance Group Event Aggregate", "5.1.12.1.15"),
  page(0x10, "media-units", "Media Unit Status", "5.1.12.1.16"),
  page(0x11, "capacity-configurations", "Supported Capacity Configuration List", "5.1.12.1.17"),
  page(0x12, "feature-effects", "Feature Identifiers Supported and Effects", "5.1.12.1.18", {
    byCommandSet: true,
  }),
  page(0x13, "mi-effects", "NVMe-MI Commands Supported and Effects", "5.1.12.1.19"),
  page(0x14, "lockdown", "Command and Feature Lockdown", "5.1.12.1.20", { byCommandSet: true }),
  page(0x15, "boot-partition", "Boot Partition", "5.1.12.1.21"),
  page(0x16, "rotational-media", "Rotational Media Information", "5.1.12.1.22"),
  page(
    0x17,
    "dispersed-namespace",
    "Dispersed Namespace Participating NVM Subsystems",
    "5.1.12.1.23",
  ),
  page(0x18, "management-addresses", "Management Address List", "5.1.12.1.24"),
  page(0x19, "receiver-eye", "Physical Interface Receiver Eye Opening Measurement", "", {
    cite: "[PCIE-1.1]",
  }),
  page(0x1a, "reachability-groups", "Reachability Groups", "5.1.12.1.25"),
  page(0x1b, "reachability-associations", "Reachability Associations", "5.1.12.1.26"),
  page(0x1c, "changed-allocated", "Changed Allocated Namespace List", "5.1.12.1.27"),
  page(0x20, "fdp-configurations", "FDP Configurations", "5.1.12.1.28"),
  page(0x21, "fdp-usage", "Reclaim Unit Handle Usage", "5.1.12.1.29"),
  page(0x22, "fdp-statistics", "FDP Statistics", "5.1.12.1.30"),
  page(0x23, "fdp-events", "FDP Events", "5.1.12.1.31"),
  page(0x70, "discovery", "Discovery", "5.1.12.3.1"),
  page(0x71, "host-discovery", "Host Discovery", "5.1.12.3.2"),
  page(0x72, "ave-discovery", "AVE Discovery", "5.1.12.3.3"),
  page(0x73, "pull-model-ddc", "Pull Model DDC Request", "5.1.12.3.4"),
  page(0x80, "reservation", "Reservation Notification", "5.1.12.1.32"),
  page(0x81, "sanitize", "Sanitize Status", "5.1.12.1.33"),
  page(0xbf, "changed-zones", "Changed Zone List", "", { cite: "[ZNS-1.2]" }),
];

const BY_LID: ReadonlyMap<number, LogPageInfo> = new Map(NAMED.map((info) => [info.lid, info]));

/** What is known of a log page identifier; every number has an answer. */
export function logPageInfo(lid: number): LogPageInfo {
  return BY_LID.get(lid) ?? {
    lid,
    title: unnamed(lid),
    cite: "[BASE-2.1 §5.1.12, Fig. 202]",
    byCommandSet: false,
  };
}

function unnamed(lid: number): string {
  if (lid >= 0xc0 && lid <= 0xff) return "Vendor specific";
  if (lid >= 0x82 && lid <= 0xbe) return "I/O Command Set specific";
  return "Reserved";
}

/** A log page identifier as people write it: `02h`. */
export function formatLid(lid: number): string {
  return `${lid.toString(16).toUpperCase().padStart(2, "0")}h`;
}
