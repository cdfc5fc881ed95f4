# make bench writes doc/performance.md, and says what became worse than bench/baseline.json; bench/run.sh says how.
# make bench-check is for every change: it counts instructions, and takes no time that a clock could tell.
.PHONY: bench bench-check deps-bench
BENCH := $(B)/bench
BENCH_PROGRAMS := $(patsubst %,$(BENCH)/%,floor drop burst start spawn)

bench: $(BENCH_PROGRAMS) $(BENCH)/cost
	bench/run.sh

deps-bench:
	@$(DEPS) build check bench

bench-check: $(BENCH)/cost | deps-bench
	CC='$(CC)' bench/check.sh

$(BENCH_PROGRAMS): $(BENCH)/%: bench/%.c bench/rig.c | deps-check
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $(filter %.c,$^) $(shell $(PKG_CONFIG) --libs rdkafka)

$(BENCH)/cost: bench/cost.c $(B)/libtopicd.a | deps-check
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $(filter %.c %.a,$^) $(LDLIBS)

-include $(wildcard $(BENCH)/*.d)
