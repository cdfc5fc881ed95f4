# The expected results beside tests/golden/manifests/*: tests/unit/golden_manifests.c compares, and makes them anew.
.PHONY: golden golden-manifests
golden: golden-manifests
golden-manifests: $(B)/unit/golden_manifests.t
	$< --write
