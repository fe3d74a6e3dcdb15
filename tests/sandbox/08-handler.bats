# How a page loads its worker frames (portal.md 8).
load page

setup() { page_setup; }
teardown() { bx_teardown; }

@test "8.1, 12.1, 14.2: the handler gets a form post into a hidden frame that is named after portal and frame" {
	wd_start
	page 'uri=%2Fcrm%2Fdeal%2F%3Fa%3D1'
	run wd_js 'const frame = document.querySelector("#frames iframe");
		return [frame.name, frame.allow, frame.checkVisibility()]'
	assert_output --regexp "^\[\"$DOMAIN\|0\|[0-9a-f]{32}\",\"geolocation [*]; microphone [*]; camera [*]; autoplay [*]\",false\]$"
	local sid request
	sid=$(jq -r '.[0]' <<<"$output" | cut -d'|' -f3)

	request=$(frame 'return request')
	assert_equal "$(jq -r .method <<<"$request")" POST
	assert_equal "$(jq -r .query <<<"$request")" \
		"own=1&DOMAIN=$(jq -rn --arg domain "$DOMAIN" '$domain | @uri')&PROTOCOL=0&LANG=en&APP_SID=$sid"
	assert_equal "$(jq -r '.headers["Content-Type"]' <<<"$request")" application/x-www-form-urlencoded
	assert_equal "$(jq -r .headers.Origin <<<"$request")" "$SANDBOX"
	run jq -r '.body | split("&") | map(split("=")[0]) | join(" ")' <<<"$request"
	assert_output 'AUTH_ID AUTH_EXPIRES REFRESH_ID SERVER_ENDPOINT APPLICATION_TOKEN APPLICATION_SCOPE member_id status PLACEMENT PLACEMENT_OPTIONS'
	run jq -r .body <<<"$request"
	assert_output --partial 'PLACEMENT=PAGE_BACKGROUND_WORKER&PLACEMENT_OPTIONS=%7B%22ID%22%3A%22PAGE_BACKGROUND_WORKER%22%2C%22URI%22%3A%22%5C%2Fcrm%5C%2Fdeal%5C%2F%3Fa%3D1%22%7D'
}

@test "8.1: older portals leave out the three newer fields" {
	world variant '{"name":"old-handler"}' >/dev/null
	wd_start
	page
	run frame 'return [...new URLSearchParams(request.body).keys()].join(" ")'
	assert_output '"AUTH_ID AUTH_EXPIRES REFRESH_ID member_id status PLACEMENT PLACEMENT_OPTIONS"'
}

@test "8.2: a frame whose document comes from elsewhere is not heard" {
	wd_start
	page
	assert_equal "$(ask CallCardGetListUiStates | jq length)" 12
	# the portal's own bare worker, which is another site than the registered one
	frame 'location = arguments[0]' "$SANDBOX/page/practice" >/dev/null
	wd_wait '#workers [data-loads="2"]'
	run frame 'say("CallCardGetListUiStates", "k1"); return location.origin'
	assert_output "\"$SANDBOX\""
	wd_js 'document.querySelector("#frames iframe").contentWindow.postMessage("last:", "*")' >/dev/null
	assert_equal "$(frame 'return heard("last").then(() => messages)')" '["last:"]'
	frame 'location = arguments[0]' "$HANDLER" >/dev/null
	wd_wait '#workers [data-loads="3"]'
	assert_equal "$(ask CallCardGetListUiStates | jq length)" 12
}

@test "8.3: every document has frames of its own, and a personal registration adds to the general one" {
	bind_worker "$PRACTICE/page/practice?own=2" 2 >/dev/null
	wd_start
	page
	assert_equal "$(wd_js 'return document.querySelectorAll("#frames iframe").length')" 1
	local first
	first=$(wd_js 'return document.querySelector("#frames iframe").name')
	page
	assert_not_equal "$(wd_js 'return document.querySelector("#frames iframe").name')" "$first"
	page '' 2
	assert_equal "$(wd_js 'return new Set([...document.querySelectorAll("#frames iframe")].map(f => f.name)).size')" 2

	# A side panel is a document too, with an address of its own.
	wd_click '#open-slider'
	inside_ready
	INSIDE=1 FRAME=2 say k1 getInitData
	run jq -r '.PLACEMENT_OPTIONS.URI' <<<"$(INSIDE=1 FRAME=2 heard k1)"
	assert_output '/crm/contact/details/1/'
}

@test "8.3: without an installed app, or without access to it, nothing loads" {
	world access '{"users":[2]}' >/dev/null
	wd_start
	page
	assert_equal "$(wd_js 'return document.querySelectorAll("#frames iframe").length')" 0
	page '' 2
	assert_equal "$(wd_js 'return document.querySelectorAll("#frames iframe").length')" 1
	world uninstall >/dev/null
	page '' 2
	assert_equal "$(wd_js 'return document.querySelectorAll("#frames iframe").length')" 0
}

@test "8.4, 8.5: each load is measured, also a later one of the same frame; too many slow ones end it" {
	world slow '{"ms":0,"limit":2}' >/dev/null
	wd_start
	page
	run rest placement.get
	assert_json '.result[0].options.maxTimeCount == 1'
	frame 'location.reload()' >/dev/null
	wd_wait '#workers [data-reported="2"]'
	run rest placement.get
	assert_json '.result[0].options.maxTimeCount == 2'
	page
	run rest placement.get
	assert_json '.result == []'
	# an open page keeps its frame; bound again, the count begins anew
	assert_equal "$(ask CallCardGetListUiStates | jq length)" 12
	bind_worker >/dev/null
	run rest placement.get
	assert_json '.result[0].options | has("maxTimeCount") | not'
	rest placement.unbind '{"PLACEMENT":"PAGE_BACKGROUND_WORKER"}' >/dev/null
	world idle >/dev/null
	run post_json "$PRACTICE/sandbox/sink" '{"name":"error"}'
	assert_output --partial ERROR_PLACEMENT_LOADING_OVERTIME
	page
	assert_equal "$(wd_js 'return document.querySelectorAll("#frames iframe").length')" 0
}
