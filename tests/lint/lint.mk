# make lint: format, analysers, and what the house says of itself. A file that passed is not analysed again.
C_FILES := $(sort $(wildcard src/*.c src/*/*.[ch] tools/*.c tests/*/*.[ch] bench/*.[ch]))
TIDY := $(patsubst %.c,$(B)/lint/%.tidy,$(filter src/%.c,$(C_FILES)))
SHELL_FILES := $(sort .ci/run $(wildcard tests/*.sh tests/*/*.sh tests/*/*.bash tests/*/*.bats bench/*.sh packaging/*.sh))
MAN_PAGES := $(sort $(wildcard doc/*.[1-8]))

.PHONY: lint lint-format lint-tidy lint-cppcheck lint-shell lint-man lint-house deps-lint
lint: lint-format lint-tidy lint-cppcheck lint-shell lint-man lint-house

deps-lint:
	@$(DEPS) build check lint

lint-format: | deps-lint
	clang-format --dry-run -Werror $(C_FILES)

lint-tidy: $(TIDY)
$(B)/lint/%.tidy: %.c .clang-tidy $(filter %.h,$(C_FILES)) | deps-lint
	@mkdir -p $(@D)
	clang-tidy --quiet $< -- -std=gnu17 $(CPPFLAGS) -DTOPICD_VERSION='""' -DTOPICD_SYSTEMD_VERSION='""' 2>/dev/null
	@touch $@

lint-cppcheck: | deps-lint
	cppcheck -q -j2 --std=c11 --enable=warning,performance,portability --error-exitcode=1 --inline-suppr \
		--suppress=missingIncludeSystem -D_GNU_SOURCE -Isrc src

lint-shell: | deps-lint
	shellcheck -x $(SHELL_FILES)

lint-man: | deps-lint
	tests/lint/man.sh $(MAN_PAGES)

lint-house: $(B)/topicd
	tests/lint/layers.sh $(B)/obj
	tests/lint/size.sh $(C_FILES)
	tests/lint/rules.sh
	tests/lint/habits.sh
	tests/lint/versions.sh
	tests/lint/catalog.sh
	tests/lint/words.sh $(B)/topicd
