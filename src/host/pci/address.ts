// The grammar of PCI addresses: domain, bus, device, function.

import { UsageError } from "../../errors.ts";

const EXAMPLE = "a PCI address looks like 0000:01:00.0 or 01:00.0; nvmectl vfio status lists them";

/**
 * The address of a PCI function as the kernel writes it, `0000:01:00.0`. The domain may be left out
 * and is 0000 then; domains of more than four digits belong to VMD and the like.
 *
 * @throws UsageError which says what is wrong with it
 */
export function parseAddress(typed: string): string {
  const text = typed.trim().toLowerCase();
  const [, domain = "0000", bus = "", device = "", number = ""] =
    /^(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}):([0-9a-f]{2})\.([0-9a-f])$/.exec(text) ?? [];
  if (bus === "") throw wrong(typed, shapeOf(text));
  if (parseInt(device, 16) > 0x1f) {
    throw wrong(typed, `its device number is ${device}, and the last one is 1f`);
  }
  if (!/^[0-7]$/.test(number)) {
    throw wrong(typed, `its function number is ${number}, and the last one is 7`);
  }
  return `${domain}:${bus}:${device}.${number}`;
}

function wrong(typed: string, found: string): UsageError {
  return new UsageError(`Cannot read the PCI address ${JSON.stringify(typed)}: ${found}`, {
    next: EXAMPLE,
  });
}

/** What keeps a text from being an address, by what people do type. */
function shapeOf(text: string): string {
  if (text === "") return "it is empty";
  if (text.startsWith("/")) return "it is a path";
  if (/^pci:/.test(text)) return "the address stands here without pci:";
  if (/^(nvme|ng)\d/.test(text)) return "it is the name of a device, not where it is plugged in";
  if (!text.includes(".")) return "the function is missing, such as .0 at the end";
  if (/[^0-9a-f:.]/.test(text)) return "it has characters other than hexadecimal digits, : and .";
  return "it is not domain:bus:device.function, of 4, 2, 2 and 1 hexadecimal digits";
}
