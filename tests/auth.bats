# bx-auth: profiles, tokens, and what it takes to believe a request.
load lib
load client

setup() { bx_setup; }
teardown() {
	# A login that nothing ended would keep the test waiting that failed.
	[ -z "${login:-}" ] || kill "$login" 2>/dev/null || true
	bx_teardown
}

@test "add takes the secret from standard input, shows it masked, and never prints it" {
	run --separate-stderr bx-auth add hook --webhook <<<'https://crm.example.com/rest/12/k3y0k3y0k3y0/profile.json'
	assert_success
	assert_json '.kind == "webhook" and .domain == "crm.example.com" and .user_id == 12'
	refute_output --partial k3y0k3y0k3y0
	echo S3CR3T-of-the-app >secret
	run --separate-stderr bx-auth add app --app --domain crm.example.com --client-id local.1.2 --file secret
	assert_success
	assert_json '.client_endpoint == "https://crm.example.com/rest/" and .waiting and .limit == "50:2"'
	refute_output --partial S3CR3T-of-the-app
	[[ $stderr == *"waits for its tokens"* ]]
	run --separate-stderr bx-auth ls
	assert_equal "${#lines[@]}" 2
	refute_output --partial k3y0k3y0k3y0
}

@test "add refuses what is no portal" {
	run --separate-stderr bx-auth add x --webhook <<<'https://crm.example.com/some/page'
	assert_failure 2
	run --separate-stderr bx-auth add x --webhook <<<'http://crm.example.com/rest/12/k3y0k3y0k3y0/'
	assert_failure 2
	[[ $stderr == *"is not https"* && $stderr != *k3y0k3y0k3y0* ]]
	run --separate-stderr bx-auth add x --webhook <<<''
	assert_failure 2
	run --separate-stderr bx-auth add x --app --domain crm.example.com <<<secret
	assert_failure 2
	run --separate-stderr bx-auth add x --app --webhook <<<secret
	assert_failure 2
	run --separate-stderr bx-auth add ../x --webhook <<<'https://crm.example.com/rest/12/k3y0k3y0k3y0/'
	assert_failure 2
	run --separate-stderr bx-auth add x --app --domain 'a b' --client-id 1 <<<secret
	assert_failure 2
	run --separate-stderr bx-auth add x --webhook --limit 5 <<<'https://crm.example.com/rest/12/k3y0k3y0k3y0/'
	assert_failure 2
	run bx-auth ls
	assert_output ''
}

@test "plain http is a choice of its own, and loopback needs none" {
	bx-auth add net --webhook --insecure-http <<<'http://crm.example.com/rest/12/k3y0k3y0k3y0/'
	bx-auth add own --webhook <<<'http://127.0.0.1:1/rest/12/k3y0k3y0k3y0/'
	run bx-auth show net
	assert_json '.insecure_http'
	run bx-auth show own
	assert_json '.insecure_http == null'
}

@test "use, BX_PORTAL and -p say which portal is meant" {
	bx-auth add one --webhook <<<'https://one.example.com/rest/1/aaaaaaaaaaaa/'
	run bx-auth show
	assert_json '.portal == "one"'
	bx-auth add two --webhook <<<'https://two.example.com/rest/1/bbbbbbbbbbbb/'
	run --separate-stderr bx-auth show
	assert_failure 2
	[[ $stderr == *"which of the 2 portals"* ]]
	run --separate-stderr bx-auth set two --domain three.example.com
	assert_failure 2
	[[ $stderr == *"two is a webhook"* ]]
	bx-auth use two
	run bx-auth show
	assert_json '.portal == "two" and .in_use'
	BX_PORTAL=one run bx-auth show
	assert_json '.portal == "one"'
	BX_PORTAL=one run bx-auth -p two show
	assert_json '.portal == "two"'
	bx-auth rm two
	run bx-auth show
	assert_json '.portal == "one"'
	run --separate-stderr bx-auth show two
	assert_failure 5
	run --separate-stderr bx-auth show --reveal
	assert_failure 2
}

