// The kernel of a test guest as the NVMe/TCP host of drives that are served to it.

import { type Guest, quote } from "../../scripts/vm/guest.ts";
import { shell } from "./guest.ts";

/** Loads the kernel's initiator; in a script. */
export const LOAD_HOST = "modprobe nvme-tcp";

/** Where a drive is served, as the guest sees it. */
export interface ServedAt {
  readonly host: string;
  readonly port: number;
}

/** The options by which nvme-cli finds a port. */
export function addressOptions({ host, port }: ServedAt): string {
  return `-t tcp -a ${host} -s ${port}`;
}

/** The command line that connects the kernel to a drive; `options` go to the shell as they are. */
export function connectScript(at: ServedAt, nqn: string, options = ""): string {
  return `nvme connect ${addressOptions(at)} -n ${quote(nqn)} ${options}`;
}

/** The name of the controller with this serial number, `nvme0`, once its namespace is there. */
export async function appeared(guest: Guest, serial: string): Promise<string> {
  const script = `for i in $(seq 100); do
    for c in /sys/class/nvme/nvme*; do
      [ "$(tr -d ' ' <$c/serial 2>/dev/null)" = ${serial} ] && [ -b /dev/\${c##*/}n1 ] &&
        { echo \${c##*/}; exit; }
    done
    usleep 100000
  done
  dmesg | tail -20 >&2; exit 1`;
  return (await shell(guest, script)).trim();
}
