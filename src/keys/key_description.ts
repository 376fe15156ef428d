// What the kernel writes about a key, in its two forms.

/** What the kernel says of a key. */
export interface KeyDescription {
  readonly serial: number;
  readonly type: string;
  readonly description: string;
  readonly uid: number;
  readonly gid: number;
  /** 8 bits each for the possessor, the owner, the group and others, from the top. */
  readonly permissions: number;
}

/**
 * Reads `type;uid;gid;permissions;description`, where the description may hold anything. Undefined
 * for text of another form.
 */
export function readDescription(serial: number, text: string): KeyDescription | undefined {
  const [, type, uid, gid, permissions, description] =
    /^([^;]*);(-?\d+);(-?\d+);([0-9a-f]+);(.*)$/s.exec(text) ?? [];
  if (type === undefined || description === undefined) return undefined;
  return {
    serial,
    type,
    description,
    uid: Number(uid),
    gid: Number(gid),
    permissions: parseInt(permissions ?? "", 16),
  };
}

// serial flags usage timeout permissions uid gid type description: summary
const LISTED = /^([0-9a-f]{8}) \S+ +\d+ +\S+ ([0-9a-f]{8}) +(-?\d+) +(-?\d+) (\S+) +(.*)$/;

/** A line of /proc/keys. */
export interface ListedKey {
  readonly serial: number;
  readonly flags: string;
  /** Cut after nine characters, as the kernel does. */
  readonly type: string;
  /** The description, and what the key's type adds behind a colon. */
  readonly text: string;
}

/** The lines of /proc/keys that can be read; others are left out. */
export function readListing(text: string): readonly ListedKey[] {
  return text.split("\n").flatMap((line) => {
    const [, serial, , , , type, rest] = LISTED.exec(line) ?? [];
    if (serial === undefined || type === undefined || rest === undefined) return [];
    return [{ serial: parseInt(serial, 16), flags: line.split(" ")[1] ?? "", type, text: rest }];
  });
}

/** Whether a line of /proc/keys is the keyring of that name: `.nvme: 2` or `.nvme: empty`. */
export function isKeyring({ type, text }: ListedKey, name: string): boolean {
  return type === "keyring" && text.startsWith(name) &&
    /^(: (empty|\d+)( .*)?)?$/.test(text.slice(name.length));
}

const RIGHTS = ["view", "read", "write", "search", "link", "setattr"] as const;
const WHOM = ["possessor", "owner", "group", "other"] as const;

/** Who may do what with a key: `possessor: view read, owner: view`. */
export function permissionsText(permissions: number): string {
  const parts = WHOM.flatMap((whom, at) => {
    const bits = (permissions >>> (24 - at * 8)) & 0x3f;
    const rights = RIGHTS.filter((_, bit) => bits & (1 << bit));
    return rights.length === 0 ? [] : [`${whom}: ${rights.join(" ")}`];
  });
  return parts.join(", ") || "nobody may do anything";
}

/** A serial number as `keyctl show` and /proc/keys write it, both. */
export function serialText(serial: number): string {
  return `${serial} (0x${(serial >>> 0).toString(16).padStart(8, "0")})`;
}
