# shellcheck shell=bash disable=SC2154,SC2034
# The sandbox measured; a part of run.

# A portal of its own; what it answers is also given by our server alone and by nginx from a file.
bench_portal() {
	serve_ready
	stop sandbox
	sandbox_start
	local pid=${BX_PIDS[sandbox]} hook address form=$RUN_DIR/form.lua answer=$RUN_DIR/answer token nginx i
	pin "$pid"
	ctl install >/dev/null
	token=$(ctl token | jq -r .access_token)
	hook=$(jq -r .webhook <<<"$SANDBOX_INFO")
	address=$(jq -r .listening <<<"$SANDBOX_INFO")
	curl -sS "${hook}user.current" >"$answer"
	grep -q '"result"' "$answer"
	printf 'wrk.method = "POST"\nwrk.body = "auth=%s&CALL_ID=none&USER_ID=1"\n' "$token" >"$form"
	parts_start "$answer"
	nginx_start "$answer"
	nginx=$(pgrep -P "${BX_PIDS[nginx]}")
	for ((i = 0; i < ROUNDS; i++)); do
		rate nginx-answer "$nginx" "http://127.0.0.1:$NGINX_PORT/page"
		rate parts-answer "$PARTS_PID" "http://$PARTS/page"
		rate portal-hook "$pid" "${hook}user.current"
		rate portal-show "$pid" "http://$address/rest/telephony.externalCall.show" -s "$form"
	done
	stop nginx QUIT || :
	stop parts
	start tabs "$bench/portal" pages "$address" "$pid" "$TABS" "$token"
	local held=$FIRST
	for ((i = 0; i < ROUNDS; i++)); do
		rate portal-held "$pid" "${hook}user.current"
	done
	stop tabs TERM
	taskset -c "$load" "$bench/portal" rounds "$address" "$pid" "$LIVES" "$token" >"$RUN_DIR/rounds"
	printf '\nThe sandbox, limits off: 64 kept-alive connections, one processor for the server\n'
	row '' 'calls a second' 'µs of server each'
	local name what peer each
	peer=$(cut -d' ' -f2 "$RUN_DIR/r.parts-answer" | median)
	for name in nginx-answer parts-answer portal-hook portal-show portal-held; do
		case $name in
		nginx-answer) what='nginx, a static file of that size' ;;
		parts-answer) what='our server alone, the same bytes' ;;
		portal-hook) what='bx-sandbox, GET user.current by webhook' ;;
		portal-show) what='bx-sandbox, POST a form with a token' ;;
		portal-held) what="the first again, $TABS pages open" ;;
		esac
		each=$(cut -d' ' -f2 "$RUN_DIR/r.$name" | median)
		row "$what" "$(cut -d' ' -f1 "$RUN_DIR/r.$name" | median)" \
			"$(awk -v a="$each" -v b="$peer" 'BEGIN { printf "%10.1f   x %.2f of our server alone", a, a / b }')"
	done
	row "$TABS pages: opened a second" "$(awk '{ print $2 }' <<<"$held")"
	row '  memory of the process a page, bytes' "$(awk '{ print $4 }' <<<"$held")"
	row '  a card raised in all of them within, ms' "$(awk '{ print $6 }' <<<"$held")"
	row "$LIVES calls registered and finished: requests a second" "$(value calls_per_s "$RUN_DIR/rounds")"
	row '  µs of server a request' "$(value call_us "$RUN_DIR/rounds")"
	row '  memory after a fifth of them, MB' "$(value memory_full "$RUN_DIR/rounds" | awk '{ printf "%.1f", $1 / 1e6 }')"
	row '  memory at the end, MB' "$(value memory_end "$RUN_DIR/rounds" | awk '{ printf "%.1f", $1 / 1e6 }')"
	row '  growth a call, bytes' "$(value growth_per_round "$RUN_DIR/rounds")"
	stop sandbox
}
