# No secret of a run is in anything it wrote: results, errors, traces, the journal, the daemon's words.
# The store alone (portals.db) keeps them.
load lib
load client

setup() { bx_setup; }
teardown() { bx_teardown; }

# Everything a run wrote but the store.
written() { find "$RUN_DIR" -type f \( -name 'all.*' -o -name 'serve.*' -o -path "$BX_STATE/*" \) ! -name 'portals.db*'; }

@test "a whole run of portal, daemon and tools" {
	sandbox_start
	portal_app demo >all.add 2>&1
	serve_start -v
	ctl install --install-url "$SERVE/install" --event-url "$SERVE/event" \
		--redirect-url "$SANDBOX/sandbox/sink/oauth" >/dev/null
	ctl idle
	bx-bind worker >all.worker 2>&1
	portal_webhook hook >all.hook 2>&1
	collect_secrets
	member=$(jq -r .member_id <<<"$SANDBOX_INFO")
	token=$(ctl token --user 2 | jq -r .access_token)
	url="$SANDBOX/oauth/authorize/?client_id=$(jq -r .app.client_id <<<"$SANDBOX_INFO")"
	code=$(curl -s -o /dev/null -w '%{redirect_url}' "$url" | grep -oE 'code=[^&]+' | cut -d= -f2)
	echo "$code" >>secrets
	{
		bx-auth -v -p demo code demo - <<<"{\"code\":\"$code\"}"
		bx-auth -v code demo - <<<"{\"code\":\"$code\"}"
		bx-auth -v check demo
		bx-auth -v verify - <<<"{\"member_id\":\"$member\",\"access_token\":\"$token\"}"
		for form in json pretty table; do
			for portal in demo hook; do
				bx-auth -o "$form" show "$portal"
				bx-rest -v -o "$form" -p "$portal" placement.get
				bx-rest -v -o "$form" -p "$portal" --envelope profile
				bx-rest -v -o "$form" -p "$portal" -n profile
			done
			bx-auth -o "$form" ls
			bx-bind -p demo -o "$form" ls
			bx-bind -p demo -o "$form" event ls
			bx-rest -v -o "$form" -p demo list user.get
			bx-rest -v -o "$form" -p demo batch <<<'{"method":"placement.get"}'
		done
		ctl expire >/dev/null
		bx-call -v -p demo register --ext 101 --phone +15550100 --type in --id own-1 | tee call
		bx-call -v -p demo -c - finish --duration 5 <call
		bx-call -v -p demo history
		bx-bind -v -p demo worker
		bx-bind -n -p demo worker --public-url https://app.example.org
		ctl fault 'profile=half:3' >/dev/null
		bx-rest -v -p demo profile
		ctl expire >/dev/null
		ctl fault 'oauth=drop' >/dev/null
		bx-rest -v -p demo profile
		BX_ERRORS=json bx-rest -v -p demo profile
		curl -sS "$SERVE/worker?DOMAIN=$DOMAIN&PROTOCOL=0&LANG=en&APP_SID=c0ffee00c0ffee00c0ffee00c0ffee00" -o /dev/null \
			-d "AUTH_ID=$token&AUTH_EXPIRES=3600&REFRESH_ID=made-up-refresh-token&member_id=$member&PLACEMENT=PAGE_BACKGROUND_WORKER"
		curl -sS -o /dev/null "$("$BX_BIN/../tests/tools/control" urls '{"portal":"demo"}' | jq -r .error_handler)" -d error=nonsense
		ctl idle >/dev/null
		collect_secrets
		bx-card events
		ctl uninstall >/dev/null
		ctl idle >/dev/null
	} >all.out 2>all.err || true
	"$BX_BIN/../tests/tools/control" urls '{"portal":"demo"}' | jq -r .error_handler | grep -oE '[0-9a-f]{32}$' >>secrets
	stop serve
	grep -q 'bx-rest: > POST /rest/placement.get' all.err
	grep -q 'GET /oauth/token/' all.err
	grep -q errorHandlerUrl all.out
	grep -q own-1 all.out
	[ -s "$BX_STATE/journal.db" ]
	mapfile -t files < <(written)
	assert_no_secret 14 "${files[@]}"
}

