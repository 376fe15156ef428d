// `virtual:` and `virtual:NAME`: a drive inside this process.

import type { Opened } from "../cli/run.ts";
import { directTransport, preset, presetNames, VirtualDrive } from "../drive/mod.ts";
import { UsageError } from "../errors.ts";

/** Opens the virtual drive of that name; the empty one is the default drive. */
export function openVirtual(name: string): Opened {
  const target = `virtual:${name}`;
  const personality = preset(name);
  if (!personality) {
    const known = presetNames().map((known) => `virtual:${known}`).join(" ");
    throw new UsageError(
      name.endsWith(".json")
        ? `Cannot open ${target}: drive files are not supported by this version`
        : `Cannot open ${target}: there is no virtual drive of that name`,
      { next: `there are ${known}` },
    );
  }
  const drive = new VirtualDrive({ personality, now: () => Date.now(), seed: 1 });
  return { transport: directTransport(drive, target) };
}
