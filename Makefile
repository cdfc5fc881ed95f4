# make            the daemon, at build/topicd
# make test-NAME  one unit test, tests/unit/NAME.c
B ?= build
CC ?= gcc
PKG_CONFIG ?= pkg-config
PACKAGES = rdkafka yaml-0.1 libsystemd jansson
WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wformat=2 -Wundef -Wcast-qual -Wwrite-strings -Wimplicit-fallthrough -Wpointer-arith
CFLAGS ?= -O2 -g
CPPFLAGS += -D_GNU_SOURCE -Isrc
override CFLAGS += -std=gnu17 $(WARNINGS) $(if $(WERROR),-Werror)
ifdef SAN
override CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
override LDFLAGS += -fsanitize=address,undefined
endif
LDLIBS = $(shell $(PKG_CONFIG) --libs $(PACKAGES))

SOURCES := $(filter-out src/main.c,$(sort $(wildcard src/*/*.c)))
OBJECTS := $(SOURCES:src/%.c=$(B)/obj/%.o)
UNIT_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c))

$(B)/topicd: $(B)/obj/main.o $(B)/libtopicd.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/libtopicd.a: $(OBJECTS)
	rm -f $@
	$(AR) rcs $@ $^

$(B)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/unit/%.t: tests/unit/%.c $(B)/libtopicd.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS)

.PHONY: clean $(UNIT_TESTS:%=test-%)
$(UNIT_TESTS:%=test-%): test-%: $(B)/unit/%.t
	CMOCKA_MESSAGE_OUTPUT=TAP $<

clean:
	rm -rf $(B)

-include $(OBJECTS:.o=.d) $(B)/obj/main.d $(wildcard $(B)/unit/*.d)

-include tests/*/*.mk
