# A tenth of make soak.
load lib

@test "no call is lost or doubled, whatever is killed, cut off or full" {
	run env B="${BX_BIN%/bin}" "$BX_ROOT/tests/soak" 500 16 20 4 2
	echo "$output"
	assert_success
	assert_output --regexp 'soak: 500 calls booked, each once; [0-9]+ records, each once$'
}