# Ways to write a secret whose bytes are not all plain, one a line.
ways() {
	printf '%s\n' "$1"
	jq -rn --arg s "$1" '$s | @uri, (tojson[1:-1]), (tojson[1:-1] | gsub("/"; "\\/")), (@json | @uri)'
	for before in '' a ab; do
		printf '%s%s' "$before" "$1" | base64 -w0 | cut -c5-20
		printf '%s%s' "$before" "$1" | base64 -w0 | tr '+/' '-_' | cut -c5-20
	done
}

@test "a secret of odd bytes, in each way it can be written" {
	sandbox_start
	secret='S3cr3t/+"of\the%app&é=1'
	bx-auth add odd --app --domain "$DOMAIN" --auth-server "$AUTH_SERVER" --client-id "$(jq -r .app.client_id <<<"$SANDBOX_INFO")" \
		<<<"$secret" >all.out 2>all.err
	{
		bx-auth show odd
		bx-auth -v code odd - <<<'{"code":"made-up-code/with+odd%bytes"}'
		bx-auth -v -n set odd --limit 5:1
		bx-auth -v login odd <<<'http://127.0.0.1/oauth?code=made-up-code/with%2Bodd%25bytes&state=x'
	} >>all.out 2>>all.err || true
	grep -q 'GET /oauth/token/?grant_type=authorization_code' all.err
	for known in "$secret" 'made-up-code/with+odd%bytes'; do
		while IFS= read -r way; do
			if grep -F -e "$way" all.out all.err; then fail "written as $way"; fi
		done < <(ways "$known")
	done
}

@test "what the portal says of a secret is masked too" {
	client_portal
	portal_webhook hook >/dev/null
	token=$(ctl dump | jq -r '[.tables.tokens.rows[] | select(.kind == "access")][-1].token')
	code=$(jq -r '.webhook | split("/")[-2]' <<<"$SANDBOX_INFO")
	printf '%s\n' "$token" "$code" >secrets
	long=$(printf '%01000d' 0)
	{
		for text in "the token $token is odd" "${long}$token" "$(printf %s "$token" | base64 -w0)" "https:\\/\\/x\\/?auth=$token"; do
			ctl fault profile=ERROR_CORE:2 --text "$text" >/dev/null
			bx-rest -p demo -v profile
			BX_ERRORS=json bx-rest -p demo profile
		done
		ctl fault "profile=$token:2" --status 400 --text x >/dev/null
		bx-rest -p demo -v profile
		BX_ERRORS=json bx-rest -p demo profile
		ctl fault "profile=ERROR_CORE" --text "the hook $code is odd" >/dev/null
		bx-rest -p hook -v profile
		ctl fault "profile=ERROR_CORE" --text "the token $token is odd" >/dev/null
		bx-rest -p demo batch <<<'{"method":"profile"}'
	} >all.out 2>all.err || true
	grep -q 'the token .*… is odd' all.err
	grep -q 'the hook .*… is odd' all.err
	grep -q 'the token .*… is odd' all.out
	assert_no_secret 2 all.out all.err
	# The last of a text that was cut to fit holds no beginning of it either.
	refute grep -F "${token:0:12}" all.out all.err
}

@test "a proxy's password is not traced, and this machine is not reached through a proxy" {
	client_portal
	bx-auth add far --webhook --insecure-http <<<'http://portal.example/rest/1/k3y0k3y0k3y0k3y0/'
	http_proxy=http://operator:pr0xy-password@$DOMAIN run --separate-stderr bx-rest -v -p far profile
	printf '%s\n' "$stderr" >all.err
	grep -q 'POST http://portal.example/rest/1/k3y0…/profile' all.err
	grep -q '^bx-rest: > Proxy-Authorization: (not shown)' all.err
	printf '%s\n' operator:pr0xy-password k3y0k3y0k3y0k3y0 >secrets
	assert_no_secret 2 all.err
	http_proxy=http://127.0.0.1:1 run bx-rest -p demo profile
	assert_success
}
