// The completion script of zsh: as a file _nvmectl in $fpath, or sourced.

import {
  childrenOf,
  type Described,
  type Offers,
  type OptionWords,
  quoted,
  topLevel,
  type VerbWords,
} from "./words.ts";

/** The script. */
export function zshScript(verbs: readonly VerbWords[]): string {
  return [
    "#compdef nvmectl",
    "# zsh completion of nvmectl, written by: nvmectl completions zsh",
    "",
    TARGETS,
    "_nvmectl() {",
    "  local -a verbs",
    "  verbs=(",
    ...topLevel(verbs).map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`),
    "  )",
    "  if (( CURRENT == 2 )); then",
    "    _describe -t verbs verb verbs",
    "    return",
    "  fi",
    "  shift words",
    "  (( CURRENT-- ))",
    "  case $words[1] in",
    ...topLevel(verbs).flatMap((verb) => verbCase(verb, verbs)),
    "  esac",
    "}",
    "",
    "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then",
    '  _nvmectl "$@"',
    "else",
    "  compdef _nvmectl nvmectl",
    "fi",
    "",
  ].join("\n");
}

const TARGETS = `_nvmectl_target() {
  local -a devices
  devices=(/dev/nvme[0-9]*(N) /dev/ng[0-9]*(N))
  compadd -a devices
  compadd -S '' -- virtual: serial:
  if [[ $PREFIX == [/.]* ]]; then _files; fi
}
`;

function verbCase(verb: VerbWords, verbs: readonly VerbWords[]): readonly string[] {
  return [
    `    ${verb.name})`,
    ...indented(longerCases(verb, verbs)),
    ...indented(argumentLines(verb)),
    "      ;;",
  ];
}

/** Goes on with the longer verb where the next word makes one. */
function longerCases({ name }: VerbWords, verbs: readonly VerbWords[]): readonly string[] {
  const longer = childrenOf(name, verbs);
  if (longer.length === 0) return [];
  return [
    "if (( CURRENT > 2 )); then",
    "  case $words[2] in",
    ...longer.flatMap((verb) => [
      `    ${verb.name.slice(name.length + 1)})`,
      "      shift words",
      "      (( CURRENT-- ))",
      ...indented(longerCases(verb, verbs)),
      ...indented(argumentLines(verb)),
      "      return",
      "      ;;",
    ]),
    "  esac",
    "fi",
  ];
}

function argumentLines({ options, places }: VerbWords): readonly string[] {
  const specs = [
    ...options.flatMap(optionSpecs),
    ...places.map((place, at) =>
      quoted(`${at + 1}:${message(place.name)}:${action(place.offers)}`)
    ),
  ];
  return [
    "_arguments -s \\",
    ...specs.map((spec, at) => `  ${spec}${at + 1 < specs.length ? " \\" : ""}`),
  ];
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `      ${line}`);
}

function optionSpecs({ long, short, help, value }: OptionWords): readonly string[] {
  const spellings = [long, ...(short ? [short] : [])];
  const others = spellings.length > 1 ? `(${spellings.join(" ")})` : "";
  return spellings.map((word) => {
    const about = `[${help.replaceAll("[", "(").replaceAll("]", ")")}]`;
    if (value === undefined) return quoted(`${others}${word}${about}`);
    const taken = `:${message(value.name)}:${action(value.offers)}`;
    if (value.attached) return quoted(`${others}${word}=-${about}:${taken}`);
    const joint = word.startsWith("--") ? "=" : "+";
    return quoted(`${others}${word}${joint}${about}${taken}`);
  });
}

function message(text: string): string {
  return text.replaceAll(":", "\\:");
}

function action(offers: Offers): string {
  switch (offers.kind) {
    case "words":
      return `(${offers.words.join(" ")})`;
    case "verbs":
      return `((${offers.verbs.map(described).join(" ")}))`;
    case "file":
      return "_files";
    case "target":
      return "_nvmectl_target";
    case "nothing":
      return " ";
  }
}

/** A word and its meaning, as _arguments reads them between double parentheses. */
function described({ name, summary }: Described): string {
  return `${name}\\:"${summary.replace(/["\\$`]/g, "\\$&").replaceAll(":", "\\:")}"`;
}
