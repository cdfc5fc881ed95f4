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
