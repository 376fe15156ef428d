// nvmectl registers: the controller's registers, decoded.

import { command, type Context } from "../cli/command.ts";
import { structFacts } from "../cli/present.ts";
import { type Block, type Fact, facts, heading, type Report, table } from "../cli/report.ts";
import { type ReadRegister, readRegisters, registerImage } from "../controller/registers.ts";
import { exactDigits, type Json, type JsonObject } from "../layout/mod.ts";
import { VS } from "../spec/registers.ts";

/** How long a line of the meanings gets, in characters. */
const LINE_LENGTH = 60;

export const registers = command({
  name: "registers",
  group: "Look",
  summary: "Show the controller's registers, decoded",
  description:
    "Shows the registers that the controller has by its own account; over a fabric, properties.\n" +
    "Behind the kernel's driver a PCI drive's registers are read from memory, which takes root\n" +
    "and a kernel that lets it: most want iomem=relaxed on their command line, and one that is\n" +
    "locked down never does. -o raw writes the 4096 bytes below the doorbells, with zero for\n" +
    "registers that are not there. A doorbell is never read.",
  effect: "read",
  target: "drive",
  flags: {},
  formats: ["table", "json", "raw"],
  examples: [
    ["nvmectl registers /dev/nvme0", "what the controller can do, and how it is"],
    ["nvmectl registers /dev/nvme0 -v", "every bit"],
    ["nvmectl registers pci:0000:01:00.0", "of a drive that the kernel has lost"],
    ["nvmectl registers virtual: -o json", "for a script"],
  ],
  async run(context) {
    const drive = await context.openDrive();
    const { model, registers: found } = await readRegisters(drive);
    const transport = model === "memory" ? "PCIe" : "fabrics";
    return {
      json: {
        device: drive.target,
        model,
        registers: Object.fromEntries(
          found.map((one) => [one.register.name.toLowerCase(), json(one)]),
        ),
      },
      blocks: [heading(`${drive.target}  registers (${transport})`), ...blocksOf(context, found)],
      raw: registerImage(found),
    } satisfies Report;
  },
});

/** Hexadecimal with all digits: nobody counts those of a register. */
function hex({ register: { width }, value }: ReadRegister): string {
  return `0x${value.toString(16).padStart(2 * width, "0")}`;
}

function json(found: ReadRegister): JsonObject {
  const { register: { title, offset, width, layout }, value } = found;
  const fields = layout ? layout.json(layout.decode(bytesOf(found))) : {};
  const [bits] = Object.values(fields);
  return {
    title,
    offset,
    width,
    value: Number(value),
    ...exactDigits("value", value),
    hex: hex(found),
    text: textOf(found),
    ...fieldsOf(bits),
  };
}

/** The pieces of a register that has any; its value and text stand beside them already. */
function fieldsOf(bits: Json | undefined): JsonObject {
  if (typeof bits !== "object" || bits === null || Array.isArray(bits)) return {};
  const { value: _value, text: _text, ...fields } = bits as JsonObject;
  return { fields };
}

function blocksOf({ verbose }: Context, found: readonly ReadRegister[]): readonly Block[] {
  if (!verbose) {
    return [table(["Register", "Offset", "Value", "Meaning"], found.flatMap(rowsOf))];
  }
  return found.flatMap((one): Block[] => {
    const { register: { name, title, layout } } = one;
    const pieces = layout
      ? structFacts(layout, layout.decode(bytesOf(one)), { verbose }).slice(1)
      : [];
    const text = pieces.length === 0 || name === "VS" ? textOf(one) : "";
    const lead: Fact[] = [
      ["offset", offsetOf(one)],
      ["value", hex(one)],
      ...(text === "" ? [] : [["meaning", text] as const]),
    ];
    return [heading(`${name}: ${title}`), facts([...lead, ...pieces])];
  });
}

/** A register, on as many lines as its meaning takes. */
function rowsOf(one: ReadRegister): readonly string[][] {
  const lines: string[] = [];
  for (const piece of meaning(one)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + piece.length < LINE_LENGTH) {
      lines[lines.length - 1] = `${last}, ${piece}`;
    } else lines.push(piece);
  }
  const [first = "", ...rest] = lines;
  return [
    [one.register.name, offsetOf(one), hex(one), first],
    ...rest.map((line) => ["", "", "", line]),
  ];
}

function offsetOf({ register: { offset } }: ReadRegister): string {
  return `${offset.toString(16).padStart(2, "0").toUpperCase()}h`;
}

function bytesOf({ register: { width }, value }: ReadRegister): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes.subarray(0, width);
}

/** What it says in one line; nothing for a register that is a number, such as an address. */
function textOf(found: ReadRegister): string {
  return meaning(found).join(", ");
}

/** The pieces of a register in words: bits that are set, and every number. */
function meaning(found: ReadRegister): readonly string[] {
  const { register: { name, layout }, value } = found;
  if (name === "VS") {
    const { mjr, mnr, ter } = VS.parse(Number(value));
    return [`${mjr}.${mnr}.${ter}`];
  }
  if (!layout) return [];
  const [field] = layout.fields(layout.decode(bytesOf(found)));
  return (field?.row.codec.parts ?? []).flatMap(({ label, text }) => {
    const words = text(field?.value);
    if (words === "no") return [];
    return words === "yes" ? [label] : [`${label}: ${words}`];
  });
}
