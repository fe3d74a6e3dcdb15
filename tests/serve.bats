# The daemon: who is let in, what is on disk before it is acknowledged, what a script hears.
load lib
load serve

setup() { bx_setup; }
teardown() { bx_teardown; }

@test "addresses: a plain page for people, 404 and 405 for the rest" {
	serve_start
	jq -e '.listening and .public_url == "http://" + .listening and .worker == .public_url + "/worker"
		and .install and .event and .oauth and (.admin | endswith("/admin.sock"))' <<<"$SERVE_INFO"
	run curl -sS "$SERVE/worker"
	assert_output --partial 'background worker'
	run curl -sSI "$SERVE/worker"
	assert_line --regexp '^HTTP/1.1 200'
	assert_equal "$(curl -sS "$SERVE/healthz")" ok
	assert_equal "$(curl -sS -o /dev/null -w '%{http_code}' "$SERVE/nothing")" 404
	assert_equal "$(curl -sS -o /dev/null -w '%{http_code}' -X DELETE "$SERVE/worker")" 405
	assert_equal "$(curl -sS -o /dev/null -w '%{http_code}' "$SERVE/metrics")" 404
	run curl -sS --unix-socket "$BX_STATE/admin.sock" http://admin/status
	assert_output --partial '"uptime_ms"'
}

@test "one daemon a state directory, and clear words about its options" {
	serve_start
	run --separate-stderr bx-serve --listen 127.0.0.2:0
	assert_failure 9
	[[ $stderr == *"already running"* ]]
	run --separate-stderr bx-serve --listen nowhere
	assert_failure
	run --separate-stderr env BX_STATE="$BATS_TEST_TMPDIR/other" bx-serve --listen 127.0.0.2:0 --public-url 'ftp://x'
	assert_failure 2
	run --separate-stderr env BX_STATE="$BATS_TEST_TMPDIR/other" bx-serve --listen 127.0.0.2:0 --on initialized
	assert_failure 2
	[[ $stderr == *"EVENT=COMMAND"* ]]
}

@test "the handler page: one small document that only the portal may frame" {
	installed
	page -Dhead.txt "member_id=$MEMBER" AUTH_ID=not-in-the-page "APPLICATION_TOKEN=$APP_TOKEN" >page.html
	tr -d '\r' <head.txt >headers
	run grep -i '^Content-Security-Policy:' headers
	assert_output --partial "default-src 'none'"
	assert_output --partial "frame-ancestors http://$DOMAIN;"
	assert_output --partial "connect-src 'self' ws://$SERVE_LISTEN http://$DOMAIN;"
	nonce=$(grep -o "nonce-[0-9a-f]*" <<<"$output")
	grep -q "<script nonce=${nonce#nonce-}>" page.html
	run grep -ic '^X-Frame-Options' headers
	assert_output 0
	grep -qi '^Cache-Control: no-store' headers
	[ "$(wc -c <page.html)" -le 6144 ]
	run grep -cE 'not-in-the-page|nor-this|src=|href=|'"$APP_TOKEN" page.html
	assert_output 0
	assert_equal "$(metric bx_serve_pages_total)" 1
}

@test "an address with a path: everything lies below it" {
	serve_start --public-url https://bx.example.net/phone/
	jq -e '.worker == "https://bx.example.net/phone/worker"' <<<"$SERVE_INFO"
	assert_equal "$(curl -sS "$SERVE/phone/healthz")" ok
	assert_equal "$(curl -sS -o /dev/null -w '%{http_code}' "$SERVE/healthz")" 404
}

@test "a request that is no portal's page is refused before anybody is asked" {
	installed
	assert_equal "$(curl -sS -o /dev/null -w '%{http_code}' -d x=1 "$SERVE/worker")" 400
	for PAGE_DOMAIN in a%20b 'x%3Bscript-src%20*' user%40host ''; do
		assert_equal "$(page_status "member_id=$MEMBER" "APPLICATION_TOKEN=$APP_TOKEN")" 400
	done
	assert_equal "$(refused not_understood)" 5
}

@test "an unknown member_id is refused and counted, the journal untouched" {
	installed
	before=$(records | wc -l)
	assert_equal "$(page_status member_id=00000000000000000000000000000000 "APPLICATION_TOKEN=$APP_TOKEN")" 403
	assert_equal "$(AS_MEMBER=0 deliver ONEXTERNALCALLSTART "$APP_TOKEN" 'data[CALL_ID]=x')" 403
	run curl -sS -o /dev/null -w '%{http_code}' "$SERVE/install" -d 'event=ONAPPINSTALL&auth[member_id]=0&auth[refresh_token]=y'
	assert_output 403
	assert_equal "$(refused unknown_member_id)" 3
	assert_equal "$(records | wc -l)" "$before"
}

