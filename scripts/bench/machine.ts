// Names the machine that was measured by what decides its speed, and by nothing that identifies it.

/** What BENCHMARKS.md says about a machine. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly virtualised: boolean;
}

/** The machine that this program runs on. */
export async function thisMachine(): Promise<Machine> {
  const read = (path: string): Promise<string> => Deno.readTextFile(path);
  return describeMachine(await read("/proc/cpuinfo"), await read("/proc/meminfo"), {
    kernel: Deno.osRelease(),
    architecture: Deno.build.arch,
  });
}

/** A machine from the text of /proc/cpuinfo and /proc/meminfo. */
export function describeMachine(
  cpuinfo: string,
  meminfo: string,
  { kernel, architecture }: { readonly kernel: string; readonly architecture: string },
): Machine {
  const model = /^model name\s*:\s*(.+)$/m.exec(cpuinfo)?.[1]?.trim();
  const memoryKiB = Number(/^MemTotal:\s*(\d+) kB$/m.exec(meminfo)?.[1] ?? 0);
  return {
    // 64-bit ARM kernels give numbers, no name.
    processor: model ?? `${architecture} processor`,
    cores: cpuinfo.match(/^processor\s*:/gm)?.length ?? 1,
    memoryGiB: Math.round(memoryKiB / 1024 ** 2),
    kernel,
    virtualised: /^flags\s*:.*\bhypervisor\b/m.test(cpuinfo),
  };
}

/** The machine in one line. */
export function machineText(machine: Machine): string {
  const { processor, cores, memoryGiB, kernel, virtualised } = machine;
  return [
    processor,
    `${cores} ${cores === 1 ? "core" : "cores"}`,
    `${memoryGiB} GiB of memory`,
    `Linux ${kernel}`,
    ...(virtualised ? ["itself a virtual machine"] : []),
  ].join(", ");
}
