// Log page 04h: the attached namespaces that changed since the page was last read.

import { array, at, counted, hex, struct, u32 } from "../../layout/mod.ts";
import { fixedPage, isSet, type LogPage } from "./log_page.ts";

/** In the first entry: more namespaces changed than the page has room for. */
const TOO_MANY = 0xffffffff;

/** The Changed Attached Namespace List log page: identifiers, ascending, zeros after the last. */
export const ChangedNamespacesLog = struct(
  "Changed Attached Namespace List",
  4096,
  "[BASE-2.1 §5.1.12.1.5]",
  [at(0, 4095, "identifiers", array(hex(u32), 1024), "Namespace identifiers")],
);

/** A decoded Changed Attached Namespace List log page. */
export type ChangedNamespacesLog = ReturnType<typeof ChangedNamespacesLog.decode>;

/** Which namespaces changed; with `tooMany` any of them may have. */
export interface ChangedNamespaces {
  readonly tooMany: boolean;
  readonly nsids: readonly number[];
}

/** The namespaces that the page names. */
export function changedNamespaces(log: ChangedNamespacesLog): ChangedNamespaces {
  const tooMany = log.identifiers[0] === TOO_MANY;
  return { tooMany, nsids: tooMany ? [] : log.identifiers.filter((nsid) => nsid !== 0) };
}

/** Log page 04h. Reading it clears it, unless the event is retained. */
export const ChangedNamespacesPage: LogPage<ChangedNamespacesLog> = fixedPage(
  ChangedNamespacesLog,
  {
    lid: 0x04,
    name: "changed-namespaces",
    aliases: ["changed-ns", "changed-ns-list"],
    since: "1.2",
    scope: "controller",
    // The page is optional of itself; a controller that announces changes must have it.
    supportedBy: ({ oaes }) => isSet(oaes, 8) || undefined,
    json(log) {
      const { tooMany, nsids } = changedNamespaces(log);
      return { too_many: tooMany, namespaces: nsids };
    },
    table(log) {
      const { tooMany, nsids } = changedNamespaces(log);
      return {
        columns: ["Namespace"],
        rows: nsids.map((nsid) => [`${nsid}`]),
        note: tooMany
          ? "more namespaces changed than the log can name; read all of them again"
          : `${counted(nsids.length, "attached namespace")} changed since the log was last read`,
      };
    },
  },
);
