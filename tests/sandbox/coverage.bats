# The list of what is proved, and by which test. It is printed with the results.
load ../lib

setup() { bx_setup; }

LIST=$BATS_TEST_DIRNAME/coverage

@test "every section, every error and every row has a test" {
	run -0 "$LIST"
	assert [ "${#lines[@]}" -gt 200 ]
	printf '# %s\n' "${lines[@]}" >&3
}

@test "what loses its test is told, and so is a test of nothing" {
	mkdir tests
	cp "$BATS_TEST_DIRNAME"/*.bats tests
	sed -i '/refused 402 PAYMENT_REQUIRED/d' tests/06-oauth.bats
	sed -i '/imCallTo/d' tests/12-frame.bats
	sed -i 's/event\.offline\.error/event.offline.list/' tests/10-events.bats
	sed -i 's/^@test "8.5:/@test "8.6:/; s/^@test "8.4, 8.5:/@test "8.4:/' tests/*.bats
	run -1 "$LIST" tests
	assert_line 'not proved: error 402 PAYMENT_REQUIRED'
	assert_line 'not proved: section 8.5 The notice of a deletion'
	assert_line 'not proved: frame_call imCallTo'
	assert_line 'not proved: method event.offline.error'
	assert_line --partial 'no such section: 07-install.bats: 8.6'
}
