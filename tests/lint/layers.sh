#!/bin/bash
# Keeps the table of folders true (doc/architecture.md): who may include what, and what the pure folders may call.
# usage: layers.sh OBJECT-FOLDER, with the objects of src/ under it. Run in the top folder.
set -euo pipefail
objects=$1
failed=0

# folder: the folders it may include; the libraries' headers it may include
table() {
  cat <<'END'
base:;
yaml: base; yaml.h
config: base yaml;
seldon: base yaml;
reconcile: base seldon/resource.h seldon/manifest.h;
report: base seldon/resource.h seldon/manifest.h reconcile; jansson.h
store: base seldon reconcile;
kafka: base; librdkafka/rdkafka.h
daemon: base yaml config seldon reconcile report store kafka; systemd/*
cmd: base yaml config seldon reconcile report store kafka daemon; jansson.h systemd/*
END
}
libraries='^(yaml\.h|jansson\.h|librdkafka/|systemd/)'

complain() {
  echo "$*" >&2
  failed=1
}

# Says whether NAME is one of the patterns or lies in one of them.
allowed() { # NAME PATTERN...
  local name=$1 pattern
  shift
  for pattern; do
    # shellcheck disable=SC2053 # they are patterns
    if [[ $name == $pattern || $name == "$pattern"/* ]]; then return 0; fi
  done
  return 1
}

includes_of() { # FOLDER: file:line:header
  grep -rHnoP '^\s*#\s*include\s*["<]\K[^">]+' "src/$1"
}

check_includes() { # FOLDER FOLDERS LIBRARIES
  local folder=$1 file line header folders libs
  read -ra folders <<<"$2 $1"
  read -ra libs <<<"$3"
  while IFS=: read -r file line header; do
    if [[ $header =~ $libraries ]]; then
      allowed "$header" "${libs[@]}" || complain "$file:$line: $folder/ may not know <$header>"
    elif [[ -e src/$header ]]; then
      allowed "$header" "${folders[@]}" || complain "$file:$line: $folder/ may not include $header"
    fi
  done < <(includes_of "$folder")
}

while IFS=':;' read -r folder folders libs; do
  if [[ -d src/$folder ]]; then check_includes "$folder" "$folders" "$libs"; fi
done < <(table)
for folder in src/*/; do
  folder=$(basename "$folder")
  grep -q "^$folder:" < <(table) || complain "src/$folder: not in the table of folders"
done

# Memory, strings, formatting into memory, sorting: no system call, no clock, no output, no randomness, no environment.
pure='
  malloc calloc realloc reallocarray free __errno_location __stack_chk_fail __assert_fail abort
  mem(cpy|move|set|cmp|chr|mem|rchr|pcpy) str(len|nlen|cmp|ncmp|casecmp|ncasecmp|chr|rchr|chrnul|str|spn|cspn|pbrk|dup|ndup)
  stp(cpy|ncpy) strcpy strncpy strto(l|ll|ul|ull|d|imax|umax)(_l)? __isoc23_strto(l|ul|ll|ull) strerrorname_np strerrordesc_np
  v?snprintf v?asprintf qsort bsearch is(alnum|alpha|digit|xdigit|space|print) __ctype_b_loc to(lower|upper)
  gmtime_r timegm modf floor ldexp __isnan __isinf'
# shellcheck disable=SC2086 # a list of words
allow="^($(printf '|%s' $pure | cut -c2-))\$"

# Names of `nm`'s output, fortified ones as plain ones, the sanitizers' left out.
plain() {
  sed -E 's/^__(.*)_chk$/\1/; /^_GLOBAL_OFFSET_TABLE_$/d; /^__(a|ub)san_/d' | sort -u
}

check_pure() { # PATTERN-OF-LIBRARY FOLDER...: the first may call the others, all of them without base/file.o
  local library=$1 folder=$2 symbol users own all=()
  shift
  [[ -d src/$folder ]] || return 0
  mapfile -t all < <(cd "$objects" && find "$@" -name '*.o' ! -path base/file.o)
  mapfile -t own < <(printf '%s\n' "${all[@]}" | grep "^$folder/")
  while read -r symbol; do
    if [[ $symbol =~ $allow || ($library && $symbol =~ $library) ]]; then continue; fi
    users=$(cd "$objects" && nm -Au "${own[@]}" | sed -nE "s/:? +U (__)?$symbol(_chk)?\$//p" | tr '\n' ' ')
    complain "$folder/ is pure and may not call $symbol: ${users% }"
  done < <(cd "$objects" && comm -23 <(nm -u "${own[@]}" | awk '$1 == "U" { print $2 }' | plain) \
    <(nm --defined-only "${all[@]}" | awk 'NF == 3 { print $3 }' | plain))
}

check_pure '' base
check_pure '^yaml_' yaml base
check_pure '' seldon yaml base
check_pure '' reconcile seldon base
check_pure '^json_' report reconcile seldon base

exit $failed
