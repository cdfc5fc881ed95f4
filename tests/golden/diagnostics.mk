# All messages about manifests and topicd.yaml in one file, to be read; tests/cli/diagnostics.bats compares.
.PHONY: golden golden-diagnostics
golden: golden-diagnostics
golden-diagnostics: $(B)/topicd golden-manifests
	tests/golden/diagnostics.sh $< >tests/golden/diagnostics.txt
