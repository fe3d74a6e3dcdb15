# Several portals in one process.
load portal

setup() { portal --portals 3; }
teardown() { bx_teardown; }

at() { printf 'http://p%s.localhost:%s' "$1" "${ADDRESS##*:}"; }

@test "each portal has its own address, people, app and rows" {
	world portals '{"install":true}'
	PORTALS=$WORLD
	assert_equal "$(jq -c 'map(.domain | sub(":.*"; ""))' <<<"$PORTALS")" \
		'["127.0.0.1","p2.localhost","p3.localhost"]'
	assert_equal "$(jq '[.[].member_id] | unique | length' <<<"$PORTALS")" 3
	assert_equal "$(jq '[.[].app.client_secret] | unique | length' <<<"$PORTALS")" 3
	TOKEN=$(jq -r '.[2].access_token' <<<"$PORTALS")
	raw "$(at 3)/rest/event.bind" -d "auth=$TOKEN" -d event=ONAPPTEST -d handler=https://app.example.net/e
	granted
	raw "$(at 3)/rest/event.get" -d "auth=$TOKEN"
	granted '.result | length == 1'
	# Another portal knows neither the token nor the row.
	raw "$(at 2)/rest/event.get" -d "auth=$TOKEN"
	refused 401 invalid_token
	raw "$(at 2)/rest/event.get" -d "auth=$(jq -r '.[1].access_token' <<<"$PORTALS")"
	granted '.result == []'
	# What each was asked is counted on its own, until it is forgotten.
	world portals '{"forget":true}'
	assert_equal "$(jq -c 'map(.requests)' <<<"$WORLD")" \
		'[{},{"event.get":2},{"event.bind":1,"event.get":1}]'
	world portals
	assert_equal "$(jq -c 'map(.requests)' <<<"$WORLD")" '[{},{},{}]'
}

@test "tokens are renewed at the portal's own address, and orders of ctl are for one portal" {
	world portals '{"install":true}'
	PORTALS=$WORLD
	raw "$(at 2)/oauth/token/" -G -d grant_type=refresh_token \
		-d "client_id=$(jq -r '.[1].app.client_id' <<<"$PORTALS")" \
		-d "client_secret=$(jq -r '.[1].app.client_secret' <<<"$PORTALS")" \
		-d "refresh_token=$(jq -r '.[1].refresh_token' <<<"$PORTALS")"
	assert_equal "$STATUS" 200
	is ".client_endpoint == \"$(at 2)/rest/\""
	raw "$(at 2)/sandbox/fault" -H 'Content-Type: application/json' -d '{"fault":"app.info=ACCESS_DENIED:0"}'
	assert_equal "$STATUS" 200
	raw "$(at 2)/rest/app.info" -d "auth=$(jq -r '.[1].access_token' <<<"$PORTALS")"
	refused 403 ACCESS_DENIED
	raw "$(at 3)/rest/app.info" -d "auth=$(jq -r '.[2].access_token' <<<"$PORTALS")"
	granted
}

@test "a host that is no further portal means the first one" {
	token
	raw "$(at 4)/rest/app.info" -d "auth=$TOKEN"
	granted
	raw "$(at 1)/rest/app.info" -d "auth=$TOKEN"
	granted
}
