# shellcheck shell=bash disable=SC2154,SC2034
# bx-bind apply --all, over many portals of one sandbox.

# A file of registrations brought to many portals that answer after 50 ms, 32 at a time: what the
# network alone would take is the bound.   walk N WHAT REQUESTS
walk() {
	used "bind.$1" bx-bind -q apply --all --public-url https://bx.example.net "$RUN_DIR/want.json" || {
		cat "$RUN_DIR/u.err" >&2
		return 1
	}
	local wall cpu memory bound=$((($1 + 31) / 32 * $3 * 50))
	read -r wall cpu memory < <(tail -n 1 "$RUN_DIR/u.bind.$1")
	row "$1 portals, $2: seconds" "$(awk -v a="$wall" 'BEGIN { printf "%.1f", a / 1000 }')" \
		"x $(awk -v a="$wall" -v b="$bound" 'BEGIN { printf "%.2f", a / b }') of the bound"
	row '  processor time a portal, ms; memory, MiB' \
		"$(awk -v a="$cpu" -v n="$1" 'BEGIN { printf "%.2f", a / n }')" \
		"$(awk -v a="$memory" 'BEGIN { printf "%10.1f", a / 1024 }')"
}

bench_bind() {
	local n shared=$BX_STATE
	printf '{"placements":[{"PLACEMENT":"worker","HANDLER":"@worker","OPTIONS":{"errorHandlerUrl":"@error"}}],
		"events":[{"event":"ONVOXIMPLANTCALLEND","handler":"@event"}]}' >"$RUN_DIR/want.json"
	printf '\nbx-bind apply --all: portals that answer after 50 ms, 32 at once\n'
	for n in ${PORTALS:-1000 10000}; do
		export BX_STATE=$RUN_DIR/portals.$n
		mkdir -m 700 "$BX_STATE"
		start many bx-sandbox --listen 127.0.0.1:0 --portals "$n" --latency 50
		pin "${BX_PIDS[many]}"
		bx-sandbox ctl portals --install -t 300 --url "$(jq -r .portal <<<"$FIRST")" | "$B/tests/tools/portals"
		walk "$n" 'all to be registered' 5
		walk "$n" 'nothing to do' 2
		stop many
	done
	export BX_STATE=$shared
}