@test "the secrets are shown on a terminal only, and only when asked for" {
	bx-auth add hook --webhook <<<'https://crm.example.com/rest/12/k3y0k3y0k3y0/' >/dev/null
	run "$BX_BIN/../tests/tools/pty" bx-auth show --reveal </dev/null
	assert_success
	assert_output --partial https://crm.example.com/rest/12/k3y0k3y0k3y0/
	run "$BX_BIN/../tests/tools/pty" bx-auth show </dev/null
	assert_success
	refute_output --partial k3y0k3y0k3y0
	run "$BX_BIN/../tests/tools/pty" -o out bx-auth show --reveal </dev/null
	assert_failure 2
	refute grep -q k3y0k3y0k3y0 out
}

@test "a dry run asks and stores nothing, and is refused where nothing would be left" {
	client_portal
	before=$(bx-auth show demo)
	log=$(ctl log | wc -l)
	for verb in 'login demo' 'code demo -' 'install -' 'verify -' 'alive demo'; do
		run --separate-stderr bx-auth -n $verb <<<'{"code":"x","member_id":"y","access_token":"z"}'
		assert_failure 2
		[[ $stderr == *"no --dry-run" ]] || fail "$stderr"
	done
	assert_equal "$(bx-auth show demo)" "$before"
	assert_equal "$(ctl log | wc -l)" "$log"
}

@test "a file for a secret: which one, and one that can be read" {
	client_portal
	echo another-secret-1 >secret
	run --separate-stderr bx-auth set demo --file secret
	assert_failure 2
	[[ $stderr == *"--secret or --webhook"* ]]
	run --separate-stderr bx-auth set demo --secret --file .
	assert_failure 2
	assert_equal "$stderr" "bx-auth: set: .: reading the secret: Is a directory"
	run bx-auth set demo --secret --file secret
	assert_success
}

@test "with a portal goes whatever was kept of it, and of no other" {
	client_portal
	bx-auth add demo-1 --webhook <<<'https://crm.example.com/rest/12/k3y0k3y0k3y0/' >/dev/null
	export BX_PORTAL=demo
	bx-rest methods >/dev/null
	bx-auth verify - >/dev/null <<<"$(ctl token | jq -c --argjson i "$SANDBOX_INFO" '{member_id: $i.member_id, access_token}')"
	bx-auth -t 1 login demo <<<nonsense 2>/dev/null || true
	for kept in demo demo-1; do
		sqlite3 "$BX_STATE/portals.db" "replace into value (key, value) values ('operating $kept user.get', '1')"
		touch "$BX_STATE/history-rest-$kept-"{0,77}
	done
	bx-auth rm demo
	assert_equal "$(sqlite3 "$BX_STATE/portals.db" "select key from value where bytes is null")" 'operating demo-1 user.get'
	assert_equal "$(cd "$BX_STATE" && echo history-*)" 'history-rest-demo-1-0 history-rest-demo-1-77'
}

@test "set changes what a person decides and leaves the tokens" {
	client_portal
	run bx-auth set demo --limit 250:5
	assert_json '.limit == "250:5"'
	run bx-auth set demo --limit 1000000:1000000
	assert_json '.limit == "1000000:1000000"'
	echo another-secret-1 | bx-auth set demo --secret
	run bx-rest profile
	assert_success
	run --separate-stderr bx-auth set demo --webhook <<<'https://x.example.com/rest/1/aaaaaaaaaaaa/'
	assert_failure 2
}

@test "an installation is proved by one refresh and its tokens are stored" {
	sandbox_start && portal_app demo >/dev/null 2>&1
	ctl install --install-url "$SANDBOX/sandbox/sink/install" >/dev/null && ctl idle
	ctl sink install | jq -c .fields >offer.json
	run --separate-stderr bx-auth install - <offer.json
	assert_success
	assert_json ".portal == \"demo\" and .member_id == $(jq .member_id <<<"$SANDBOX_INFO")"
	assert_equal "$(asked oauth)" 1
	run bx-auth show demo
	assert_json '.waiting == null and .access_token != null and .application_token != null and .user_id == 1'
	run bx-rest app.info
	assert_json '.INSTALLED == true'
}

