# shellcheck shell=bash disable=SC2154
# Pages and commands while a thousand slow requests stand, connections pour in and every kind of
# broken request is sent: what the late ones of a hundred wait, quiet and under fire.

# Pages at a steady pace, and commands to one card by lot beside them.   fire_measure NAME
fire_measure() {
	taskset -c "$load" "$bench/paced" "$SERVE_LISTEN" 500 3 "$REQUEST" >"$RUN_DIR/f.pages" &
	local pages=$!
	taskset -c "$load" "$bench/lines" serve "$SERVE_LISTEN" "${BX_PIDS[serve]}" 50 "$REQUEST" bench \
		"bench.fire.$((++FIRE_CALL))" >"$RUN_DIR/f.lines"
	wait "$pages"
	value first_ms_99 "$RUN_DIR/f.pages" >>"$RUN_DIR/f.$1.page"
	value one_ms_99 "$RUN_DIR/f.lines" >>"$RUN_DIR/f.$1.command"
}

# The crowd has what the measurement leaves of its processor.
fire_open() {
	local crowd=(taskset -c "$load" nice -n 19)
	start head "${crowd[@]}" "$PWD/$B/tests/tools/crowd" "$SERVE_LISTEN" 127.0.0.3 500 head
	start body "${crowd[@]}" "$PWD/$B/tests/tools/crowd" "$SERVE_LISTEN" 127.0.0.4 500 body
	start shots "${crowd[@]}" "$bench/fire" "$SERVE_LISTEN" 127.0.0.5 "${SHOTS:-1000}"
}

fire_row() {
	local quiet fire
	quiet=$(median <"$RUN_DIR/f.quiet.$1") fire=$(median <"$RUN_DIR/f.fire.$1")
	row "$2, p99, ms: quiet" "$quiet"
	row '  under fire' "$fire" "$(times "$fire" "$quiet")"
}

fire_counts() { curl -sS --unix-socket "$BX_STATE/admin.sock" http://admin/metrics | grep '^bx_serve_refused_total' | sort; }

bench_fire() {
	local i why count
	serve_ready
	stop serve
	serve_start --deadline 5 --per-address 500
	pin "${BX_PIDS[serve]}"
	FIRE_CALL=0
	fire_counts >"$RUN_DIR/f.before"
	for ((i = 0; i < ROUNDS; i++)); do
		fire_measure quiet
		fire_open
		fire_measure fire
		stop shots
		value sent "$RUN_DIR/shots.out" >>"$RUN_DIR/f.sent"
		stop head
		stop body
	done
	printf '\nUnder fire: 500 requests slow in the head, 500 in the body, %s broken and silent ones a second\n' "${SHOTS:-1000}"
	fire_row page 'the handler page, first byte'
	fire_row command 'a command to one card of 50'
	row 'broken and silent ones sent' "$(awk '{ n += $1 } END { print n }' "$RUN_DIR/f.sent")"
	fire_counts | join - "$RUN_DIR/f.before" | awk '$2 > $3 { sub(/.*why="/, "", $1); sub(/".*/, "", $1); print $1, $2 - $3 }' |
		while read -r why count; do row "  counted as refused: $why" "$count"; done
}
