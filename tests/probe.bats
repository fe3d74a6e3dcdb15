# bx-bind probe: a handler asked as a portal's page asks it.
load lib
load client

setup() { bx_setup; }
teardown() { bx_teardown; }

# Nginx before the sandbox's sink, with what the arguments put into the server.   front LINE...
front() {
	PORT=$(shuf -i 20000-30000 -n 1)
	{
		printf 'daemon off; user %s %s; pid %s/pid; error_log %s/error.log;\n' "$(id -un)" "$(id -gn)" "$PWD" "$PWD"
		printf 'events {} http { access_log off; default_type text/html;\n'
		local kind
		for kind in client_body proxy fastcgi uwsgi scgi; do printf '%s_temp_path %s/%s;\n' "$kind" "$PWD" "$kind"; done
		printf 'server { listen 127.0.0.1:%s; error_page 405 =200 $uri; root %s/html;\n' "$PORT" "$PWD"
		printf '%s\n' "$@" '} }'
	} >nginx.conf
	mkdir -p html
	/usr/sbin/nginx -e "$PWD/error.log" -p "$PWD" -c "$PWD/nginx.conf" 3>&- &
	BX_PIDS[nginx]=$!
	curl -s --retry 20 --retry-connrefused --retry-delay 1 -o /dev/null "http://127.0.0.1:$PORT/"
	AT=http://127.0.0.1:$PORT
}
probe() { run --separate-stderr bx-bind probe "$@"; }
finding() { jq -r --arg c "$1" 'select(.check == $c) | "\(.ok) \(.finding)"' <<<"$output"; }

@test "the worker of bx-serve is asked with the fields of a portal, and may be shown" {
	whole_portal >/dev/null 2>&1
	probe "$SERVE/worker"
	assert_equal "$(finding reached | cut -c1-30)" 'true it answers with a page of'
	assert_equal "$(finding framing)" "true pages of $DOMAIN may show it"
	assert_equal "$(finding time | cut -d' ' -f1)" true
	assert_equal "$(finding resources)" ''
	# It is not https here, and that is all there is to say.
	assert_failure 10
	[[ $stderr == *"1 finding"* ]]
}

@test "what is asked is a form of a portal with nothing in it that is secret" {
	client_portal
	probe "$SANDBOX/sandbox/sink/h?ty=1"
	ctl sink h | jq -c . >got.json
	jq -e --arg d "$DOMAIN" '.fields | .PLACEMENT == "PAGE_BACKGROUND_WORKER" and .AUTH_EXPIRES == "3600" and
		has("AUTH_ID") and (has("APPLICATION_TOKEN") | not)' got.json
	run jq -r '.query // .path' got.json
	assert_output --regexp 'ty=1&DOMAIN=.*&PROTOCOL=1&LANG=en&APP_SID=[0-9a-f]{32}'
	collect_secrets
	assert_no_secret 4 got.json
}

@test "headers that forbid framing, other origins, errors and what is no page" {
	front 'location /deny { add_header X-Frame-Options DENY always; return 200 "<p>x"; }' \
		'location /own { add_header Content-Security-Policy "default-src https:; frame-ancestors '"'self'"' https://a.example" always; return 200 x; }' \
		'location /ours { add_header Content-Security-Policy "frame-ancestors https://*.example.com" always; return 200 x; }' \
		'location /away { return 307 http://127.0.0.2:1/x; }' \
		'location /near { return 302 /ours; }' 'location /round { return 302 /round; }' \
		'location /gone { return 404 x; }' 'location /text { default_type text/plain; return 200 x; }' \
		'location /more { return 200 "<script src=x></script><img src=y><LINK rel=z>"; }'
	probe "$AT/deny"
	assert_failure 10
	assert_equal "$(finding framing)" "false X-Frame-Options 'DENY' forbids the portal's page to show it"
	probe "$AT/own"
	assert_equal "$(finding framing)" "false the Content-Security-Policy forbids the pages of portal.example.com to show it"
	probe "$AT/ours"
	assert_equal "$(finding framing)" 'true pages of portal.example.com may show it'
	probe "$AT/near"
	assert_equal "$(finding framing)$(finding redirect)" 'true pages of portal.example.com may show it'
	probe "$AT/away"
	assert_equal "$(finding redirect | cut -c1-47)" 'false it redirects to http://127.0.0.2:1/x: a p'
	assert_equal "$(finding reached | cut -c1-5)" false
	probe "$AT/round"
	assert_equal "$(finding reached)" 'false it redirects more than 10 times'
	probe "$AT/gone"
	assert_equal "$(finding reached)" 'false it answers with HTTP 404, which a portal takes for loaded'
	probe "$AT/text"
	assert_equal "$(finding reached)" "false what it sends is no page, but 'text/plain'"
	probe "$AT/more"
	assert_equal "$(finding resources)" 'null the page loads 3 more resources, for which the portal waits too'
	stop nginx QUIT
}

@test "addresses that no portal registers, and handlers that do not answer" {
	probe http://127.0.0.1:1/worker
	assert_failure 10
	assert_equal "$(finding address)" 'false a portal'"'"'s page over https loads no frame over http'
	assert_equal "$(finding reached)" 'false 127.0.0.1:1 cannot be reached: Connection refused'
	probe https://intranet/worker
	assert_equal "$(finding address)" 'false the host intranet has no dot: no portal registers it'
	probe nowhere
	assert_failure 2
	probe
	assert_failure 2
	probe http://127.0.0.1:1/worker -p nobody
	assert_failure 5
}

@test "a certificate nobody knows is told" {
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x -addext subjectAltName=IP:127.0.0.1 -days 2 \
		-keyout key.pem -out cert.pem 2>/dev/null
	start sandbox bx-sandbox --tls-cert cert.pem --tls-key key.pem
	probe "https://$(jq -r .listening <<<"$FIRST")/"
	assert_failure 10
	[[ $(finding reached) == "false "*certificate* ]]
}
