// Plug-ins in TypeScript: their types are taken out, nothing is checked. The compiled binary cannot
// read TypeScript by itself; the language's compiler can, and is loaded only for this.

import { UsageError } from "../../errors.ts";

/**
 * The program as JavaScript.
 *
 * @throws UsageError for a text that is no TypeScript, with the line
 */
export async function toJavaScript(path: string, source: string): Promise<string> {
  // The compiler would make itself a system of files and variables; it needs none here, and makes
  // none where it takes itself to be in a browser.
  Object.assign(globalThis.process, { browser: true });
  const { default: ts } = await import("typescript");
  const { outputText, diagnostics = [] } = ts.transpileModule(source, {
    fileName: path,
    reportDiagnostics: true,
    compilerOptions: {
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  });
  const [wrong] = diagnostics;
  if (!wrong) return outputText;
  const line = wrong.file && wrong.start !== undefined
    ? `:${wrong.file.getLineAndCharacterOfPosition(wrong.start).line + 1}`
    : "";
  const said = ts.flattenDiagnosticMessageText(wrong.messageText, " ");
  throw new UsageError(`Cannot load ${path}${line}: ${said}`);
}
