// PCI class codes, in words.

/** The base class 01h, subclass 08h [PCIE-1.1]. */
const NVM_SUBCLASS = "0108";

/** Classes by the first four or two digits of the code; the longer counts. */
const CLASSES: Readonly<Record<string, string>> = {
  "0100": "SCSI controller",
  "0101": "IDE controller",
  "0104": "RAID controller",
  "0106": "SATA controller",
  "0107": "SAS controller",
  "0108": "non-volatile memory controller",
  "01": "storage controller",
  "0200": "Ethernet controller",
  "0207": "InfiniBand controller",
  "02": "network controller",
  "0300": "graphics controller",
  "03": "display controller",
  "04": "multimedia controller",
  "05": "memory controller",
  "0600": "host bridge",
  "0601": "ISA bridge",
  "0604": "PCI bridge",
  "06": "bridge",
  "07": "communication controller",
  "08": "system peripheral",
  "0c03": "USB controller",
  "0c05": "SMBus controller",
  "0c": "serial bus controller",
  "0d": "wireless controller",
  "10": "encryption controller",
  "11": "signal processing controller",
  "12": "processing accelerator",
};

/** A class code of six hexadecimal digits in words. */
export function className(classCode: string | undefined): string {
  if (classCode === undefined) return "device without a class";
  if (isNvmeClass(classCode)) {
    return classCode === "010803" ? "NVMe administrative controller" : "NVMe controller";
  }
  return CLASSES[classCode.slice(0, 4)] ?? CLASSES[classCode.slice(0, 2)] ??
    "device of another kind";
}

/** An NVMe I/O controller (interface 02h) or administrative controller (03h) [PCIE-1.1]. */
export function isNvmeClass(classCode: string | undefined): boolean {
  return classCode === `${NVM_SUBCLASS}02` || classCode === `${NVM_SUBCLASS}03`;
}

/** What only passes on what others send, and so does not count in an IOMMU group. */
export function isBridgeClass(classCode: string | undefined): boolean {
  return classCode !== undefined && /^06(04|07|09)/.test(classCode);
}
