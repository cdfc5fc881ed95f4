# The campaign of kills and faults. make check runs a part of it (tests/campaign/*.bats); make soak runs it all, an hour
# or so. make campaign SEED=N [CALL=N] replays one history, and says what happens.
$(B)/tests/campaign: $(addprefix tests/campaign/,main.c history.c random.c faults.c model.c judge.c files.c process.c broker.c) \
		$(wildcard tests/campaign/*.h) | deps-check
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.c,$^) $(shell $(PKG_CONFIG) --libs rdkafka jansson)

$(B)/tests/trace.so: tests/campaign/trace.c | deps-check
	@mkdir -p $(@D)
	$(CC) -D_GNU_SOURCE -std=gnu17 -O1 -g -Wall -Wextra $(if $(WERROR),-Werror) -U_FORTIFY_SOURCE -fPIC -shared -o $@ $< -ldl

CAMPAIGN_NEEDS := $(B)/topicd $(B)/tests/campaign $(B)/tests/trace.so $(B)/tests/failcall.so $(B)/tests/topics
CHECK_NEEDS += $(CAMPAIGN_NEEDS)

.PHONY: campaign soak
campaign: $(CAMPAIGN_NEEDS)
	tests/campaign/run.sh $(if $(SEED),--seed $(SEED) --histories 1 --show) $(if $(CALL),--call $(CALL))
