// Device nodes of vfio: whether they are there, and whether this process may use them.

import type { HostView } from "../host_view.ts";
import { nodeAccess } from "../permissions.ts";
import type { NodeFacts } from "./facts.ts";

/** What there is at a path in /dev. */
export function nodeFacts(view: HostView, path: string): NodeFacts {
  const access = nodeAccess(view, path);
  if (access === undefined) {
    return {
      path,
      exists: false,
      permissions: undefined,
      userId: undefined,
      group: undefined,
      mayUse: undefined,
    };
  }
  const { permissions, userId, groupId, groupName, mayRead, mayWrite } = access;
  return {
    path,
    exists: true,
    permissions,
    userId,
    group: groupName ?? String(groupId),
    mayUse: mayRead === undefined || mayWrite === undefined ? undefined : mayRead && mayWrite,
  };
}
