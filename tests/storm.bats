# kill -9 under load: no event that was acknowledged is lost, none is there twice. make soak kills
# a hundred times; BX_KILLS=N and BX_SEED=N say otherwise.
load lib
load serve

setup() { bx_setup; }
teardown() { bx_teardown; }

@test "the daemon is killed again and again under load: no event is lost, none is there twice" {
	local seed=${BX_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')} frames=12
	echo "BX_SEED=$seed"
	installed
	for n in $(seq "$frames"); do
		frame_token >>tokens
		own "c$n"
	done
	stop serve
	run "$BX_BIN/../tests/tools/storm" "$seed" "${BX_KILLS:-8}" "$SERVE_LISTEN" bx-serve --listen "$SERVE_LISTEN" <tokens
	assert_success
	echo "$output"
	told=$(jq .events <<<"${lines[-1]}")
	serve_start
	bx-card events -e client::tick >ticks
	assert_equal "$(wc -l <ticks)" "$told"
	jq -es --argjson frames "$frames" 'group_by(.CALL_ID) | length == $frames and
		all(.[]; [.[].data.tick] == [range(1; length + 1)])' ticks
	assert_equal "$(bx-card events -e initialized | wc -l)" "$frames"
	bx-card events | jq -es '[.[].seq] == [range(1; length + 1)]'
}
