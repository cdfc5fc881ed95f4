# make fuzz [SECONDS=60]: libFuzzer on all readers of files that others write, one after the other, from the examples
# that the tests have. What it finds stays in build/fuzz/NAME.found; what has been found is in tests/fuzz/found/NAME-*,
# and make check tries it, beside the YAML test suite if it is at hand (make yaml-test-suite).
SECONDS = 60
FUZZERS := manifest config snapshot
FUZZ_LIBRARIES = $(shell $(PKG_CONFIG) --libs yaml-0.1)
FUZZ_SOURCES := $(sort $(wildcard src/base/*.c src/yaml/*.c src/config/*.c src/seldon/*.c src/reconcile/*.c src/store/*.c))

.PHONY: fuzz $(FUZZERS:%=fuzz-%)
fuzz: $(FUZZERS:%=fuzz-%)
soak: $(FUZZERS:%=$(B)/fuzz/%)

$(FUZZERS:%=fuzz-%): fuzz-%: $(B)/fuzz/%
	tests/fuzz/run.sh $< $(SECONDS)

$(FUZZERS:%=$(B)/fuzz/%): $(B)/fuzz/%: tests/fuzz/%.c tests/fuzz/fuzz.h $(FUZZ_SOURCES) $(wildcard src/*/*.h) | deps-check
	@mkdir -p $(@D)
	clang $(CPPFLAGS) -Itests -O1 -g -std=gnu17 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -o $@ \
		$< $(FUZZ_SOURCES) $(FUZZ_LIBRARIES)
