# What makes the n-th system call of a program fail: for LD_PRELOAD, see its head.
$(B)/tests/failcall.so: tests/fault/failcall.c | deps-check
	@mkdir -p $(@D)
	$(CC) -D_GNU_SOURCE -std=gnu17 -O1 -g $(WARNINGS) $(if $(WERROR),-Werror) -fno-builtin -U_FORTIFY_SOURCE -fPIC -shared \
		-MMD -MP -o $@ $< -ldl

CHECK_NEEDS += $(B)/tests/failcall.so

-include $(B)/tests/failcall.d
