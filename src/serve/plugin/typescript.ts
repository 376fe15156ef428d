// Plug-ins in TypeScript: their types are taken out, nothing is checked. The compiled binary cannot
// read TypeScript by itself; the language's compiler can, and is loaded only for this.

import { UsageError } from "../../errors.ts";

type Compiler = typeof import("./typescript_compiler.ts").default;

// Only a compiled binary has this file beside the module.
const PACKED = new URL("./typescript_compiler.js.gz", import.meta.url);

/**
 * The program as JavaScript.
 *
 * @throws UsageError for a text that is no TypeScript, with the line
 */
export async function toJavaScript(path: string, source: string): Promise<string> {
  const ts = await compiler();
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

async function compiler(): Promise<Compiler> {
  // The compiler would make itself a system of files and variables; it needs none here, and makes
  // none where it takes itself to be in a browser.
  Object.assign(globalThis.process, { browser: true });
  let packed: Uint8Array<ArrayBuffer>;
  try {
    packed = await Deno.readFile(PACKED);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return (await import("./typescript_compiler.ts")).default;
  }
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const module = new Uint8Array(await new Response(unpacked).arrayBuffer());
  return (await import(`data:text/javascript;base64,${module.toBase64()}`)).default;
}
