# make fuzz [SECONDS=60]: libFuzzer on all readers of files that others write, one after the other, from the examples
# that the tests have. What it finds stays in build/fuzz/NAME.found, and becomes a golden or a unit test.
SECONDS = 60
FUZZERS := manifest config snapshot
FUZZ_LIBRARIES = $(shell $(PKG_CONFIG) --libs yaml-0.1)
FUZZ_SOURCES := $(sort $(wildcard src/base/*.c src/yaml/*.c src/config/*.c src/seldon/*.c src/reconcile/*.c src/store/*.c))

.PHONY: deps-fuzz fuzz $(FUZZERS:%=fuzz-%)
fuzz: $(FUZZERS:%=fuzz-%)
deps-fuzz:
	@$(DEPS) build fuzz
soak: $(FUZZERS:%=$(B)/fuzz/%)

$(FUZZERS:%=fuzz-%): fuzz-%: $(B)/fuzz/%
	tests/fuzz/run.sh $< $(SECONDS)

$(FUZZERS:%=$(B)/fuzz/%): $(B)/fuzz/%: tests/fuzz/%.c tests/fuzz/fuzz.h $(FUZZ_SOURCES) $(wildcard src/*/*.h) | deps-fuzz
	@mkdir -p $(@D)
	clang $(CPPFLAGS) -Itests -O1 -g -std=gnu17 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -o $@ \
		$< $(FUZZ_SOURCES) $(FUZZ_LIBRARIES)
