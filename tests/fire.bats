# The daemon under fire: what is wrong is refused and counted, and all others are served meanwhile.
load lib
load serve
load client

setup() { bx_setup; }
teardown() { bx_teardown; }

token() { "$BX_BIN/../tests/tools/token" "$@"; }

# Sends bytes as they are and reads to the end of the connection; the status is printed.   raw FORMAT
raw() {
	local fd
	exec {fd}<>"/dev/tcp/${SERVE_LISTEN%:*}/${SERVE_LISTEN##*:}"
	# shellcheck disable=SC2059
	printf "$1" >&"$fd"
	timeout 20 head -n 1 <&"$fd" | cut -d' ' -f2
	exec {fd}>&-
}

# A card that came up in a frame, and its operator's click; a command goes down and its reply up.
card_lives() {
	local n=$1 id answer
	up "{\"m\":[$(click "$n" answerButtonClick)],\"r\":[]}"
	down ".a == $n"
	exec {answer}< <(bx-card -c c1 state incoming -t 60)
	down '.c[0].o == "state"'
	id=$(jq '.c[0].i' <<<"$DOWN")
	up "{\"g\":$id,\"m\":[],\"r\":[[$id,[]]]}"
	jq -e .ok <&"$answer"
	exec {answer}<&-
}

@test "a thousand slow requests, a flood and broken ones, while pages are fetched and a card is driven" {
	installed --deadline 2 --per-address 500
	line_open
	hello "$(frame_token)" "[$(initialized 1 c1)]"
	down '.a == 1'
	own c1
	start head "$BX_BIN/../tests/tools/crowd" "$SERVE_LISTEN" 127.0.0.3 500 head
	start body "$BX_BIN/../tests/tools/crowd" "$SERVE_LISTEN" 127.0.0.4 500 body
	start flood "$BX_BIN/../tests/tools/crowd" "$SERVE_LISTEN" 127.0.0.5 3000 mute
	pages=$(metric bx_serve_pages_total)
	big=$(printf '%020000d' 0)
	for n in 2 3 4 5 6; do
		card_lives "$n"
		for _ in 1 2 3 4; do
			assert_equal "$(page_status "member_id=$MEMBER" "APPLICATION_TOKEN=$APP_TOKEN")" 200
		done
		assert_equal "$(raw 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n')" 400
		assert_equal "$(raw 'POST /event HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx')" 400
		assert_equal "$(raw 'POST /event HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n')" 400
		assert_equal "$(raw 'nonsense\r\n\r\n')" 400
		assert_equal "$(raw "GET / HTTP/1.1\\r\\nHost: a\\r\\nX: $big")" 431
		assert_equal "$(raw 'POST /frame HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\nx')" 413
	done
	assert_equal "$(metric bx_serve_pages_total)" $((pages + 20))
	assert_equal "$(refused malformed)" 20
	assert_equal "$(refused headers)" 5
	assert_equal "$(refused body)" 5
	for crowd in head body flood; do stop "$crowd"; done
	# Whom the server ended, it counted.
	[ "$(tail -n 1 head.out)" -ge 500 ]
	[ "$(tail -n 1 body.out)" -ge 500 ]
	assert_equal "$(tail -n 1 flood.out)" 3000
	[ "$(refused connections)" -ge 2500 ]
	assert_equal $(($(tail -qn 1 head.out body.out flood.out | paste -sd+))) \
		$(($(refused deadline) + $(refused connections)))
	card_lives 7
	line_close
}

@test "a frame token that is expired, of another portal or another daemon is refused and counted" {
	installed
	before=$(records | wc -l)
	post() { curl -sS -o /dev/null -w '%{http_code}' "$SERVE/frame" -d "{\"t\":\"$1\",\"m\":[$(initialized 1 c1)]}"; }
	expired=$(token "$MEMBER" demo -1)
	foreign=$(token 00000000000000000000000000000000 demo 60000)
	unknown=$(token "$MEMBER" other 60000)
	mkdir -m 700 elsewhere
	stranger=$(BX_STATE=$PWD/elsewhere token "$MEMBER" demo 60000)
	assert_equal "$(post "$(token "$MEMBER" demo 60000)")" 200
	bx-card -c c1 wait initialized --foreign -t 20
	assert_equal "$(post "$expired")" 401
	line_open
	hello "$expired" "[$(initialized 1 c2)]"
	down 'closed 4401'
	line_close
	assert_equal "$(refused frame_token_expired)" 2
	for forged in "$foreign" "$unknown" "$stranger"; do
		assert_equal "$(post "$forged")" 403
		line_open
		hello "$forged" "[$(initialized 1 c2)]"
		down 'closed 4403'
		line_close
	done
	assert_equal "$(refused frame_token)" 6
	run bx-card events -c c2
	refute_output
	assert_equal "$(records | wc -l)" $((before + 1))
}

@test "an installation of another app and guesses of the error address: refused, counted, nowhere noted" {
	installed -v
	collect_secrets
	before=$(records | wc -l)
	# The portal itself sends the installation of its other app here: its tokens are not ours.
	ctl app other >/dev/null
	ctl install --app other --install-url "$SERVE/install" >/dev/null
	ctl idle >/dev/null
	collect_secrets
	assert_equal "$(curl -sS -o /dev/null -w '%{http_code}' "$SERVE/install" -d event=ONAPPINSTALL \
		-d "auth[member_id]=$MEMBER&auth[domain]=$DOMAIN&auth[application_token]=gu3ssed-token-1234" \
		-d 'auth[refresh_token]=0ther-app-refresh-token')" 403
	assert_equal "$(refused token)" 2
	for n in $(seq 20); do
		assert_equal "$(curl -sS -o /dev/null -w '%{http_code}' "$SERVE/error/$(printf '%032x' "$n")" -d error=x)" 404
	done
	assert_equal "$(refused token)" 22
	assert_equal "$(metric bx_serve_signals_total)" 0
	assert_equal "$(page_status "member_id=$MEMBER" APPLICATION_TOKEN=gu3ssed-token-1234 AUTH_ID=)" 403
	# The app is still the one it was.
	assert_equal "$(page_status "member_id=$MEMBER" "APPLICATION_TOKEN=$APP_TOKEN")" 200
	assert_equal "$(records | wc -l)" "$before"
	stop serve
	printf '%s\n' gu3ssed-token-1234 0ther-app-refresh-token >>secrets
	mapfile -t written < <(find "$BX_STATE" serve.out serve.err -type f ! -name 'portals.db*')
	assert_no_secret 8 "${written[@]}"
}
