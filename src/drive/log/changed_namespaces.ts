// Log page 04h: the namespaces that changed since it was last read.

import { ChangedNamespacesLog } from "../../spec/log/changed_namespaces.ts";
import type { DriveLogPage } from "./page.ts";

/** The identifiers that fit the page; more are reported as FFFFFFFFh alone. */
const MOST_CHANGED = 1024;

/** Changed Attached Namespace List. */
export const ChangedNamespacesPage: DriveLogPage = {
  lid: 0x04,
  read({ controller: { changedNamespaces } }) {
    const identifiers = changedNamespaces.length > MOST_CHANGED
      ? [0xffffffff]
      : changedNamespaces.toSorted((one, other) => one - other);
    return ChangedNamespacesLog.encode({ identifiers });
  },
};
