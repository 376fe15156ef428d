// The completion script of bash 4 and later; needs nothing but bash itself.

import { type Offers, quoted, topLevel, type VerbWords } from "./words.ts";

/** The script. */
export function bashScript(verbs: readonly VerbWords[]): string {
  return [
    "# bash completion of nvmectl, written by: nvmectl completions bash",
    "",
    "# VERB: its options",
    caseFunction("_nvmectl_options", '"$1"', verbs.map(optionsOf)),
    "# VERB OPTION: what its value can be; fails for an option without one",
    caseFunction("_nvmectl_value", '"$1 $2"', verbs.flatMap(valuesOf), "return 1"),
    "# VERB N: what its Nth word can be",
    caseFunction("_nvmectl_place", '"$1 $2"', verbs.flatMap(placesOf)),
    "# VERB WORD: whether both together are a verb, or a group",
    caseFunction("_nvmectl_longer", '"$1 $2"', longerNames(verbs), "return 1"),
    MACHINERY.replace("@VERBS@", quoted(topLevel(verbs).map(({ name }) => name).join(" "))),
  ].join("\n");
}

function caseFunction(
  name: string,
  subject: string,
  cases: readonly (readonly [pattern: string, printed: string])[],
  otherwise = "",
): string {
  return [
    `${name}() {`,
    `  case ${subject} in`,
    ...cases.map(([pattern, printed]) =>
      `    ${pattern}) ${printed === "" ? "" : `echo ${quoted(printed)} `};;`
    ),
    ...(otherwise === "" ? [] : [`    *) ${otherwise} ;;`]),
    "  esac",
    "}",
    "",
  ].join("\n");
}

function longerNames(verbs: readonly VerbWords[]): readonly (readonly [string, string])[] {
  const names = verbs.filter(({ name }) => name.includes(" ")).map(({ name }) => quoted(name));
  return names.length === 0 ? [] : [[names.join("|"), ""]];
}

function optionsOf({ name, options }: VerbWords): readonly [string, string] {
  const words = options.flatMap(({ long, short, value }) => [
    ...(short ? [short] : []),
    long,
    ...(value?.attached ? [`${long}=`] : []),
  ]);
  return [quoted(name), words.join(" ")];
}

function valuesOf({ name, options }: VerbWords): readonly (readonly [string, string])[] {
  return options.flatMap(({ long, short, value }) => {
    if (!value) return [];
    const patterns = [long, ...(short ? [short] : [])].map((word) => quoted(`${name} ${word}`));
    const offered = offerText(value.offers);
    return [[patterns.join("|"), value.attached ? `=${offered}` : offered] as const];
  });
}

function placesOf({ name, places }: VerbWords): readonly (readonly [string, string])[] {
  return places.flatMap(({ offers }, at) =>
    offers.kind === "nothing" ? [] : [[quoted(`${name} ${at + 1}`), offerText(offers)] as const]
  );
}

function offerText(offers: Offers): string {
  switch (offers.kind) {
    case "words":
      return offers.words.join(" ");
    case "verbs":
      return offers.verbs.map(({ name }) => name).join(" ");
    case "nothing":
      return "";
    default:
      return `@${offers.kind}`;
  }
}

const MACHINERY = `# WHAT CURRENT: offers it
_nvmectl_offer() {
  local devices=''
  case "$1" in
    @file)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
    @target)
      case "$2" in
        '' | /dev/n*)
          devices="$(compgen -G '/dev/nvme[0-9]*') $(compgen -G '/dev/ng[0-9]*')" ;;
        /* | ./*)
          _nvmectl_offer @file "$2"
          return ;;
      esac
      mapfile -t COMPREPLY < <(compgen -W "$devices virtual: serial:" -- "$2")
      case "\${COMPREPLY[*]}" in
        *:) compopt -o nospace 2>/dev/null ;;
      esac ;;
    *)
      mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
      case "\${COMPREPLY[*]}" in
        *=) compopt -o nospace 2>/dev/null ;;
      esac ;;
  esac
}

_nvmectl() {
  local current=\${COMP_WORDS[COMP_CWORD]} word last='' verb='' option='' glued='' value
  local -i at place=1
  COMPREPLY=()
  # Readline breaks words at = and :, so --output=json is three words, and virtual:old is too.
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    if [[ $word == : ]]; then
      glued=1
    elif [[ -n $glued ]]; then
      glued=''
    elif [[ $word == = ]]; then
      option=$last
    elif [[ -n $option ]]; then
      option=''
    elif [[ $word == -* ]]; then
      last=$word
      if value=$(_nvmectl_value "$verb" "$word") && [[ $value != =* ]]; then option=$word; fi
    elif [[ -z $verb ]]; then
      verb=$word
    elif ((place == 1)) && _nvmectl_longer "$verb" "$word"; then
      verb+=" $word"
    else
      place+=1
    fi
  done
  if [[ $current == : || -n $glued ]]; then return; fi
  if [[ $current == = ]]; then
    option=$last
    current=''
  fi
  if [[ -n $option ]]; then
    value=$(_nvmectl_value "$verb" "$option") && _nvmectl_offer "\${value#=}" "$current"
  elif [[ -z $verb ]]; then
    _nvmectl_offer @VERBS@ "$current"
  elif [[ $current == -* ]]; then
    _nvmectl_offer "$(_nvmectl_options "$verb")" "$current"
  else
    _nvmectl_offer "$(_nvmectl_place "$verb" "$place")" "$current"
  fi
}

complete -F _nvmectl nvmectl
`;
