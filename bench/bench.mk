# What Kafka itself costs, to compare with.
$(B)/bench/floor: bench/floor.c | deps-check
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(shell $(PKG_CONFIG) --libs rdkafka)

-include $(B)/bench/floor.d

$(B)/bench/drop: bench/drop.c | deps-check
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(shell $(PKG_CONFIG) --libs rdkafka)

bench: $(B)/bench/floor $(B)/bench/drop
	bench/run.sh

-include $(B)/bench/drop.d

$(B)/bench/cost: bench/cost.c $(B)/libtopicd.a | deps-check
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $(filter %.c %.a,$^) $(LDLIBS)

-include $(B)/bench/cost.d