@test "a wrong application_token is a question: refused with a dead access token, taken with a live one" {
	installed
	before=$(records | wc -l)
	assert_equal "$(page_status "member_id=$MEMBER" APPLICATION_TOKEN=wrong AUTH_ID=dead)" 403
	assert_equal "$(page_status "member_id=$MEMBER" AUTH_ID=)" 403
	assert_equal "$(deliver ONEXTERNALCALLSTART wrong 'data[CALL_ID]=x' 'auth[access_token]=dead')" 403
	assert_equal "$(deliver ONEXTERNALCALLSTART wrong 'data[CALL_ID]=x')" 403
	assert_equal "$(refused token)" 4
	assert_equal "$(records | wc -l)" "$before"
	live=$(ctl token --user 1 | jq -r .access_token)
	assert_equal "$(page_status "member_id=$MEMBER" APPLICATION_TOKEN=wrong "AUTH_ID=$live")" 200
	assert_equal "$(page_status "member_id=$MEMBER" "AUTH_ID=$live")" 200
	assert_equal "$(page_status "member_id=$MEMBER" "APPLICATION_TOKEN=$APP_TOKEN")" 200
}

@test "a body of 2 MiB is refused" {
	installed
	before=$(records | wc -l)
	head -c 2097152 /dev/zero | tr '\0' a >big
	for path in worker event install frame; do
		run curl -sS -o /dev/null -w '%{http_code}' --data-binary @big -H 'Expect:' "$SERVE/$path"
		[[ $output == *413 || $output == *000 ]]
	done
	[ "$(refused body)" -ge 1 ]
	assert_equal "$(curl -sS "$SERVE/healthz")" ok
	assert_equal "$(records | wc -l)" "$before"
}

@test "a forged or foreign frame is refused on both ways in" {
	installed
	token=$(frame_token)
	before=$(records | wc -l)
	forged=${token%?}$(tr 0-9a-f 1-9a-f0 <<<"${token: -1}")
	line_open
	hello "$forged" "[$(initialized 1 c1)]"
	down 'closed 4403'
	line_close
	line_open http://evil.example
	down 'refused 403'
	line_close
	line_open ''
	down 'refused 403'
	line_close
	post() { curl -sS -o /dev/null -w '%{http_code}' "$SERVE/frame" "${@:2}" -d "$1"; }
	assert_equal "$(post "{\"t\":\"$forged\",\"m\":[$(initialized 1 c1)]}")" 403
	assert_equal "$(post "{\"m\":[$(initialized 1 c1)]}")" 403
	assert_equal "$(post "{\"t\":\"$token\",\"m\":[$(initialized 1 c1)]}" -H 'Origin: http://evil.example')" 403
	assert_equal "$(post 'nonsense')" 400
	assert_equal "$(refused frame_token)" 3
	assert_equal "$(refused origin)" 3
	assert_equal "$(records | wc -l)" "$before"
}

@test "presence: by posts of frames with a token, and not at all without the option" {
	installed --presence
	page "member_id=$MEMBER" "APPLICATION_TOKEN=$APP_TOKEN" >page.html
	grep -q localStorage page.html
	local token
	token=$(frame_token)
	here() { curl -sS -o /dev/null -w '%{http_code}' "$SERVE/frame" -d "$(jq -nc --arg t "$1" --argjson more "$2" '{t: $t} + $more')"; }
	assert_equal "$(here "$token" '{"here":"7"}')" 200
	assert_equal "$(here "${token}x" '{"here":"8"}')" 403
	assert_equal "$(here "$token" '{"here":"<b>"}')" 200
	run --separate-stderr bx-card ls --online
	# The daemon is young, so pages of before its start may be missing: the line says so, and a note.
	assert_json '.user == 7 and .pages == 1 and .portal == "demo" and .complete == false'
	assert_equal "$stderr" 'bx-card: bx-serve was started minutes ago: pages opened before may be missing'
	run --separate-stderr bx-card -q ls --online --user 8
	refute_output
	assert_equal "$stderr" ''
	curl -sS --unix-socket "$BX_STATE/admin.sock" http://admin/status | jq -e '.online[0].complete == false'
	assert_equal "$(bx-card -p other ls --online)" ''
	assert_equal "$(bx-card ls --online --user 8)" ''
	assert_equal "$(metric bx_serve_pages_open)" 1
	assert_equal "$(refused not_understood) $(refused frame_token)" '1 1'
	assert_equal "$(here "$token" '{"here":"7","bye":1}')" 200
	assert_equal "$(bx-card ls --online)" ''
	stop serve
	serve_start
	page "member_id=$MEMBER" "APPLICATION_TOKEN=$APP_TOKEN" >page.html
	run grep -c localStorage page.html
	assert_output 0
	assert_equal "$(here "$token" '{"here":"7"}')" 200
	run --separate-stderr bx-card ls --online
	assert_failure 9
	assert_equal "$stderr" 'bx-card: ls: bx-serve runs without --presence, and does not know whose pages are open'
	run --separate-stderr bx-card -c 1 ls --online
	assert_failure 2
}

