# Every fuzzer takes its corpus and the samples of the wire; `make fuzz` goes on from there. What
# they found once stays in the corpus.
load lib

setup() { bx_setup; }
teardown() { bx_teardown; }

@test "each fuzzer takes its corpus and the samples of the wire" {
	local source name
	for source in "$BX_ROOT"/tests/fuzz/*.c; do
		name=$(basename "$source" .c)
		[ "$name" != replay ] || continue
		[ -n "$(ls "$BX_ROOT/tests/fuzz/corpus/$name")" ] || fail "$name has no corpus"
		"$BX_ROOT/tests/fuzz/seeds" "$name" "$PWD/$name"
		run -0 "${BX_BIN%/bin}/tests/fuzz/$name" "$BX_ROOT/tests/fuzz/corpus/$name" "$PWD/$name"
		assert_line --regexp '^[0-9]+ inputs$'
	done
}

@test "the page bears whatever worker frames say to it" {
	sandbox_start
	"$BX_ROOT/tests/fuzz/boot" "$SANDBOX" >boot.json
	cd "$BX_ROOT" || return 1
	local seed
	for seed in 1 2 3; do
		run -0 node tests/fuzz/page.mjs "$BX_STATE/../boot.json" 0 "$seed"
		assert_line --regexp '^[0-9]+ inputs$'
	done
}

@test "what a fuzzer cannot read is an error" {
	printf '{"a":' >broken
	run -0 "${BX_BIN%/bin}/tests/fuzz/json" broken
	run "${BX_BIN%/bin}/tests/fuzz/json" missing
	assert_failure 2
	run "${BX_BIN%/bin}/tests/fuzz/json"
	assert_failure 1
}
