// What stock Wireshark cannot name in our captures, as a Lua plug-in for it: a post-dissector whose
// tables are written from ours.

import { adminOpcode, formatOpcode, ioOpcode, type OpcodeInfo } from "../spec/opcode.ts";
import { DOORBELL_BASE, REGISTER_LIST, type RegisterInfo } from "../spec/registers.ts";

/** The field that the plug-in gives each NVMe packet: the command's name. */
export const OPCODE_NAME_FIELD = "nvmectl.opcode_name";
/** The field for what plug-ins of a virtual drive decided. */
export const VERDICT_FIELD = "nvmectl.verdict";

/**
 * The plug-in, for Wireshark and tshark 4.0 and later: names of all commands and registers, PRP
 * entries and verdicts out of the packets' comments, as fields to filter by. Ends in a line break.
 */
export function wiresharkPlugin(): string {
  return [
    "-- nvmectl for Wireshark: what its own dissectors cannot name in NVMe captures.",
    "-- Written by: nvmectl drive wireshark-plugin",
    "",
    opcodes("ADMIN", adminOpcode),
    opcodes("IO", (opcode) => ioOpcode(opcode)),
    table("REGISTERS", REGISTER_LIST.flatMap(registerRows)),
    `local FIRST_DOORBELL = ${hex(DOORBELL_BASE, 4)}`,
    "",
    MACHINERY,
  ].join("\n");
}

/** The names of the commands of a kind of queue, and where those of vendors begin. */
function opcodes(name: string, infoOf: (opcode: number) => OpcodeInfo): string {
  const all = Array.from({ length: 0x100 }, (_, opcode) => infoOf(opcode));
  const known = all.filter((info) => info.known);
  const vendor = all.find((info) => info.name.startsWith("vendor specific"))?.opcode ?? 0x100;
  return [
    table(name, known.map((info) => [hex(info.opcode, 2), info.name])),
    `local ${name}_VENDOR = ${hex(vendor, 2)} -- ${formatOpcode(vendor)} and above`,
    "",
  ].join("\n");
}

/** A register of two dwords has two offsets. */
function registerRows(
  { offset, width, name, title }: RegisterInfo,
): readonly (readonly [string, string])[] {
  const row = [hex(offset, 4), `${name} ${title}`] as const;
  return width === 8 ? [row, [hex(offset + 4, 4), `${name} ${title}, upper half`] as const] : [row];
}

function table(name: string, rows: readonly (readonly [key: string, value: string])[]): string {
  // For plain ASCII, JSON's strings are Lua's.
  const lines = rows.map(([key, value]) => `  [${key}] = ${JSON.stringify(value)},`);
  return [`local ${name} = {`, ...lines, "}"].join("\n");
}

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, "0")}`;
}

const MACHINERY = `local nvmectl = Proto("nvmectl", "nvmectl")

local fields = {
  opcode_name = ProtoField.string("nvmectl.opcode_name", "Command"),
  register = ProtoField.string("nvmectl.register", "Register"),
  prp1 = ProtoField.uint64("nvmectl.prp1", "PRP entry 1", base.HEX),
  prp2 = ProtoField.uint64("nvmectl.prp2", "PRP entry 2", base.HEX),
  verdict = ProtoField.string("nvmectl.verdict", "Verdict of a plug-in"),
}
nvmectl.fields = {
  fields.opcode_name, fields.register, fields.prp1, fields.prp2, fields.verdict,
}

local opcode_of = Field.new("nvme.cmd.opc")
local queue_of = Field.new("nvme-tcp.cmd.qid")
local command_of = Field.new("nvme.cmd_pkt")
local property_of = Field.new("nvme.fabrics.cmd.prop_get_set.offset")
local comment_of = Field.new("frame.comment")

-- The command of a packet, by its number: what answers it has the same name.
local names = {}

function nvmectl.init()
  names = {}
end

local function opcode_name(opcode, admin)
  local name = (admin and ADMIN or IO)[opcode]
  if name then return name end
  local vendor = opcode >= (admin and ADMIN_VENDOR or IO_VENDOR)
  return string.format("%s (%02Xh)", vendor and "vendor specific" or "unknown", opcode)
end

local function register_name(offset)
  if offset >= FIRST_DOORBELL then return string.format("doorbell (%04Xh)", offset) end
  return REGISTERS[offset] or string.format("unknown (%04Xh)", offset)
end

-- A queue has a connection of its own, so that the first number is everybody's.
local function command_name(pinfo)
  local opcode = opcode_of()
  if opcode then
    local queue = queue_of()
    names[pinfo.number] = opcode_name(opcode.value, queue and queue.value == 0)
    return names[pinfo.number]
  end
  local command = command_of()
  return command and names[command.value]
end

local function add_prp(tree, field, digits)
  if digits then tree:add(field, UInt64.fromhex(digits)) end
end

function nvmectl.dissector(buffer, pinfo, root)
  local name = command_name(pinfo)
  local property = property_of()
  local comment = comment_of()
  if not (name or property or comment) then return end
  local tree = root:add(nvmectl)
  if name then
    tree:add(fields.opcode_name, name)
    tree:append_text(", " .. name)
    if tostring(pinfo.cols.info):find("Unknown Command", 1, true) then
      pinfo.cols.info:append(" (" .. name .. ")")
    end
  end
  if property then tree:add(fields.register, register_name(property.value)) end
  if not comment then return end
  local line = comment.value
  add_prp(tree, fields.prp1, line:match(" prp1=(%x+)"))
  add_prp(tree, fields.prp2, line:match(" prp2=(%x+)"))
  -- Verdicts say at which tap they were given: (no-writes@nvme:io:decode: claim).
  for verdict in line:gmatch("%(([^()]*@[%l]+:[%l]+:[%l]+: [^()]*)%)") do
    tree:add(fields.verdict, verdict)
    tree:append_text(", " .. verdict)
  end
end

register_postdissector(nvmectl)
`;