@test "an event of a client of one's own has a ceiling for its name and its data, and needs no data" {
	installed
	line_open
	hello "$(frame_token)"
	# A message each, for a line takes less than all of them; data are counted in bytes of their JSON.
	jq -nc 'def event($n; $name; $data): {n: $n, e: ("client::" + $name), d: $data};
		event(1; "a" * 80; 1), event(2; "a" * 81; 1), event(3; ""; 1), event(4; "a b"; 1), event(5; "ä"; 1),
		event(6; "fits"; "x" * 16382), event(7; "long"; "x" * 16383), event(8; "wide"; "ä" * 8192),
		event(9; "escaped"; "\\" * 8192), {n: 10, e: "other::a", d: 1}, {n: 11, e: "client::bare"},
		event(12; "last"; [1]) | {m: [.], r: []}' >&"$LINE_IN"
	down '.a == 12'
	assert_equal "$(bx-card events | jq -r 'select(.source == "card") | .event[:20] + " " + (.data | tojson | length | tostring)')" \
		$'client::aaaaaaaaaaaa 1\nclient::fits 16384\nclient::bare 4\nclient::last 3'
	line_close
}

@test "messages are journalled once, in order, and acknowledged; a frame that comes back repeats nothing" {
	installed
	token=$(frame_token)
	line_open
	hello "$token" "[$(initialized 1 c1),$(click 2 answerButtonClick)]"
	down '.a == 2'
	up "{\"m\":[$(click 2 answerButtonClick),$(click 3 hangupButtonClick)]}"
	down '.a == 3'
	line_close
	line_open
	hello "$token" "[$(click 3 hangupButtonClick),$(click 4 closeButtonClick)]"
	down '.a == 4'
	line_close
	run bash -c 'bx-card events -c c1 | jq -r "select(.source == \"card\") | .event"'
	assert_output 'initialized
answerButtonClick
hangupButtonClick
closeButtonClick'
	run bash -c 'bx-card events | jq -s "[.[].seq] == [range(1; length + 1)]"'
	assert_output true
}

@test "two lines with one token: the later one replaces the first" {
	installed
	token=$(frame_token)
	line_open
	hello "$token" "[$(initialized 1 c1)]"
	down '.a == 1'
	curl -sS "$SERVE/frame" -d "{\"t\":\"$token\",\"u\":1,\"m\":[]}" >/dev/null
	down 'closed 4409'
	line_close
}

@test "killed between events: what was acknowledged is there, and nothing twice" {
	installed
	token=$(frame_token)
	line_open
	hello "$token" "[$(initialized 1 c1)]"
	down '.a == 1'
	for n in 2 3 4 5 6 7 8; do
		up "{\"m\":[$(click "$n" answerButtonClick)]}"
		down ".a == $n"
		stop serve KILL
		down 'closed 1006'
		line_close
		serve_start
		line_open
		# The frame has not seen the answer, so it says it again.
		hello "$token" "[$(click "$n" answerButtonClick)]"
		down ".a == $n"
	done
	line_close
	run bash -c 'bx-card events -e initialized -e answerButtonClick | wc -l'
	assert_output 8
	run bash -c 'bx-card events | jq -s "[.[].seq] == [range(1; length + 1)]"'
	assert_output true
}

