// The list for a machine: controllers, namespaces and subsystems, as the kernel and the drives say.

import { type Asked, type Inventory, namespaceAnswer } from "../controller/inventory.ts";
import type { NvmectlError } from "../errors.ts";
import type { Controller, Namespace } from "../host/topology.ts";
import { exactDigits, type Json, type JsonObject } from "../layout/mod.ts";

/**
 * All three arrays are always there, empty where there is nothing. What is not known is null; why a
 * controller could not tell it is its `error`.
 */
export function inventoryJson(inventory: Inventory): JsonObject {
  const { topology: { controllers, namespaces, subsystems }, asked } = inventory;
  return {
    controllers: controllers.map((one) => controllerJson(one, asked.get(one.name))),
    namespaces: namespaces.map((one) => namespaceJson(inventory, one)),
    subsystems: subsystems.map(({ name, nqn, ioPolicy, controllers }) => ({
      name,
      nqn: nqn ?? null,
      io_policy: ioPolicy ?? null,
      controllers,
    })),
  };
}

function controllerJson(one: Controller, asked: Asked | undefined): JsonObject {
  return {
    name: one.name,
    device: `/dev/${one.name}`,
    serial: one.serial ?? null,
    model: one.model ?? null,
    firmware: one.firmware ?? null,
    transport: one.transport ?? null,
    address: one.address ?? null,
    state: one.state ?? null,
    type: one.type ?? null,
    cntlid: one.cntlid ?? null,
    subsystem: one.subsystem ?? null,
    nqn: one.nqn ?? null,
    numa_node: one.numaNode ?? null,
    queue_count: one.queueCount ?? null,
    namespaces: one.namespaces,
    ...answerJson(asked),
  };
}

function answerJson(asked: Asked | undefined): JsonObject {
  if (asked === undefined) return { health: null, error: null };
  switch (asked.kind) {
    case "not-live":
      return { health: null, error: { kind: "not-live", message: `the state is ${asked.state}` } };
    case "failed":
      return { health: null, error: errorJson(asked.error) };
    case "answered": {
      const { health, active } = asked.survey;
      const more = active === undefined ? {} : { active_namespaces: active };
      if (health === undefined) return { health: null, error: null, ...more };
      if (health.kind === "error") return { health: null, error: errorJson(health.error), ...more };
      const { verdict, reasons } = health.value;
      return {
        health: { verdict, reasons: reasons.map(({ severity, text }) => ({ severity, text })) },
        error: null,
        ...more,
      };
    }
  }
}

function errorJson({ kind, message, next }: NvmectlError): JsonObject {
  return { kind, message, ...(next === undefined ? {} : { next }) };
}

function namespaceJson(inventory: Inventory, one: Namespace): JsonObject {
  const answer = namespaceAnswer(inventory, one);
  const use = answer?.kind === "value" ? answer.value : undefined;
  const told = use !== undefined && use.blockBytes > 0 ? use : undefined;
  const reached = one.paths.map(({ controller }) => controller);
  const drive = inventory.topology.controllers.find(({ name }) => reached.includes(name));
  return {
    name: one.name,
    device: one.hidden ? null : `/dev/${one.name}`,
    generic: one.generic === undefined ? null : `/dev/${one.generic}`,
    nsid: one.nsid ?? null,
    serial: drive?.serial ?? null,
    model: drive?.model ?? null,
    firmware: drive?.firmware ?? null,
    ...count("size_bytes", told?.sizeBytes ?? one.capacityBytes),
    ...count("used_bytes", told?.usedBytes),
    block_bytes: told?.blockBytes ?? one.blockBytes ?? null,
    metadata_bytes: told?.metadataBytes ?? one.metadataBytes ?? null,
    ...count("nsze", use?.identify.nsze),
    ...count("ncap", use?.identify.ncap),
    ...count("nuse", use?.identify.nuse),
    read_only: one.readOnly ?? null,
    hidden: one.hidden,
    wwid: one.wwid ?? null,
    uuid: one.uuid ?? null,
    nguid: one.nguid ?? null,
    eui64: one.eui ?? null,
    subsystem: one.subsystem ?? null,
    paths: one.paths.map(({ controller, name, anaState, state }): Json => ({
      controller,
      name: name ?? null,
      ana_state: anaState ?? null,
      state: state ?? null,
    })),
    error: answer?.kind === "error" ? errorJson(answer.error) : null,
  };
}

function count(key: string, value: bigint | undefined): JsonObject {
  return value === undefined
    ? { [key]: null }
    : { [key]: Number(value), ...exactDigits(key, value) };
}