# Another app of the portal, whose profile waits.   second_app [OPTION-OF-THE-PORTAL...]
second_app() {
	ctl app Second --scope placement,telephony,user "$@" >second.json
	jq -r .client_secret second.json | bx-auth add second --app --domain "$DOMAIN" \
		--auth-server "$AUTH_SERVER" --client-id "$(jq -r .client_id second.json)"
}

@test "two apps of one portal: each installation and each token is that of its own profile" {
	sandbox_start && portal_app demo >/dev/null 2>&1 && second_app >/dev/null 2>&1
	ctl install --install-url "$SANDBOX/sandbox/sink/first" >/dev/null
	ctl install --app Second --install-url "$SANDBOX/sandbox/sink/second" >/dev/null && ctl idle
	# Both wait for this address, then one is known, then both are.
	run --separate-stderr bx-auth install - < <(ctl sink second | jq -c .fields)
	assert_json '.portal == "second" and .again == false'
	run --separate-stderr bx-auth install - < <(ctl sink first | jq -c .fields)
	assert_json '.portal == "demo" and .again == false'
	ctl uninstall --app Second >/dev/null
	ctl install --app Second --install-url "$SANDBOX/sandbox/sink/third" >/dev/null && ctl idle
	run --separate-stderr bx-auth install - < <(ctl sink third | jq -c .fields)
	assert_json '.portal == "second" and .again'
	run --separate-stderr bx-auth install - < <(ctl sink first | jq -c '.fields | .auth.refresh_token = "made-up-token-0001"')
	assert_failure 4
	local app name
	for app in Phone Second; do
		[ "$app" = Phone ] && name=demo || name=second
		run bx-rest -p "$name" app.info
		assert_json ".CODE == $(ctl dump | jq ".tables.apps.rows[] | select(.NAME == \"$app\").CODE")"
		run --separate-stderr bx-auth verify - < <(ctl token --app "$app" |
			jq -c --arg member "$(jq -r .member_id <<<"$SANDBOX_INFO")" '{member_id: $member, access_token, application_token: "new"}')
		assert_json ".portal == \"$name\" and .ok"
	done
	run --separate-stderr bx-auth verify - < <(jq -nc --argjson m "$(jq .member_id <<<"$SANDBOX_INFO")" '{member_id: $m, access_token: "made-up-token-0001"}')
	assert_failure 4
}

@test "an installation nobody waits for, or of another portal, is refused" {
	sandbox_start && portal_app demo >/dev/null 2>&1
	ctl install --install-url "$SANDBOX/sandbox/sink/install" >/dev/null && ctl idle
	ctl sink install | jq -c .fields >offer.json
	run --separate-stderr bx-auth install - < <(jq -c '.auth.client_id = "local.other"' offer.json)
	assert_failure 4
	run --separate-stderr bx-auth install - < <(jq -c '.auth.member_id = "0123456789abcdef0123456789abcdef"' offer.json)
	assert_failure 4
	[[ $stderr == *"another portal"* ]]
	run --separate-stderr bx-auth install - < <(jq -c '.auth.refresh_token = "made-up-token-0001"' offer.json)
	assert_failure 4
	run --separate-stderr bx-auth install - <<<'{"auth":{"member_id":"x"}}'
	assert_failure 2
	run --separate-stderr bx-auth install - <<<'nonsense'
	assert_failure 2
	run bx-auth show demo
	assert_json '.waiting == true and .access_token == null'
}

@test "verify takes a token of our app at our portal, and no other" {
	client_portal
	member=$(jq -r .member_id <<<"$SANDBOX_INFO")
	token=$(ctl token --user 2 | jq -r .access_token)
	run bx-auth verify - <<<"{\"member_id\":\"$member\",\"access_token\":\"$token\",\"application_token\":\"new-application-token\"}"
	assert_success
	assert_json '.ok and .portal == "demo"'
	refute_output --partial "$token"
	run --separate-stderr bx-auth verify - <<<"{\"member_id\":\"$member\",\"access_token\":\"made-up-token-1\"}"
	assert_failure 4
	run --separate-stderr bx-auth verify - <<<"{\"member_id\":\"unknown\",\"access_token\":\"$token\"}"
	assert_failure 5
	ctl app Other >/dev/null
	other=$(ctl token --app Other | jq -r .access_token)
	run --separate-stderr bx-auth verify - <<<"{\"member_id\":\"$member\",\"access_token\":\"$other\"}"
	assert_failure 4
	# A stranger's question never cost us our own pair.
	assert_equal "$(asked oauth)" 1
}

