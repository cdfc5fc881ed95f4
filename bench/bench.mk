# What Kafka itself costs, to compare with.
$(B)/bench/floor: bench/floor.c | deps-check
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(shell $(PKG_CONFIG) --libs rdkafka)

-include $(B)/bench/floor.d
