# make golden        makes tests/golden/manifests/*.topics and *.diag again; the diff is the review
# make test-golden   compares
GOLDEN := tests/golden/manifests

$(B)/golden/manifest: tests/golden/manifest.c $(B)/libtopicd.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(B)/libtopicd.a $(LDLIBS)

.PHONY: golden test-golden
golden: $(B)/golden/manifest
	rm -f $(GOLDEN)/*.topics $(GOLDEN)/*.diag
	$(B)/golden/manifest $(GOLDEN) $(wildcard $(GOLDEN)/*.yaml $(GOLDEN)/*.json)

test-golden: $(B)/golden/manifest
	tests/golden/check.sh $< $(GOLDEN) $(B)/golden/out

-include $(B)/golden/manifest.d

# For make check: prove runs programs without arguments.
$(B)/golden/manifests.t: $(B)/golden/manifest tests/golden/check.sh
	printf '#!/bin/sh\nexec tests/golden/check.sh %s %s %s\n' $< $(GOLDEN) $(B)/golden/out >$@
	chmod +x $@
CHECK_NEEDS += $(B)/golden/manifests.t
