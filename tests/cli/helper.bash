# What the tests of the command line share: no broker, no daemon.
# shellcheck shell=bash disable=SC2154 # set by run

cli_setup() {
  TOPICD=${TOPICD:-$BATS_TEST_DIRNAME/../../build/topicd}
  TOPICD=$(realpath "$TOPICD")
  unset STATE_DIRECTORY RUNTIME_DIRECTORY NO_COLOR
  cd "$BATS_TEST_TMPDIR" || return
  mkdir manifests.d state run
}

# Runs topicd on this test's directories; $output, $stderr, $status.
topicd() { # ARG...
  run --separate-stderr "$TOPICD" "$@" --manifests manifests.d --state state --runtime run
}

expect_status() { # CODE
  [[ $status -eq $1 ]] || {
    echo "exit code $status instead of $1; standard output:"
    echo "$output"
    echo "standard error:"
    echo "$stderr"
    return 1
  }
}

# What a daemon remembers of the manifests, which it could not tell Kafka.
remember() {
  timeout 20 "$TOPICD" run --once --timeout 0.3 --bootstrap 127.0.0.1:1 --manifests manifests.d --state state \
    --runtime run 2>/dev/null || :
  [[ -e state/snapshot ]]
}

expect_output() { # TEXT...: each stands there
  local text
  for text; do
    [[ $output == *"$text"* ]] || {
      printf 'missing: %s\noutput:\n%s\nstandard error:\n%s\n' "$text" "$output" "$stderr"
      return 1
    }
  done
}

# The JSON on standard output passes this filter.
expect_json() { # JQ-FILTER
  jq -e "$1" <<<"$output" >/dev/null || {
    echo "$output"
    return 1
  }
}

pipeline() { # NAME STEP [FLAG]
  cat <<END
apiVersion: mlops.seldon.io/v1alpha1
kind: Pipeline
metadata: {name: $1}
spec: {steps: [{name: $2}], output: {steps: [$2]}, dataflow: {cleanTopicsOnDelete: ${3:-false}}}
END
}

model() { # NAME [FLAG]
  cat <<END
apiVersion: mlops.seldon.io/v1alpha1
kind: Model
metadata: {name: $1}
spec: {storageUri: gs://x, dataflow: {cleanTopicsOnDelete: ${2:-false}}}
END
}
