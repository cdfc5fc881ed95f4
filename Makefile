# make              the daemon, at build/topicd            make install   DESTDIR= PREFIX=/usr/local
# make check        everything that is tested              make test-NAME one unit test, tests/unit/NAME.c
# make lint         format, analysers, the house's rules   make demo      the story, on a real Kafka
# make deb, rpm     packages, in build/packages            make check-system  the packages on a real systemd (root)
# make golden       re-makes expected results; the diff is the review            make bench   what it costs
# make picture      re-makes doc/samples.svg
#
# SAN=1 (ASan and UBSan, in build/san), WERROR=1, CC=clang, B=DIR, KAFKA_VERSION=3.9.2, BOOTSTRAP=HOST:PORT (demo)
# What is missing for a target is installed by tests/install-deps.sh; DEPS=: keeps it from looking.
VERSION := $(shell cat VERSION)
B ?= build$(if $(SAN),/san)
PREFIX ?= /usr/local
UNITDIR ?= $(PREFIX)/lib/systemd/system
DEPS ?= tests/install-deps.sh
PKG_CONFIG ?= pkg-config

PACKAGES = rdkafka yaml-0.1 libsystemd jansson
WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wformat=2 -Wundef -Wcast-qual -Wwrite-strings -Wimplicit-fallthrough -Wpointer-arith
HARDENING = -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fPIE
CFLAGS ?= -O2 -g $(if $(SAN),,$(HARDENING))
LDFLAGS ?= $(if $(SAN),,-pie -Wl,-z,relro,-z,now,--as-needed)
SANITIZERS = $(if $(SAN),-fsanitize=address$(,)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
, := ,
override CPPFLAGS += -D_GNU_SOURCE -Isrc
override CFLAGS += -std=gnu17 $(WARNINGS) $(if $(WERROR),-Werror) $(SANITIZERS)
override LDFLAGS += $(SANITIZERS)
# Asked once, and not before it is needed: by then they are installed.
LDLIBS = $(eval LDLIBS := $(shell $(PKG_CONFIG) --libs $(PACKAGES)))$(LDLIBS)
VERSIONS = -DTOPICD_VERSION='"$(VERSION)"' \
	-DTOPICD_SYSTEMD_VERSION='"$(shell $(PKG_CONFIG) --modversion libsystemd)"'

SOURCES := $(filter-out src/main.c,$(sort $(wildcard src/*/*.c)))
OBJECTS := $(SOURCES:src/%.c=$(B)/obj/%.o)
UNIT_TESTS := $(patsubst tests/unit/%.c,%,$(sort $(wildcard tests/unit/*.c)))
BATS_TESTS := $(filter-out tests/system/%,$(sort $(wildcard tests/*/*.bats)))
CHECK_NEEDS := # fragments add programs that tests need; a .t is a test

.PHONY: all check check-unit check-valgrind demo picture clean install deb rpm deps-build deps-check $(UNIT_TESTS:%=test-%)
SCHEMAS = $(patsubst %,$(B)/share/schemas/%.schema.json,manifest config)
all: $(B)/topicd $(SCHEMAS)

$(B)/topicd: $(B)/obj/main.o $(B)/libtopicd.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/libtopicd.a: $(OBJECTS)
	rm -f $@
	$(AR) rcs $@ $^

# Made by a tool that is not installed, from the tables that the parser uses.
$(B)/share/schemas/%.schema.json: $(B)/tools/schema
	@mkdir -p $(@D)
	$< $* >$@.new
	mv $@.new $@

$(B)/tools/schema: tools/schema.c $(B)/libtopicd.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $(filter %.c %.a,$^) $(LDLIBS)

$(B)/obj/%.o: src/%.c | deps-build
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# The only object that knows a version; made anew when it changes.
$(B)/obj/cmd/version.o: override CPPFLAGS += $(VERSIONS)
$(B)/obj/cmd/version.o: VERSION

$(B)/unit/%.t: tests/unit/%.c $(B)/libtopicd.a | deps-check
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $(filter %.c %.a,$^) -lcmocka $(LDLIBS)

deps-build:
	@$(DEPS) build
deps-check:
	@$(DEPS) build check

# --- tests: TAP, under one prove -------------------------------------------------------------------------------------
export TOPICD = $(abspath $(B)/topicd)
export BUILD = $(abspath $(B))
export KAFKA_VERSION
export BOOTSTRAP
export UBSAN_OPTIONS = print_stacktrace=1
PROVE = CMOCKA_MESSAGE_OUTPUT=TAP prove -j2 --timer --failures --comments $(PROVEFLAGS)

$(UNIT_TESTS:%=test-%): test-%: $(B)/unit/%.t
	CMOCKA_MESSAGE_OUTPUT=TAP $<

check-unit: $(UNIT_TESTS:%=$(B)/unit/%.t)
	$(PROVE) $^

# Some tests bring a malloc of their own that fails when told to: libc's is watched, theirs stays. yaml_bounds measures,
# and snapshot_batches tears its texts at every byte, which is too much for valgrind.
VALGRIND = valgrind --quiet --soname-synonyms=somalloc=nouserintercepts --leak-check=full --error-exitcode=99
check-valgrind: $(patsubst %,$(B)/unit/%.t,$(filter-out yaml_bounds snapshot_batches,$(UNIT_TESTS))) | deps-bench
	$(PROVE) --exec '$(VALGRIND)' $^

check: deps-check $(B)/topicd $(UNIT_TESTS:%=$(B)/unit/%.t)

bench: $(B)/topicd deps-check

demo: $(B)/topicd $(B)/tests/topics deps-check
	tests/demo.sh

# The picture in the README. plan exits with 3, as there is something to create.
picture: $(B)/topicd | deps-check
	{ $< plan --offline --graph --config packaging/topicd.yaml --manifests manifests.d --state $(B)/none || [ $$? = 3 ]; } | \
		dot -Tsvg -o doc/samples.svg

include $(sort $(wildcard packaging/*.mk tests/*/*.mk bench/*.mk))

# The longest first, so that nothing else is left when it ends.
LONGEST_TESTS = tests/fault/restart.bats
check: $(CHECK_NEEDS)
	$(PROVE) $(LONGEST_TESTS) $(filter %.t,$^) $(filter-out $(LONGEST_TESTS),$(BATS_TESTS))

SHARE = $(DESTDIR)$(PREFIX)/share
install: all
	install -D $(B)/topicd $(DESTDIR)$(PREFIX)/bin/topicd
	install -d $(DESTDIR)$(UNITDIR) $(DESTDIR)/etc/topicd/manifests.d $(SHARE)/doc/topicd/examples
	sed 's|/usr/bin/|$(PREFIX)/bin/|' units/topicd.service >$(DESTDIR)$(UNITDIR)/topicd.service
	chmod 644 $(DESTDIR)$(UNITDIR)/topicd.service
	install -Dm644 units/topicd.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/topicd.conf
	install -Dm644 units/topicd.catalog $(DESTDIR)$(PREFIX)/lib/systemd/catalog/topicd.catalog
	install -Dm644 packaging/topicd.bash-completion $(SHARE)/bash-completion/completions/topicd
	install -Dm644 -t $(SHARE)/man/man5 doc/*.5
	install -Dm644 -t $(SHARE)/man/man8 doc/*.8
	install -m644 -t $(SHARE)/doc/topicd/examples manifests.d/*
	install -m644 -t $(SHARE)/doc/topicd doc/migration.md
	install -Dm644 -t $(SHARE)/topicd/schemas $(SCHEMAS) doc/schemas/*.json
	install -Dm644 -t $(SHARE)/topicd/monitoring packaging/monitoring/*
	@# What an operator has edited stays.
	[ -e $(DESTDIR)/etc/topicd/topicd.yaml ] || install -m644 packaging/topicd.yaml $(DESTDIR)/etc/topicd/topicd.yaml
	install -m644 packaging/manifests.d.README $(DESTDIR)/etc/topicd/manifests.d/README

clean:
	rm -rf $(B)

-include $(OBJECTS:.o=.d) $(B)/obj/main.d $(B)/tools/schema.d $(wildcard $(B)/unit/*.d)

