# shellcheck shell=bash disable=SC2154,SC2034
# What the tests of the client's tools share: a portal without a daemon, and what it was asked.

# The sandbox with its app installed, and the profile "demo" with the tokens that came.
client_portal() {
	sandbox_start "$@" && portal_app demo >/dev/null 2>&1 &&
		ctl install --install-url "$SANDBOX/sandbox/sink/install" \
			--redirect-url "$SANDBOX/sandbox/sink/oauth" >/dev/null && ctl idle >/dev/null &&
		ctl sink install | jq -c .fields >"$RUN_DIR/offer.json" &&
		bx-auth install - <"$RUN_DIR/offer.json" >/dev/null
}

# How often the portal was asked for a method; "oauth" is its token endpoint.   asked METHOD
asked() {
	ctl log | jq -rs --arg m "$1" '[.[] | select(if $m == "oauth" then .kind == "oauth"
		else .kind == "rest" and (.path | ascii_downcase | endswith("/" + ($m | ascii_downcase))) end)] | length'
}

# Writes down every secret of this run so far: what the portal was given and gave.
collect_secrets() {
	{
		jq -r '.app.client_secret, (.webhook | split("/")[-2])' <<<"$SANDBOX_INFO"
		ctl dump | jq -r '.tables.tokens.rows[].token, (.. | objects | .application_token? // empty)'
		ctl log | grep -oE '(access_token|refresh_token|auth|error/)(\\?"|%5D)?[:=]?(\\?")?[0-9a-f]{16,}' |
			grep -oE '[0-9a-f]{16,}$'
	} | grep -E '^.{12,}$' | sort -u >>"$RUN_DIR/secrets"
}

# No secret in the files given: plain (ours are letters and digits, so percent-encoding and JSON
# change nothing) or in base64, wherever it begins.   assert_no_secret LEAST FILE...
assert_no_secret() {
	local secret before base least=$1
	shift
	sort -u -o "$RUN_DIR/secrets" "$RUN_DIR/secrets"
	[ "$(wc -l <"$RUN_DIR/secrets")" -ge "$least" ] || fail "only $(wc -l <"$RUN_DIR/secrets") secrets are known"
	while IFS= read -r secret; do
		for before in '' a ab; do
			base=$(printf '%s%s' "$before" "$secret" | base64 -w0)
			if grep -Fl -e "$secret" -e "${base:4:12}" "$@"; then
				fail "a secret is in what was written: $secret"
			fi
		done
	done <"$RUN_DIR/secrets"
}
