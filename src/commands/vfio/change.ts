// What bind and unbind have in common: the dry run, the refusal, and telling what was done.

import type { Context } from "../../cli/command.ts";
import {
  type Block,
  facts,
  items,
  paragraph,
  type Report,
  table,
  toned,
} from "../../cli/report.ts";
import { EXIT } from "../../errors.ts";
import type { Changed, ChangePlan, Step } from "../../host/pci/facts.ts";
import type { JsonObject } from "../../layout/mod.ts";
import { functionJson } from "./json.ts";

/** Shows what a plan would do, or does it and tells what came of it. */
export async function change(
  context: Context,
  plan: ChangePlan,
  report: (changed: Changed) => readonly Block[],
): Promise<Report> {
  if (context.dryRun) return dryRunReport(plan);
  const service = await context.pci();
  const { signal, timeoutMs: limitMs } = context;
  const changed = await service.carryOut(plan, { signal, limitMs });
  return {
    json: {
      function: functionJson(changed.function),
      changed: changed.changed,
      steps: plan.steps.map(stepJson),
      notes: [...plan.notes],
    },
    blocks: [
      ...report(changed),
      ...(plan.notes.length === 0 ? [] : [items(plan.notes)]),
      ...(context.verbose ? [stepTable(plan, "done")] : []),
    ],
  };
}

/** The steps, as the other dry runs show their commands; exit 5 where they would be refused. */
function dryRunReport(plan: ChangePlan): Report {
  const { verb, function: { address }, refused, next, notes } = plan;
  return {
    json: {
      schema: "nvmectl.dry-run/1",
      verb: `vfio ${verb}`,
      target: address,
      refused: [...refused],
      commands: [],
      steps: plan.steps.map(stepJson),
      notes: [...notes],
    },
    exit: refused.length > 0 ? EXIT.unsafe : EXIT.ok,
    blocks: [
      ...(refused.length === 0 ? [] : [
        paragraph(toned("As things are this would be refused, and nothing done:", "bad")),
        items(refused),
        ...(next === undefined ? [] : [facts([["Next", next]])]),
      ]),
      stepTable(plan, "WOULD"),
      ...(notes.length === 0 ? [] : [items(notes)]),
    ],
  };
}

function stepTable({ steps }: ChangePlan, lead: string): Block {
  return table(
    ["", "step", "path", "text", "why"],
    steps.map((step) => [
      lead,
      WORDS[step.kind],
      step.path,
      "text" in step ? textOf(step) : "",
      step.why,
    ]),
    "nothing would be done",
  );
}

const WORDS: Readonly<Record<Step["kind"], string>> = {
  load: "load",
  write: "write",
  keep: "keep",
  forget: "remove",
};

/** What is written; the line end that clears an attribute is no text to show. */
function textOf({ text }: { readonly text: string }): string {
  return text === "\n" ? "(empty)" : text;
}

function stepJson(step: Step): JsonObject {
  return {
    kind: step.kind,
    path: step.path,
    ...("text" in step ? { text: step.text } : {}),
    ...("module" in step ? { module: step.module } : {}),
    why: step.why,
  };
}
