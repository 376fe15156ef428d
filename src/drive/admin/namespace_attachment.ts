// Namespace Attachment: which controllers see a namespace.

import { ATTACHMENT_SELECT } from "../../spec/admin/namespace_management.ts";
import { ControllerList, listedControllers } from "../../spec/identify/identify_lists.ts";
import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { COMMAND_SPECIFIC } from "../../spec/status/command_specific.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import type { Machine } from "../machine.ts";
import { anaState } from "../model/ana.ts";
import { attachedTo, setAttachment } from "../model/inventory.ts";
import { has } from "../personality.ts";
import { type Done, done, type Handler, receive } from "../pipeline/handler.ts";
import { IN_NSID, inDword, refuse } from "../refusal.ts";
import type { NamespaceState } from "../state.ts";
import { tellTap } from "../tap/tell.ts";

/** Namespace Attachment [BASE-2.1 §5.1.20]. */
export const NamespaceAttachment: Handler = {
  opcode: ADMIN_COMMANDS.namespaceAttachment.opcode,
  nsid: "own",
  effects: { namespaceInventory: true, execution: 1, scope: "subsystem" },
  supported: (personality) => has(personality, "namespace-management"),
  execute(machine, { entry: { cdw10, nsid } }) {
    const select = cdw10 & 0xf;
    if (select !== ATTACHMENT_SELECT.attach && select !== ATTACHMENT_SELECT.detach) {
      refuse(GENERIC.invalidField, { location: inDword(10) });
    }
    const namespace = findNamespace(machine, nsid);
    return receive({ data: ControllerList.size, metadata: 0 }, ({ data }) => {
      const controllers = controllersOf(machine, ControllerList.decode(data));
      return select === ATTACHMENT_SELECT.attach
        ? attach(machine, namespace, controllers)
        : detach(machine, namespace, controllers);
    });
  },
};

function findNamespace({ namespaces, state }: Machine, nsid: number): Readonly<NamespaceState> {
  const kind = namespaces.kindOf(nsid);
  if (kind === "zero" || kind === "invalid") {
    refuse(GENERIC.invalidNamespace, { location: IN_NSID });
  }
  return state.namespaces.find((one) => one.nsid === nsid) ??
    refuse(GENERIC.invalidField, { location: IN_NSID });
}

/** The listed controllers: ascending, each of which exists. */
function controllersOf({ drive }: Machine, list: ControllerList): readonly number[] {
  const ids = listedControllers(list);
  const known = new Set(drive.controllers.map(({ controller }) => controller.id));
  const fine = ids.length > 0 && ids.length === list.numcids &&
    ids.every((id, at) => known.has(id) && (at === 0 || id > (ids[at - 1] ?? 0)));
  return fine ? ids : refuse(COMMAND_SPECIFIC.controllerList);
}

function attach(
  machine: Machine,
  { nsid, shared = false }: Readonly<NamespaceState>,
  controllers: readonly number[],
): Done {
  const { state, personality: { attachments = Infinity } } = machine;
  const already = attachedTo(state, nsid);
  if (controllers.some((id) => already.includes(id))) refuse(COMMAND_SPECIFIC.alreadyAttached);
  if (!shared && already.length + controllers.length > 1) {
    refuse(COMMAND_SPECIFIC.namespacePrivate);
  }
  for (const id of controllers) {
    const attached = state.namespaces.filter((one) => one.controllers.includes(id)).length;
    if (attached >= attachments) refuse(COMMAND_SPECIFIC.attachmentLimit);
    const access = anaState(machine, nsid, id);
    if (access === "inaccessible" || access === "persistent-loss") {
      refuse(COMMAND_SPECIFIC.anaAttach);
    }
  }
  setAttachment(machine, nsid, { attach: controllers });
  tellTap(machine, "nvme:namespace:event", "attached", { nsid, controllers: `${controllers}` });
  return done();
}

function detach(
  machine: Machine,
  { nsid }: Readonly<NamespaceState>,
  controllers: readonly number[],
): Done {
  const attached = attachedTo(machine.state, nsid);
  if (!controllers.every((id) => attached.includes(id))) refuse(COMMAND_SPECIFIC.notAttached);
  setAttachment(machine, nsid, { detach: controllers });
  tellTap(machine, "nvme:namespace:event", "detached", { nsid, controllers: `${controllers}` });
  return done();
}
