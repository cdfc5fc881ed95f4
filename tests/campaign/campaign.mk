# The campaign of kills and faults. make check runs a part of it (campaign.bats); make soak runs it all, in half an hour,
# and writes doc/reliability.md. make campaign SEED=N [CALL=N [FAULT=ERROR [LASTING=1]]] replays one history.
$(B)/tests/campaign: $(addprefix tests/campaign/,main.c history.c random.c faults.c model.c judge.c files.c process.c broker.c life.c) \
		$(wildcard tests/campaign/*.h) | deps-check
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.c,$^) $(shell $(PKG_CONFIG) --libs rdkafka jansson)

$(B)/tests/trace.so: tests/campaign/trace.c | deps-check
	@mkdir -p $(@D)
	$(CC) -D_GNU_SOURCE -std=gnu17 -O1 -g -Wall -Wextra $(if $(WERROR),-Werror) -U_FORTIFY_SOURCE -fPIC -shared -o $@ $< -ldl

$(B)/tests/power-cut: tests/campaign/power-cut.c $(B)/libtopicd.a | deps-check
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

CAMPAIGN_NEEDS := $(B)/topicd $(B)/tests/campaign $(B)/tests/trace.so $(B)/tests/failcall.so $(B)/tests/power-cut
CHECK_NEEDS += $(CAMPAIGN_NEEDS)

.PHONY: campaign soak
campaign: $(CAMPAIGN_NEEDS)
	tests/campaign/run.sh $(if $(SEED),--seed $(SEED) --histories 1 --show) $(if $(CALL),--call $(CALL)) \
		$(if $(FAULT),--fault $(FAULT)) $(if $(LASTING),--lasting)

soak: $(CAMPAIGN_NEEDS)
	@$(DEPS) soak
	nice tests/campaign/soak.sh