@test "the sync comes before the acknowledgement" {
	installed
	token=$(frame_token)
	stop serve
	export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
	# -D: the daemon is our own child, and the tracer is nobody's.
	start serve strace -D -f -s 200 -e trace=fsync,fdatasync,sendto,sendmsg,write,writev -o trace bx-serve --listen "$SERVE_LISTEN"
	line_open
	hello "$token" "[$(initialized 1 c1)]"
	down '.a == 1'
	up "{\"m\":[$(click 2 answerButtonClick)]}"
	down '.a == 2'
	line_close
	stop serve
	timeout 20 bash -c 'until grep -q "+++ exited with 0" trace; do :; done'
	# Each acknowledgement follows a sync of its own.
	grep -oE 'f(data)?sync\([0-9]+\) += 0|f(data)?sync resumed>.*= 0|"a\\":[0-9]+' trace >order
	run awk '/sync/ {sync = 1} /a/ && /:/ {if (!sync) exit 1; sync = 0; acks++} END {print acks}' order
	assert_success
	assert_output 2
}

@test "a frame that cannot have a WebSocket posts: events up, commands down" {
	installed
	token=$(frame_token)
	post() { curl -sS "$SERVE/frame" -H "Origin: $SERVE" -d "$1"; }
	post "{\"t\":\"$token\",\"u\":\"1\",\"m\":[$(initialized 1 c1)]}" | jq -e '.c == []'
	bx-card -c c1 wait initialized --foreign -t 10
	post "{\"t\":\"$token\",\"u\":\"1\",\"m\":[]}" | jq -e '.a == 1'
	own c1
	bx-card -c c1 state incoming -t 10 >answer &
	until post "{\"t\":\"$token\",\"u\":\"1\",\"m\":[]}" | tee down | jq -e '.c[0]' >/dev/null; do :; done
	jq -e '.c[0].o == "state" and .c[0].p.uiState == "incoming"' down
	id=$(jq '.c[0].i' down)
	post "{\"t\":\"$token\",\"u\":\"1\",\"g\":$id,\"m\":[],\"r\":[[$id,[]]]}" | jq -e '.c == []'
	wait $!
	jq -e .ok answer
	# A beacon says goodbye.
	post "{\"t\":\"$token\",\"u\":\"1\",\"m\":[$(click 2 answerButtonClick)],\"bye\":1}"
	bx-card -c c1 wait card.gone -t 20 | jq -e '.data.reason == "navigated"'
}

@test "a client without a WebSocket posts seldom while nothing happens, and often again when something does" {
	installed
	local one two
	one=$(frame_token) two=$(frame_token)
	post() { curl -sS "$SERVE/frame" -H "Origin: $SERVE" -d "$(jq -nc --arg t "$1" --argjson more "$2" '{t: $t, u: "1", m: [], r: []} + $more')"; }
	post "$one" '{"l":1}' | jq -e '.w == 2000'
	post "$two" '{"l":0}' | jq -e '.w == 10000'
	# What is sent goes to the one that leads, which from then on is asked as often as with a card.
	bx-card send '{"ring":true}' -t 10 >answer &
	until post "$one" '{"l":1}' | tee down | jq -e '.c[0]' >/dev/null; do :; done
	jq -e '.w == null and .c[0].o == "send"' down
	post "$one" "{\"l\":1,\"g\":$(jq '.c[0].i' down),\"r\":[[$(jq '.c[0].i' down),[\"rings\"]]]}" | jq -e '.w == null and .c == []'
	wait $!
	jq -e '.users[0].result == ["rings"]' answer
	post "$two" "{\"l\":0,\"m\":[$(initialized 1 c1)]}" | jq -e '.w == null'
	# Where the daemon says who leads, whoever may have to is asked as often.
	post "$two" '{"l":null}' | jq -e '.l == false'
	post "$one" '{"l":1,"bye":1}' >/dev/null
	post "$(frame_token)" '{"l":null}' | jq -e '.w == 2000'
}

