// The documents that this code follows, under short keys, and the citations that point into them.

/** Every document cited, by key: the kind of document, a dash, its revision. */
export const REFERENCES = {
  "BASE-2.1": {
    title: "NVM Express Base Specification",
    revision: "2.1",
    date: "2024-08-05",
    url:
      "https://nvmexpress.org/wp-content/uploads/NVM-Express-Base-Specification-Revision-2.1-2024.08.05-Ratified.pdf",
  },
  "NVM-1.1": {
    title: "NVM Express NVM Command Set Specification",
    revision: "1.1",
    date: "2024-08-05",
    url:
      "https://nvmexpress.org/wp-content/uploads/NVM-Express-NVM-Command-Set-Specification-Revision-1.1-2024.08.05-Ratified.pdf",
  },
  "ZNS-1.2": {
    title: "NVM Express Zoned Namespace Command Set Specification",
    revision: "1.2",
    date: "2024-08-05",
    url:
      "https://nvmexpress.org/wp-content/uploads/NVM-Express-Zoned-Namespace-Command-Set-Specification-Revision-1.2-2024.08.05-Ratified.pdf",
  },
  "KV-1.1": {
    title: "NVM Express Key Value Command Set Specification",
    revision: "1.1",
    date: "2024-08",
    url: "https://nvmexpress.org/specifications/",
  },
  "CP-1.0": {
    title: "NVM Express Computational Programs Command Set Specification",
    revision: "1.0",
    date: "2024-08",
    url: "https://nvmexpress.org/specifications/",
  },
  "PCIE-1.1": {
    title: "NVM Express NVMe over PCIe Transport Specification",
    revision: "1.1",
    date: "2024-08-05",
    url:
      "https://nvmexpress.org/wp-content/uploads/NVM-Express-PCI-Express-Transport-Specification-Revision-1.1-2024.08.05-Ratified.pdf",
  },
  "TCP-1.1": {
    title: "NVM Express TCP Transport Specification",
    revision: "1.1",
    date: "2024-08",
    url: "https://nvmexpress.org/specification/tcp-transport-specification/",
  },
  "MI-2.0": {
    title: "NVM Express Management Interface Specification",
    revision: "2.0",
    date: "2024-08",
    url: "https://nvmexpress.org/specifications/",
  },
  "PCI-5.0": {
    title: "PCI Express Base Specification",
    revision: "5.0",
    date: "2019-05",
    url: "https://pcisig.com/specifications",
  },
  "SPC-5": {
    title: "SCSI Primary Commands (INCITS 502)",
    revision: "5",
    date: "2019-09",
    url: "https://www.t10.org/drafts.htm",
  },
  "TCG-2.01": {
    title: "TCG Storage Architecture Core Specification",
    revision: "2.01",
    date: "2015-08",
    url: "https://trustedcomputinggroup.org/resource/tcg-storage-architecture-core-specification/",
  },
  "OPAL-2.02": {
    title: "TCG Storage Security Subsystem Class: Opal",
    revision: "2.02",
    date: "2022-01",
    url:
      "https://trustedcomputinggroup.org/resource/storage-work-group-storage-security-subsystem-class-opal/",
  },
  "OCP-2.6": {
    title: "Open Compute Project: Datacenter NVMe SSD Specification",
    revision: "2.6",
    date: "2024-10",
    url: "https://www.opencompute.org/wiki/Storage",
  },
  "UAPI-6.1": {
    title: "Linux kernel headers for user space (include/uapi)",
    revision: "6.1",
    date: "2022-12-11",
    url:
      "https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/include/uapi?h=v6.1",
  },
  "UAPI-6.6": {
    title: "Linux kernel headers for user space (include/uapi)",
    revision: "6.6",
    date: "2023-10-29",
    url:
      "https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/include/uapi?h=v6.6",
  },
  "LINUX-6.1": {
    title: "Linux kernel sources and documentation",
    revision: "6.1",
    date: "2022-12-11",
    url: "https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/?h=v6.1",
  },
  "RFC-3720": {
    title: "Internet Small Computer Systems Interface (iSCSI)",
    revision: "RFC 3720",
    date: "2004-04",
    url: "https://www.rfc-editor.org/rfc/rfc3720",
  },
  "RFC-1952": {
    title: "GZIP file format specification version 4.3",
    revision: "RFC 1952",
    date: "1996-05",
    url: "https://www.rfc-editor.org/rfc/rfc1952",
  },
  "RFC-4648": {
    title: "The Base16, Base32, and Base64 Data Encodings",
    revision: "RFC 4648",
    date: "2006-10",
    url: "https://www.rfc-editor.org/rfc/rfc4648",
  },
  "RFC-5869": {
    title: "HMAC-based Extract-and-Expand Key Derivation Function (HKDF)",
    revision: "RFC 5869",
    date: "2010-05",
    url: "https://www.rfc-editor.org/rfc/rfc5869",
  },
  "RFC-7919": {
    title: "Negotiated Finite Field Diffie-Hellman Ephemeral Parameters for TLS",
    revision: "RFC 7919",
    date: "2016-08",
    url: "https://www.rfc-editor.org/rfc/rfc7919",
  },
  "PCAPNG-1.0": {
    title: "PCAP Next Generation Capture File Format",
    revision: "1.0",
    date: "2020-09",
    url: "https://datatracker.ietf.org/doc/draft-tuexen-opsawg-pcapng/",
  },
  "RFC-8446": {
    title: "The Transport Layer Security (TLS) Protocol Version 1.3",
    revision: "RFC 8446",
    date: "2018-08",
    url: "https://www.rfc-editor.org/rfc/rfc8446",
  },
} as const;

/** The key of a document that may be cited. */
export type ReferenceKey = keyof typeof REFERENCES;

/** A citation taken apart. */
export interface Citation {
  readonly key: ReferenceKey;
  /** The section's number; for source code the file's path. */
  readonly section?: string;
  readonly figure?: number;
}

// [KEY], [KEY §section], [KEY, Fig. n], [KEY §section, Fig. n]
const CITATION = /^\[([A-Z]+-[0-9.]+)(?: §([^\s,\]]+))?(?:, Fig\. ([1-9][0-9]*))?\]$/;

/**
 * Takes a citation such as `[BASE-2.1 §5.1.12.1.3, Fig. 206]` apart.
 *
 * @throws {SyntaxError} when the text has another form
 * @throws {RangeError} when no document has that key
 */
export function parseCitation(text: string): Citation {
  const [, key, section, figure] = CITATION.exec(text) ?? [];
  if (key === undefined) {
    throw new SyntaxError(
      `Cannot parse citation: found ${JSON.stringify(text)}, need [KEY §section, Fig. n]`,
    );
  }
  if (!isReferenceKey(key)) {
    throw new RangeError(`Cannot resolve citation ${text}: no document has the key ${key}`);
  }
  return {
    key,
    ...(section === undefined ? {} : { section }),
    ...(figure === undefined ? {} : { figure: Number(figure) }),
  };
}

function isReferenceKey(key: string): key is ReferenceKey {
  return Object.hasOwn(REFERENCES, key);
}
