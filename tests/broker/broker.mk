# What stands in for systemd in the broker tests.
$(B)/tests/notify: tests/broker/notify.c | deps-check
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $<

CHECK_NEEDS += $(B)/tests/notify
