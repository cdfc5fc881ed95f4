# The programs that the broker tests, the demo and the benchmark share.
$(B)/tests/topics: tests/kafka/topics.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(shell $(PKG_CONFIG) --libs rdkafka)

-include $(B)/tests/topics.d