@test "code exchanges what the authorisation page gave, once" {
	client_portal
	url="$SANDBOX/oauth/authorize/?client_id=$(jq -r .app.client_id <<<"$SANDBOX_INFO")&state=x9"
	code=$(curl -s -o /dev/null -w '%{redirect_url}' "$url" | grep -oE 'code=[^&]+' | cut -d= -f2)
	run --separate-stderr bx-auth code demo - <<<"{\"code\":\"$code\"}"
	assert_success
	assert_json '.portal == "demo"'
	run --separate-stderr bx-auth code demo - <<<"{\"code\":\"$code\"}"
	assert_failure 4
	[[ $stderr != *"$code"* ]]
	run --separate-stderr bx-auth code demo - <<<'{}'
	assert_failure 2
	run bx-rest profile
	assert_success
}

@test "refresh renews the pair; a stopped portal is status 3" {
	client_portal
	before=$(bx-auth show demo | jq -r .refresh_token)
	run bx-auth refresh demo
	assert_success
	[ "$(jq -r .refresh_token <<<"$output")" != "$before" ]
	stop sandbox
	run --separate-stderr bx-auth refresh demo
	assert_failure 3
	[[ $stderr == *"$DOMAIN cannot be reached"* ]]
}

@test "a dry run of refresh says what would be asked, secrets masked" {
	client_portal
	before=$(ctl log | wc -l)
	run --separate-stderr bx-auth -n refresh demo
	assert_success
	assert_json ".method == \"GET\" and (.url | startswith(\"$SANDBOX/oauth/token/?grant_type=refresh_token&client_id=\"))"
	assert_json '.url | test("&client_secret=[^&]{0,4}…&refresh_token=[^&]{0,4}…$")'
	assert_equal "$(ctl log | wc -l)" "$before"
	printf 'made-up-secret-0001' | bx-auth add later --app --domain "$DOMAIN" --auth-server "$SANDBOX" --client-id local.x --file - >/dev/null
	for dry in '' -n; do
		run --separate-stderr bx-auth $dry refresh later
		assert_failure 4
		[[ $stderr == *"profile later has no tokens yet"* ]]
	done
}

@test "sixty-four processes with one expired token make one refresh" {
	client_portal
	bx-auth set demo --limit 1000:100 >/dev/null
	ctl limit off >/dev/null
	ctl expire >/dev/null
	pids=()
	for i in $(seq 64); do
		bx-rest server.time >"out.$i" 2>&1 &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid" || cat out.*; done
	assert_equal "$(cat out.* | grep -c '^"20')" 64
	assert_equal "$(asked oauth)" 2 # the installation's and this one
}

@test "no secret is printed, traced, or put into an error" {
	client_portal
	{
		bx-auth ls
		bx-auth show demo
		bx-auth -n set demo --limit 10:1
		ctl expire >/dev/null
		bx-rest -v profile
		bx-rest -n profile
		bx-auth -v refresh demo
		bx-call -v register --ext 101 --phone 5550199 --type in
		bx-bind -v worker --public-url https://app.example.net
		bx-bind ls
		bx-bind -n worker --public-url https://app.example.org
		portal_webhook hook
		bx-auth show hook
		bx-rest -v -p hook profile
		bx-rest -n -p hook profile
		jq -c '.auth.refresh_token = "made-up-token-0001"' offer.json | bx-auth -v install -
		ctl fault 'profile=INVALID_CREDENTIALS'
		bx-rest -p hook profile
		collect_secrets
		stop sandbox KILL
		bx-rest -v -p hook profile
		BX_ERRORS=json bx-rest -v -p demo profile
	} >all.out 2>all.err || true
	grep -q '^bx-rest: > GET /oauth/token/' all.err
	grep -q '"errorHandlerUrl":".*/error/.*…"' all.out
	assert_no_secret 10 all.out all.err
}

@test "a state directory open to others is refused" {
	chmod 0755 "$BX_STATE"
	run --separate-stderr bx-auth ls
	assert_failure 9
	[[ $stderr == *"chmod o-rwx"* ]]
}

