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

# The JSON on standard output passes this filter.
expect_json() { # JQ-FILTER
  jq -e "$1" <<<"$output" >/dev/null || {
    echo "$output"
    return 1
  }
}

model() { # NAME [FLAG]
  cat <<END
apiVersion: mlops.seldon.io/v1alpha1
kind: Model
metadata: {name: $1}
spec: {storageUri: gs://x, dataflow: {cleanTopicsOnDelete: ${2:-false}}}
END
}
