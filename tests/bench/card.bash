# shellcheck shell=bash disable=SC2154
# A command to a card in a real browser: from the shell through the daemon, the hidden frame and the
# portal's page, and back.

bench_card() {
	local i call
	stop serve || :
	stop sandbox || :
	export BX_STATE=$RUN_DIR/card
	mkdir -m 700 "$BX_STATE"
	SERVE_LISTEN=127.0.0.2:0
	whole_portal >/dev/null 2>&1
	TMPDIR=$RUN_DIR wd_start
	wd_open "$(page_of 101)"
	call=$(bx-call register --ext 101 --phone +15550100 --type in | jq -r .CALL_ID)
	bx-card -c "$call" -t 20 wait initialized >/dev/null
	for ((i = 0; i < 20 * ROUNDS; i++)); do
		used card bx-card -c "$call" title "caller $i"
		jq -e .ok "$RUN_DIR/u.out" >/dev/null
		used version bx-card --version
	done
	printf '\nA command to a card in a browser: whole process, through a real frame and back\n'
	row 'bx-card title, ms: half' "$(middle card 1)" "$(times "$(middle card 1)" "$(middle version 1)") of bx-card --version"
	row '  99 of 100' "$(cut -d' ' -f1 "$RUN_DIR/u.card" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR * 99 + 99) / 100)] }')"
	row '  its processor time, ms' "$(middle card 2)"
	wd_stop
	stop serve || :
	stop sandbox || :
}