# Starts bx-auth login in the background with standard input from the fifo "typed", and waits for
# the address it tells.
# begin_login [NAME]
begin_login() {
	mkfifo typed said
	bx-auth login "${1:-demo}" <typed >login.out 2>said &
	login=$!
	exec 7>typed 8<said
	while IFS= read -r line <&8; do
		case $line in *http*) url=${line#"${line%%http*}"} && break ;; esac
	done
	cat <&8 >login.err &
}

@test "login ends by itself when bx-serve runs" {
	sandbox_start && portal_app demo >/dev/null 2>&1 && serve_start
	ctl install --install-url "$SANDBOX/sandbox/sink/install" --redirect-url "$SERVE/oauth" >/dev/null
	begin_login
	# A visit that answers no login, or with a made-up state, leaves no trace.
	for state in 'state=x9' "state=$(printf '%032d' 0)"; do
		run curl -s -o /dev/null -w '%{http_code}' -L "${url%state=*}$state"
		assert_output 403
	done
	run bx-auth show demo
	assert_json '.access_token == null'
	run curl -s -o /dev/null -w '%{http_code}' -L "$url"
	assert_output 200
	wait "$login"
	assert_equal "$(jq -r .portal login.out)" demo
	run bx-rest profile
	assert_success
	# The same answer again is not one.
	run curl -s -o /dev/null -w '%{http_code}' -L "$url"
	assert_output 403
}

@test "login of a second app of a portal ends by itself too" {
	sandbox_start && portal_app demo >/dev/null 2>&1 && serve_start
	ctl install --install-url "$SERVE/install" >/dev/null && ctl idle >/dev/null
	second_app --redirect-url "$SERVE/oauth" >/dev/null 2>&1
	ctl install --app Second --install-url "$SANDBOX/sandbox/sink/install" --redirect-url "$SERVE/oauth" >/dev/null
	begin_login second
	run curl -s -o /dev/null -w '%{http_code}' -L "${url%state=*}state=x9"
	assert_output 403
	run curl -s -o /dev/null -w '%{http_code}' -L "$url"
	assert_output 200
	wait "$login"
	assert_equal "$(jq -r .portal login.out)" second
	run bx-rest -p second app.info
	assert_json ".CODE == $(jq .CODE second.json)"
}

@test "login takes the address the browser was sent to" {
	client_portal
	begin_login
	curl -s -o /dev/null -w '%{redirect_url}\n' "$url" >&7
	wait "$login"
	assert_equal "$(jq -r .portal login.out)" demo
	run --separate-stderr bx-auth -t 1 login demo <<<'https://app.example.net/oauth?code=made-up-code-1&state=x'
	assert_failure 4
	run --separate-stderr bx-auth login demo <<<'made-up-code-1'
	assert_failure 4
	[[ $stderr != *made-up-code-1* ]]
	portal_webhook hook >/dev/null
	run --separate-stderr bx-auth login hook
	assert_failure 2
}

@test "check says what is wrong and what to do, and is silent about nothing" {
	client_portal
	run --separate-stderr bx-auth check
	assert_failure 10
	printf '%s\n' "${lines[@]}" >out
	assert_equal "$(jq -r 'select(.ok == false) | .check + ": " + .todo' out)" \
		"serve: start it: bx-serve --public-url https://…"$'\n'"worker: bx-bind worker"
	serve_start
	bx-bind worker >/dev/null
	run --separate-stderr bx-auth check
	assert_success
	assert_equal "$(printf '%s\n' "${lines[@]}" | jq -r 'select(.ok == null) | .check')" by-hand
	bx-bind worker --public-url https://elsewhere.example.net >/dev/null
	ctl clock +3600 >/dev/null
	run --separate-stderr bx-auth check
	assert_failure 10
	printf '%s\n' "${lines[@]}" >out
	assert_equal "$(jq -r 'select(.ok == false) | .check' out | tr '\n' ' ')" 'clock worker '
	stop sandbox
	run --separate-stderr bx-auth check
	assert_failure 10
	assert_json '.check == "portal" and .ok == false and (.finding | contains("cannot be reached"))'
}
