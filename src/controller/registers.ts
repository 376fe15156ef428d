// The registers of a controller, or its properties over a fabric: those that it has by what CAP and
// VS say of it, each read once with its own width.

import { UnreachableError } from "../errors.ts";
import { CAP, REGISTER_LIST, type RegisterInfo, REGISTERS, VS } from "../spec/registers.ts";
import type { RegisterAccess } from "../transport/transport.ts";
import type { Drive } from "./drive.ts";

/** Bytes of the register space below the doorbells [BASE-2.1 §3.1.4, Fig. 33]. */
export const REGISTER_SPACE_BYTES = 0x1000;

/** One register as it was read. */
export interface ReadRegister {
  readonly register: RegisterInfo;
  readonly value: bigint;
}

/** What the presence of optional registers depends on. */
interface Abilities {
  readonly cap: ReturnType<typeof CAP.parse>;
  readonly vs: ReturnType<typeof VS.parse>;
}

/**
 * By name, when a register is there; those that are not listed always are. The controller memory
 * buffer came with revision 1.2, its bit in CAP with 1.4: a drive from between has its size in
 * CMBSZ, which is zero on one without [BASE-2.1 §3.1.4.12].
 */
const OPTIONAL: Readonly<Record<string, (abilities: Abilities) => boolean>> = {
  NSSR: ({ cap }) => cap.nssrs,
  CMBLOC: ({ cap, vs }) => cap.cmbs || isBefore(vs, 1, 4),
  CMBSZ: ({ cap, vs }) => cap.cmbs || isBefore(vs, 1, 4),
  BPINFO: ({ cap }) => cap.bps,
  BPRSEL: ({ cap }) => cap.bps,
  BPMBL: ({ cap }) => cap.bps,
  CMBMSC: ({ cap }) => cap.cmbs,
  CMBSTS: ({ cap }) => cap.cmbs,
  CMBEBS: ({ cap }) => cap.cmbs,
  CMBSWTP: ({ cap }) => cap.cmbs,
  NSSD: ({ cap }) => cap.nsss,
  CRTO: ({ cap, vs }) => cap.crwms || cap.crims || !isBefore(vs, 2, 0),
  PMRCAP: ({ cap }) => cap.pmrs,
  PMRCTL: ({ cap }) => cap.pmrs,
  PMRSTS: ({ cap }) => cap.pmrs,
  PMREBS: ({ cap }) => cap.pmrs,
  PMRSWTP: ({ cap }) => cap.pmrs,
  PMRMSCL: ({ cap }) => cap.pmrs,
  PMRMSCU: ({ cap }) => cap.pmrs,
};

function isBefore({ mjr, mnr }: Abilities["vs"], major: number, minor: number): boolean {
  return mjr < major || (mjr === major && mnr < minor);
}

/**
 * Reads the registers that the controller has, in the order of their offsets; never a doorbell.
 *
 * @throws UnreachableError where the transport cannot get at them, or the controller is gone
 */
export async function readRegisters(
  drive: Drive,
): Promise<
  { readonly model: RegisterAccess["model"]; readonly registers: readonly ReadRegister[] }
> {
  const { transport } = drive;
  if (!transport.registers) {
    throw new UnreachableError(
      `Cannot read the registers of ${drive.target}: they cannot be reached this way`,
    );
  }
  const access = await transport.registers();
  const cap = await needed(drive, access, REGISTERS.CAP);
  const vs = await needed(drive, access, REGISTERS.VS);
  const abilities = { cap: CAP.parse(cap), vs: VS.parse(Number(vs)) };
  const known = new Map([[REGISTERS.CAP, cap], [REGISTERS.VS, vs]]);
  const registers: ReadRegister[] = [];
  for (const register of REGISTER_LIST) {
    const there = register.models.includes(access.model) &&
      (OPTIONAL[register.name]?.(abilities) ?? true);
    if (!there) continue;
    const value = known.get(register) ?? await access.read(register.offset, register.width);
    if (value !== undefined) registers.push({ register, value });
  }
  return { model: access.model, registers };
}

/** CAP or VS, without which nothing else can be told apart. */
async function needed(
  { target }: Drive,
  access: RegisterAccess,
  { name, offset, width }: RegisterInfo,
): Promise<bigint> {
  const value = await access.read(offset, width);
  if (value === undefined) {
    throw new UnreachableError(
      `Cannot read the registers of ${target}: the controller refuses ${name}`,
    );
  }
  if (value !== (1n << BigInt(8 * width)) - 1n) return value;
  throw new UnreachableError(
    `Cannot read the registers of ${target}: ${name} reads as all ones, as from a device that is ` +
      "gone, asleep, or has its memory decoding off",
    { next: "dmesg tells what the kernel saw; nvmectl list what is left" },
  );
}

/**
 * The register space below the doorbells, little-endian as the drive has it. What was not read, or
 * is not there, is zero.
 */
export function registerImage(registers: readonly ReadRegister[]): Uint8Array<ArrayBuffer> {
  const image = new Uint8Array(REGISTER_SPACE_BYTES);
  const view = new DataView(image.buffer);
  for (const { register: { offset, width }, value } of registers) {
    if (width === 8) view.setBigUint64(offset, value, true);
    else view.setUint32(offset, Number(value), true);
  }
  return image;
}