@test "a post that was under way when its page said goodbye leads nobody; a page that reads the answer is back" {
	installed
	local one two back
	one=$(frame_token) two=$(frame_token)
	post() { curl -sS "$SERVE/frame" -H "Origin: $SERVE" -d "$(jq -nc --arg t "$1" --argjson more "$2" '{t: $t, u: "1", m: [], r: []} + $more')"; }
	# Who leads is sent to, and answers.   sent_to TOKEN
	sent_to() {
		bx-card send 1 -t 20 >answer &
		until post "$1" '{"l":1}' | tee down | jq -e '.c[0]' >/dev/null; do :; done
		post "$1" "{\"l\":1,\"g\":$(jq '.c[0].i' down),\"r\":[[$(jq '.c[0].i' down),[7]]]}" >/dev/null
		wait $!
		jq -e --arg frame "$(cut -d, -f3 <<<"$1")" '.users | length == 1 and .[0].frames == [$frame] and .[0].result == [7]' answer
	}
	post "$one" '{"l":1}' | jq -e '.a == 0'
	post "$one" '{"l":1,"bye":1}' | jq -e '.a == 0'
	post "$two" '{"l":1}' | jq -e '.a == 0'
	post "$one" '{"l":1}' >late
	sent_to "$two"
	# However often one comes; and it says no longer that it is there.
	post "$one" '{"l":1}' >late
	jq -e 'keys == ["t"]' late
	post "$two" '{"l":1,"bye":1}' >/dev/null
	back=$(jq -r .t late)
	post "$back" '{"l":1}' | jq -e '.a == 0'
	sent_to "$back"
	# It may leave and come back again, and its token never lives longer for that.
	post "$back" '{"l":1,"bye":1}' >/dev/null
	post "$back" '{"l":1}' | jq -e --arg first "$one" 'keys == ["t"] and (.t / ",")[4] < ($first / ",")[4]'
	# Where the daemon says who leads, a late post does not take the lead from the next page.
	one=$(frame_token) two=$(frame_token)
	post "$one" '{"l":null}' | jq -e '.l == true'
	post "$one" '{"l":null,"bye":1}' >/dev/null
	post "$one" '{"l":null}' >late
	post "$two" '{"l":null}' | jq -e '.l == true'
	post "$(jq -r .t late)" '{"l":null}' | jq -e '.l == false'
}

@test "a post that was under way when its page said goodbye does not bring back the card; a page restored does" {
	installed
	token=$(frame_token)
	post() { curl -sS "$SERVE/frame" -H "Origin: $SERVE" -d "$(jq -nc --arg t "$1" --argjson more "$2" '{t: $t, u: "1", k: {call: "c1"}, r: []} + $more')"; }
	own c1
	post "$token" "{\"k\":null,\"m\":[$(initialized 1 c1)]}" >/dev/null
	bx-card -c c1 wait initialized -t 20
	post "$token" "{\"m\":[$(click 2 answerButtonClick)],\"bye\":1}" >/dev/null
	bx-card -c c1 wait card.gone -t 20 | jq -e '.data.reason == "navigated"'
	post "$token" "{\"m\":[$(click 2 answerButtonClick)]}" >late
	run bx-card -c c1 state incoming -t 1
	assert_failure 5
	# Its first post is taken for a late one, so what that said comes with the next one again.
	post "$token" "{\"m\":[$(click 3 muteButtonClick)]}" | jq -e '.a == null'
	post "$(jq -r .t late)" "{\"m\":[$(click 3 muteButtonClick)]}" | jq -e '.a == 2'
	bx-card -c c1 wait card.back -t 20
	bx-card -c c1 wait muteButtonClick -t 20
	run bash -c 'bx-card events -c c1 | jq -r .event'
	assert_output $'initialized\nanswerButtonClick\ncard.gone\ncard.back\nmuteButtonClick'
}

@test "waits: the cursor moves when the line was taken, and survives a restart" {
	installed
	token=$(frame_token)
	line_open
	hello "$token" "[$(initialized 1 c1),$(click 2 answerButtonClick),$(click 3 answerButtonClick)]"
	down '.a == 3'
	run bx-card -c c1 wait answerButtonClick -t 0.1
	assert_failure 6
	own c1
	first=$(bx-card -c c1 wait answerButtonClick -t 10 | jq .seq)
	stop serve KILL
	line_close
	serve_start
	second=$(bx-card -c c1 wait answerButtonClick -t 10 | jq .seq)
	assert_equal "$second" $((first + 1))
	run bx-card -c c1 wait answerButtonClick -t 0.1
	assert_failure 6
	assert_equal "$(bx-card -c c1 wait answerButtonClick --cursor two -t 10 | jq .seq)" "$first"
	assert_equal "$(bx-card -c c1 wait answerButtonClick --since "$first" -t 10 | jq .seq)" "$second"
}

@test "events -f: history, then live, without gap or repeat" {
	installed
	token=$(frame_token)
	line_open
	hello "$token" "[$(initialized 1 c1)]"
	down '.a == 1'
	mkfifo follow
	bx-card events -f --since 0 -c c1 >follow &
	exec 7<follow
	for n in $(seq 2 40); do
		up "{\"m\":[$(click "$n" dialpadButtonClick)]}"
	done
	down '.a == 40'
	for n in $(seq 1 40); do
		read -r -t 20 -u 7 line
		echo "$line" >>rows
	done
	kill $!
	exec 7<&-
	line_close
	run jq -s '[.[] | select(.source == "card") | .seq] | . == unique' rows
	assert_output true
}

