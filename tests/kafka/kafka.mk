# The programs that the broker tests, the demo and the benchmark share.
$(B)/tests/topics: tests/kafka/topics.c | deps-check
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(shell $(PKG_CONFIG) --libs rdkafka)

$(B)/tests/kafka_layer: tests/broker/kafka_layer.c tests/broker/session.c tests/broker/session.h $(B)/libtopicd.a | deps-check
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.c %.a,$^) -lcmocka $(LDLIBS)

CHECK_NEEDS += $(B)/tests/topics $(B)/tests/kafka_layer

-include $(B)/tests/topics.d
