// The kernel's keyrings, for the program.

import type { KeyringSystem } from "../keys/keyring_system.ts";

/** The kernel's keyrings; loaded when they are first asked for. */
export async function kernelKeyring(): Promise<KeyringSystem> {
  const { KernelKeyring } = await import("../../ffi/keyring.ts");
  return new KernelKeyring();
}