@test "the journal is printed as it is written" {
	installed
	token=$(frame_token)
	line_open
	hello "$token" "[$(initialized 1 c1)]"
	down '.a == 1'
	line_close
	stop serve
	run jq -r 'select(.event == "initialized") | .CALL_ID' "$JOURNAL"
	assert_output c1
	cmp <(tail -n +2 "$JOURNAL" | jq -c .seq) <(seq 1 "$(tail -n +2 "$JOURNAL" | wc -l)")
}

@test "the error address: its secret is the proof, and the signal is journalled" {
	installed
	secret=$(control urls '{"portal":"demo"}' | jq -r .error_handler)
	run curl -sS -o /dev/null -w '%{http_code}' "$SERVE/error/00000000000000000000000000000000" -d error=ERROR_PLACEMENT_LOADING_OVERTIME
	assert_output 404
	run curl -sS -o /dev/null -w '%{http_code}' "$secret" -d error=ERROR_PLACEMENT_LOADING_OVERTIME -d 'error_description=Removed, because slow'
	assert_output 200
	bx-card events -e placement.disabled >rows
	jq -e '.portal == "demo" and .source == "serve" and .data.error == "ERROR_PLACEMENT_LOADING_OVERTIME"' rows
	assert_equal "$(wc -l <rows)" 1
}

@test "events of the portal: data in the journal, tokens nowhere" {
	installed
	assert_equal "$(deliver onexternalcallstart "$APP_TOKEN" 'data[CALL_ID]=c9' 'data[USER_ID]=1' \
		'data[PHONE_NUMBER]=+1555' 'data[TOKEN]=t0ken-in-data' 'auth[access_token]=t0ken-in-auth')" 200
	bx-card -c c9 wait ONEXTERNALCALLSTART -t 10 >row
	jq -e '.own == true and .user == 1 and .source == "portal" and .data.PHONE_NUMBER == "+1555"' row
	stop serve
	run grep -rlaE "t0ken-in|$APP_TOKEN" "$BX_STATE/journal.db" "$BX_STATE/journal.db-wal" "$RUN_DIR"/serve.out "$RUN_DIR"/serve.err
	assert_failure
	refute_output
}

@test "hooks: the record on standard input and in the environment, no shell, no foreign call" {
	mkdir hooks
	printf '#!/bin/sh\nread -r line; echo "folder $BX_EVENT $BX_CALL_ID $BX_USER" >>"%s/ran"\n' "$PWD" >hooks/answerButtonClick
	chmod +x hooks/answerButtonClick
	mkfifo told
	installed --hooks "$PWD/hooks" --on 'hangupButtonClick=tee "'"$PWD/told"'" $HOME;'
	token=$(frame_token)
	line_open
	hello "$token" "[$(initialized 1 c1),$(click 2 answerButtonClick),$(click 3 hangupButtonClick)]"
	down '.a == 3'
	[ ! -e ran ]
	own c1
	jq -e '.event == "hangupButtonClick" and .own == true' <told
	line_close
	stop serve
	assert_equal "$(cat ran)" "folder answerButtonClick c1 1"
	[ -e '$HOME;' ]
}

@test "a socket of the service manager's: the port stays open while the daemon is started anew" {
	start manager "$BX_BIN/../tests/tools/activate" 127.0.0.2 bx-serve --listen 127.0.0.2:1
	local address answer
	address=$(jq -r .activated <<<"$FIRST")
	assert_equal "$(curl -sS "http://$address/healthz")" ok
	# A request without a daemon is accepted by the kernel, and answered by the next one.
	kill -HUP "${BX_PIDS[manager]}"
	await_line '"ended":0' "$RUN_DIR/manager.out"
	exec {answer}< <(curl -sS "http://$address/healthz")
	kill -HUP "${BX_PIDS[manager]}"
	read -r -t 20 -u "$answer" REPLY
	assert_equal "$REPLY" ok
	jq -se --arg address "$address" 'map(select(.listening)) | length == 2 and all(.[]; .listening == $address)' "$RUN_DIR/manager.out"
}

@test "sockets for another process are left alone" {
	LISTEN_PID=1 LISTEN_FDS=1 serve_start
	assert_equal "$(curl -sS "$SERVE/healthz")" ok
}
