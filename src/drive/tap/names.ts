// Every tap of the virtual drive by name: where plug-ins can attach, and what they see there.

/**
 * What a callback at a tap is given, and with it which verdicts it may give:
 * `command` - a command on its way; any verdict, at once or as a promise;
 * `register` - a register access; at once;
 * `media` - blocks on their way to or from the media; at once;
 * `pdu` - an NVMe/TCP protocol data unit; at once;
 * `event` - something that happened; nothing to decide.
 */
export type TapKind = "command" | "register" | "media" | "pdu" | "event";

/** The faces on which a tap can fire. */
export type TapFace = "direct" | "register" | "tcp";

/** One place to attach. */
export interface TapInfo<N extends string = string> {
  /** Module:Component:Stage. */
  readonly name: N;
  readonly kind: TapKind;
  /** When it fires, in one sentence without a full stop. */
  readonly when: string;
  readonly faces: readonly TapFace[];
}

const ALL: readonly TapFace[] = ["direct", "register", "tcp"];
const REGISTER: readonly TapFace[] = ["register"];
const TCP: readonly TapFace[] = ["tcp"];
const CONTROLLED: readonly TapFace[] = ["register", "tcp"];

function tap<const N extends string>(
  name: N,
  kind: TapKind,
  faces: readonly TapFace[],
  when: string,
): TapInfo<N> {
  return { name, kind, faces, when };
}

/** All taps. The first eleven are frozen: they are those of the talk that began this. */
export const TAPS = [
  tap("pci:regread:writeback", "register", REGISTER, "a configuration register has been read"),
  tap("pci:regwrite:decode", "register", REGISTER, "a configuration register is to be written"),
  tap("pci:msix:writeback", "register", REGISTER, "an MSI-X message is about to be sent"),
  tap("nvme:regread:writeback", "register", CONTROLLED, "a controller register has been read"),
  tap("nvme:regwrite:decode", "register", CONTROLLED, "a controller register is to be written"),
  tap("nvme:msixread:writeback", "register", REGISTER, "the MSI-X table or PBA has been read"),
  tap("nvme:msixwrite:decode", "register", REGISTER, "the MSI-X table is to be written"),
  tap("nvme:admin:decode", "command", ALL, "an admin command is known, and not executed yet"),
  tap("nvme:admin:writeback", "command", ALL, "an admin command is about to complete"),
  tap("nvme:io:decode", "command", ALL, "an I/O command is known, and not executed yet"),
  tap("nvme:io:writeback", "command", ALL, "an I/O command is about to complete"),
  tap("nvme:admin:fetch", "command", ALL, "an admin command has arrived"),
  tap("nvme:admin:execute", "command", ALL, "an admin command has been executed"),
  tap("nvme:admin:data", "command", ALL, "an admin command's data is about to be used or sent"),
  tap("nvme:io:fetch", "command", ALL, "an I/O command has arrived"),
  tap("nvme:io:execute", "command", ALL, "an I/O command has been executed"),
  tap("nvme:io:data", "command", ALL, "an I/O command's data is about to be used or sent"),
  tap("nvme:cc:decode", "register", CONTROLLED, "Controller Configuration is to be written"),
  tap("nvme:cc:writeback", "register", CONTROLLED, "Controller Configuration has been written"),
  tap("nvme:doorbell:decode", "register", REGISTER, "a doorbell is to be written"),
  tap("nvme:aer:writeback", "event", ALL, "an asynchronous event is announced"),
  tap("nvme:media:read", "media", ALL, "blocks have been read from the media"),
  tap("nvme:media:write", "media", ALL, "blocks are to be written to the media"),
  tap("nvme:media:flush", "media", ALL, "the write cache is to be written to the media"),
  tap("nvme:media:deallocate", "media", ALL, "blocks are to be deallocated"),
  tap("nvme:selftest:event", "event", ALL, "a self-test started, ended or was aborted"),
  tap("nvme:sanitize:event", "event", ALL, "a sanitize operation started or ended"),
  tap("nvme:format:event", "event", ALL, "a namespace has been formatted"),
  tap("nvme:namespace:event", "event", ALL, "a namespace was created, deleted, or attached"),
  tap("nvme:firmware:event", "event", ALL, "firmware was stored or activated"),
  tap("nvme:ana:event", "event", ALL, "an ANA group changed its state"),
  tap("nvme:reset:event", "event", ALL, "the controller was reset"),
  tap("nvme:power:event", "event", ALL, "power was lost or came back"),
  tap("fabrics:connect:decode", "command", TCP, "a Connect command is known"),
  tap("fabrics:connect:writeback", "command", TCP, "a Connect command is about to complete"),
  tap("fabrics:property:decode", "command", TCP, "a Property Get or Set is known"),
  tap("fabrics:property:writeback", "command", TCP, "a Property Get or Set is about to complete"),
  tap("tcp:accept:event", "event", TCP, "a connection has been accepted"),
  tap("tcp:icreq:decode", "pdu", TCP, "an ICReq has arrived"),
  tap("tcp:icresp:writeback", "pdu", TCP, "an ICResp is about to be sent"),
  tap("tcp:cmd:decode", "pdu", TCP, "a command capsule has arrived"),
  tap("tcp:rsp:writeback", "pdu", TCP, "a response capsule is about to be sent"),
  tap("tcp:h2c:decode", "pdu", TCP, "data from the host has arrived"),
  tap("tcp:c2h:writeback", "pdu", TCP, "data for the host is about to be sent"),
  tap("tcp:r2t:writeback", "pdu", TCP, "data is about to be asked for"),
  tap("tcp:term:writeback", "event", TCP, "the connection is about to be terminated"),
] as const;

/** The name of a tap. */
export type TapName = (typeof TAPS)[number]["name"];

const BY_NAME: ReadonlyMap<string, TapInfo<TapName>> = new Map(
  TAPS.map((info) => [info.name, info]),
);

/** The tap of a name, if there is one. */
export function findTap(name: string): TapInfo<TapName> | undefined {
  return BY_NAME.get(name);
}

/** The taps that a name means: itself, or with `*` in one or more of its three parts, many. */
export function matchTaps(pattern: string): readonly TapInfo<TapName>[] {
  const exact = findTap(pattern);
  if (exact) return [exact];
  const wanted = pattern.split(":");
  if (wanted.length !== 3 || !wanted.includes("*")) return [];
  return TAPS.filter(({ name }) =>
    name.split(":").every((part, at) => wanted[at] === "*" || wanted[at] === part)
  );
}
