// Who may import whom, and whom nobody imports.

import { forEach, type Rule } from "./rule.ts";

/**
 * What each layer may import; the longest matching prefix decides. `open.ts`, `main.ts`, scripts
 * and tests know everything.
 */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "ffi": ["ffi", "src/layout"],
  "src/errors.ts": [],
  "src/layout": ["src/layout"],
  "src/spec": ["src/spec", "src/layout"],
  "src/tcp": ["src/tcp", "src/layout", "src/spec"],
  "src/host": ["src/host", "src/layout", "src/errors.ts", "ffi"],
  "src/transport/transport.ts": [],
  "src/transport/polled/backing.ts": [],
  "src/transport": ["src/transport", "src/spec", "src/layout", "src/errors.ts", "ffi"],
  "src/trace": ["src/trace", "src/tcp", "src/spec", "src/layout", "src/transport/transport.ts"],
  "src/drive": [
    "src/drive",
    "src/spec",
    "src/layout",
    "src/errors.ts",
    "src/transport/polled/backing.ts",
    "src/transport/transport.ts",
  ],
  "src/drive/scenario": [
    "src/drive",
    "src/tcp/pdu.ts",
    "src/spec",
    "src/layout",
    "src/errors.ts",
  ],
  "src/drive/face/tcp": [
    "src/drive",
    "src/tcp",
    "src/spec",
    "src/layout",
    "src/errors.ts",
    "src/transport/transport.ts",
  ],
  // The one thing in the drive that knows what a trace is.
  "src/drive/trace": [
    "src/drive",
    "src/trace",
    "src/spec",
    "src/transport/transport.ts",
  ],
  "src/drive/trace.ts": ["src/drive", "src/trace"],
  "src/keys": ["src/keys", "src/errors.ts"],
  "src/controller": [
    "src/controller",
    "src/spec",
    "src/layout",
    "src/errors.ts",
    "src/host/topology.ts",
    "src/transport/transport.ts",
  ],
  "src/cli": [
    "src/cli",
    "src/commands/registry.ts",
    "src/keys/keyring_system.ts",
    "src/keys/redact.ts",
    "src/controller",
    "src/drive/personality.ts",
    "src/spec",
    "src/layout",
    "src/errors.ts",
    "src/host/pci/facts.ts",
    "src/host/topology.ts",
    "src/transport/transport.ts",
    "src/transport/dry_run.ts",
  ],
  "src/commands": [
    "src/commands",
    "src/cli",
    "src/controller",
    "src/keys",
    "src/spec",
    "src/layout",
    "src/errors.ts",
    "src/host/pci/facts.ts",
    "src/host/pci/words.ts",
    "src/host/topology.ts",
    "src/transport/transport.ts",
    "src/version.ts",
  ],
  // Verbs about virtual drives say what those can do: taps, scenarios, presets.
  "src/commands/drive": [
    "src/commands",
    "src/cli",
    "src/controller",
    "src/drive",
    "src/spec",
    "src/trace/wireshark.ts",
    "src/layout",
    "src/errors.ts",
  ],
  "src/serve": [
    "src/serve",
    "src/open",
    "src/drive",
    "src/trace",
    "src/tcp",
    "src/spec",
    "src/layout",
    "src/errors.ts",
    "src/cli/drive_service.ts",
    "src/cli/streams.ts",
    "ffi",
  ],
};

/** Modules that threads are made of: they are named, not imported. */
const THREADS = ["ffi/slow_ioctl_worker.ts", "src/serve/plugin/plugin_thread.ts"];

/** Every import of a source, resolved to a path from the root; packages are left out. */
export function importsOf(path: string, text: string): readonly string[] {
  const found = text.matchAll(/(?:from\s+|import\s*\(\s*|^import\s+)"(\.[^"]+)"/gm);
  return [...found].map(([, relative = ""]) =>
    new URL(relative, `file:///${path}`).pathname.slice(1)
  );
}

/** Layers import only what stands below them. */
export const layers: Rule = (sources) =>
  forEach(sources, /^(src|ffi)\//, (path, text) => {
    const layer = longestPrefix(path, Object.keys(MAY_IMPORT));
    if (layer === undefined) return [];
    const allowed = [...MAY_IMPORT[layer] ?? [], layer];
    return importsOf(path, text)
      .filter((target) => !allowed.some((prefix) => isUnder(target, prefix)))
      .map((target) => `${path}:1: ${layer} must not import ${target}`);
  });

/** Every source is reachable from the program, the library face or a Worker. */
export const orphans: Rule = (sources) => {
  const reached = new Set<string>();
  const queue = ["main.ts", "src/mod.ts", ...THREADS].filter((path) => sources.has(path));
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    const text = sources.get(path);
    if (text !== undefined) queue.push(...importsOf(path, text));
  }
  return forEach(
    sources,
    /^(src|ffi)\/.*(?<!\.d)\.ts$/,
    (path) => reached.has(path) ? [] : [`${path}:1: nothing imports it`],
  );
};

function longestPrefix(path: string, prefixes: readonly string[]): string | undefined {
  return prefixes.filter((prefix) => isUnder(path, prefix))
    .sort((one, other) => other.length - one.length)[0];
}

function isUnder(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}
