# The expected plans beside tests/golden/plan/*.case: tests/unit/plan_golden.c compares, and makes them anew.
.PHONY: golden golden-plan
golden: golden-plan
golden-plan: $(B)/unit/plan_golden.t
	$< --write
