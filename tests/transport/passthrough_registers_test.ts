// Tests of registers behind the kernel's driver, on a machine of the test's own.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { SysError } from "../../ffi/mod.ts";
import { UnreachableError } from "../../src/errors.ts";
import { PassthroughTransport } from "../../src/transport/passthrough.ts";
import { openRegisters, type RegisterMachine } from "../../src/transport/passthrough_registers.ts";
import type { Command, Completion } from "../../src/transport/transport.ts";

const PCIE = { name: "nvme3", transport: "pcie" };
const DEVICE = "/sys/class/nvme/nvme3/device";

function machine(
  { command, error }: { readonly command?: number; readonly error?: number } = {},
): RegisterMachine & { readonly mapped: string[]; unmapped: number } {
  const mapped: string[] = [];
  const found = {
    mapped,
    unmapped: 0,
    read(path: string, length: number): Uint8Array | undefined {
      assertEquals(path, `${DEVICE}/config`);
      if (command === undefined) return undefined;
      return Uint8Array.of(0x36, 0x1b, 0x10, 0, command & 0xff, command >> 8).subarray(0, length);
    },
    map(path: string, length: number): { words: Uint32Array; [Symbol.dispose](): void } {
      mapped.push(`${path} ${length}`);
      if (error !== undefined) throw new SysError(`map ${path}`, error);
      const words = Uint32Array.from({ length: length / 4 }, (_, at) => 0xa000_0000 + at);
      return { words, [Symbol.dispose]: () => void found.unmapped++ };
    },
  };
  return found;
}

const nobody = (): Promise<Completion> => Promise.reject(new Error("no command was expected"));

Deno.test("a PCI drive's registers are mapped up to the doorbells, and read as words", async () => {
  const here = machine({ command: 0x0406 });
  const access = openRegisters(PCIE, nobody, here);
  assertEquals(here.mapped, [`${DEVICE}/resource0 4096`]);
  assertEquals(access.model, "memory");
  assertEquals(await access.read(0x1c, 4), 0xa000_0007n);
  assertEquals(await access.read(0x28, 8), 0xa000_000b_a000_000an);
  access[Symbol.dispose]();
  assertEquals(here.unmapped, 1);
});

Deno.test("a function that does not answer to its addresses is not mapped", () => {
  const off = machine({ command: 0x0404 });
  assertThrows(() => openRegisters(PCIE, nobody, off), UnreachableError, "memory decoding");
  const gone = machine({ command: 0xffff });
  assertThrows(() => openRegisters(PCIE, nobody, gone), UnreachableError, "function is gone");
  assertEquals([...off.mapped, ...gone.mapped], []);
});

Deno.test("what the kernel refuses is said in words", () => {
  const cases: readonly (readonly [number, string, string])[] = [
    [13, "EACCES", "only root may map them"],
    [1, "EPERM", "it is locked down"],
    [2, "ENOENT", `there is no ${DEVICE}/resource0`],
    [22, "EINVAL", "to the driver (EINVAL)"],
    [12, "ENOMEM", "(ENOMEM)"],
  ];
  for (const [errno, code, says] of cases) {
    const here = machine({ error: errno });
    const error = assertThrows(() => openRegisters(PCIE, nobody, here), UnreachableError);
    assertEquals(error.code, code);
    assert(error.message.includes(says), error.message);
    assertEquals(error.message.split(`(${code})`).length, 2, error.message);
  }
});

Deno.test("over a fabric each property is asked for by Property Get, with its size", async () => {
  for (const transport of ["tcp", "rdma", "fc", "loop"]) {
    const sent: Command[] = [];
    const submit = (command: Command): Promise<Completion> => {
      sent.push(command);
      const status = command.cdw11 === 0x20 ? 0x4002 : 0;
      return Promise.resolve({ status, result: 0x1122_3344_5566_7788n });
    };
    const access = openRegisters({ name: "nvme4", transport }, submit, machine());
    assertEquals(access.model, "message");
    assertEquals(await access.read(0x00, 8), 0x1122_3344_5566_7788n);
    assertEquals(await access.read(0x1c, 4), 0x5566_7788n);
    assertEquals(await access.read(0x20, 4), undefined);
    assertEquals(
      sent.map(({ queue, opcode, nsid, cdw10, cdw11 }) => [queue, opcode, nsid, cdw10, cdw11]),
      [["admin", 0x7f, 4, 1, 0x00], ["admin", 0x7f, 4, 0, 0x1c], ["admin", 0x7f, 4, 0, 0x20]],
    );
  }
});

Deno.test("PassthroughTransport gives the registers back when it is closed, opened once", async () => {
  const here = machine();
  let opened = 0;
  const node = {
    path: "/dev/nvme3",
    call: () => Promise.resolve({ result: 0, errno: 0 }),
    allocate: () => {
      throw new Error("no memory was expected");
    },
    [Symbol.dispose]: () => {},
  };
  const transport = new PassthroughTransport({
    node,
    openRegisters(submit) {
      opened++;
      return Promise.resolve(openRegisters(PCIE, submit, here));
    },
  });
  const first = await transport.registers();
  assert(await transport.registers() === first);
  assertEquals([opened, here.unmapped], [1, 0]);
  await transport[Symbol.asyncDispose]();
  assertEquals(here.unmapped, 1);
  const unknown = new PassthroughTransport({ node });
  await assertRejects(() => unknown.registers(), UnreachableError, "is not known");
});
