# make check-system: the packages on a real systemd, that of Debian 12 and of Debian 13. Needs root.
SUITES ?= bookworm trixie
SYSTEM_TESTS := $(foreach suite,$(SUITES), \
	$(patsubst tests/system/%.bats,$(B)/system/$(suite)-%.t,$(sort $(wildcard tests/system/*.bats))))

.PHONY: check-system deps-system
deps-system:
	@$(DEPS) build check deb rpm system

$(SYSTEM_TESTS): $(B)/system/%.t: tests/system/system.mk
	@mkdir -p $(@D)
	@printf '#!/bin/sh\nSUITE=%s exec bats --tap tests/system/%s.bats\n' $(subst -, ,$*) >$@
	@chmod +x $@

check-system: deps-system deb rpm $(B)/tests/topics $(SYSTEM_TESTS)
	tests/system/boot-systemd.sh can
	$(PROVE) -j4 $(SYSTEM_TESTS) # they wait more than they work

# Under make check where it can run; what is installed there is not the sanitized program.
ifneq (,$(filter check,$(MAKECMDGOALS)))
ifndef SAN
CANNOT := $(shell tests/system/boot-systemd.sh can 2>&1)
ifeq (,$(CANNOT))
CHECK_NEEDS += deps-system deb rpm $(SYSTEM_TESTS)
else
$(info check-system is left out: $(CANNOT))
endif
endif
endif
