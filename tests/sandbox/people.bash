# shellcheck shell=bash disable=SC2034
# The portal of the samples: their people, application, tokens and clock instead of the demo
# company's.
SAMPLE_CALL=externalCall.5d41402abc4b2a76b9719d911017c592.1785744060
SAMPLE_STATE='.member_id = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
	| .clock_offset_ms = 1785744060000 - (now * 1000 | floor)
	| .tables.users.rows[0] as $u
	| .tables.users.rows = [$u + {ID: 12, NAME: "Ann", LAST_NAME: "Lee"}, $u + {ID: 15, ADMIN: false, UF_PHONE_INNER: "102"},
		$u + {ID: 16, ADMIN: false, UF_PHONE_INNER: "103"}]
	| .tables.apps.rows[0] |= . + {CODE: "local.66aa11bb22cc33.44556677", client_secret: "S3CR3T",
		scope: ["placement", "telephony", "user_basic"], ADDED: true, INSTALLED: true,
		application_token: "7d5c3b1a998877665544332211ffeedd", redirect_url: "https://app.example.net/oauth"}
	| .tables.webhooks.rows = [{code: "k3y0", user: 12, scope: ["placement", "telephony", "user"]}]
	| .tables.tokens.rows = [
		{token: "a1f3c0de0001", kind: "access", app: 3, user: 12, expires_ms: 1785747600000},
		{token: "b2e4d1ef0001", kind: "refresh", app: 3, user: 12, expires_ms: 1800000000000}]
	| .tables.history.next = 5012 | .tables.activities.next = 901 | .tables.lines.next = 7 | .tables.sinks.rows = []'

# The state is left in state.json, for sample_start to begin from.
sample_portal() {
	portal
	world dump
	jq "$SAMPLE_STATE" <<<"$WORLD" >state.json
	stop sandbox
	sample_start
}

# sample_change FILTER: begins again from a changed state
sample_change() {
	jq "$1" state.json >changed.json && mv changed.json state.json
	stop sandbox
	sample_start
}

sample_start() {
	sandbox_start --load state.json --domain https://crm.example.com \
		--auth-server https://oauth.example.org "$@"
	ADDRESS=http://$(jq -r .listening <<<"$SANDBOX_INFO")
	HOOK=$ADDRESS/rest/12/k3y0/
	SINK=$ADDRESS/sandbox/sink
	TOKEN=a1f3c0de0001
}
