// What the verbs about TLS keys have in common: between whom a key is, and how it is derived.

import type { Context } from "../../cli/command.ts";
import { choice, text, toggle } from "../../cli/flags.ts";
import { UsageError } from "../../errors.ts";
import {
  type DerivedTlsPsk,
  deriveGeneratedTlsPsk,
  deriveTlsPsk,
  hashOfBytes,
  type IdentityVersion,
  importTlsKey,
  readHexSecret,
  Secret,
  type TlsHash,
} from "../../keys/mod.ts";
import { KEY_FLAGS, readKeyText } from "./key_input.ts";

/** Where Linux keeps the host's own name. */
const HOST_NQN_FILE = "/etc/nvme/hostnqn";

/** Options of verbs that derive from a key. */
export const DERIVE_FLAGS = {
  ...KEY_FLAGS,
  hostnqn: text(`The host's name (default: what ${HOST_NQN_FILE} says)`, "NQN"),
  subsysnqn: text("The subsystem's name", "NQN"),
  version: choice("Version of the identity: 1 has a digest of the key (default 1)", ["0", "1"]),
  cipher: choice("Hash function of the cipher suite (default: the key's own)", [
    "sha256",
    "sha384",
  ]),
  generated: toggle("The key is one that an authentication generated, in hexadecimal"),
  compat: toggle("Derive as libnvme did before it was corrected, for peers that still do"),
} as const;

/** What the user said of a derivation. */
export interface DeriveValues {
  readonly in: string | undefined;
  readonly key: string | undefined;
  readonly hostnqn: string | undefined;
  readonly subsysnqn: string | undefined;
  readonly version: "0" | "1" | undefined;
  readonly cipher: TlsHash | undefined;
  readonly generated: boolean;
  readonly compat: boolean;
}

/** Reads the key and derives everything from it. Whoever asks disposes of the result. */
export async function deriveFrom(context: Context, flags: DeriveValues): Promise<DerivedTlsPsk> {
  if (flags.subsysnqn === undefined) {
    throw new UsageError("Cannot derive a key: need --subsysnqn, the name of the subsystem");
  }
  const derivation = {
    version: (flags.version === "0" ? 0 : 1) satisfies IdentityVersion as IdentityVersion,
    hostNqn: flags.hostnqn ?? await ownHostNqn(context),
    subsystemNqn: flags.subsysnqn,
    compat: flags.compat,
  };
  using text = await readKeyText(context, flags);
  if (!flags.generated) {
    using key = importTlsKey(text.bytes());
    return deriveTlsPsk(key, { ...derivation, cipher: flags.cipher });
  }
  const generated = readHexSecret(text.bytes());
  const hash = flags.cipher ?? (hashOfBytes(generated.length) === "sha384" ? "sha384" : "sha256");
  return deriveGeneratedTlsPsk(generated, hash, derivation);
}

async function ownHostNqn(context: Context): Promise<string> {
  try {
    using text = new Secret(await context.files.read(HOST_NQN_FILE));
    return text.text().trim();
  } catch (error) {
    throw new UsageError(`Cannot tell the host's name: ${(error as Error).message}`, {
      cause: error,
      next: "--hostnqn names it",
    });
  }
}
