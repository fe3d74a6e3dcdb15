# shellcheck shell=bash disable=SC2154
# The handler page beside others that serve as many bytes: nginx a static file, Node and PHP-FPM
# after the same check.

parts_start() {
	start parts taskset -c "$server" "$bench/parts" "$1"
	read -r PARTS PARTS_PID <<<"$FIRST"
}

node_start() {
	start node taskset -c "$server" node tests/bench/page.js "$1" "$MEMBER" "$TOKEN"
	read -r NODE NODE_PID <<<"$FIRST"
}

# Workers of PHP, and nginx before them with a static file too. A page of six KiB costs it least read
# and written in one piece: sendfile sends the head apart, and tcp_nopush is two calls more.
nginx_start() {
	local dir=$RUN_DIR/nginx php
	php=$(compgen -c php-fpm | sort | head -n 1)
	NGINX_PORT=$(shuf -i 20000-30000 -n 1)
	mkdir -p "$dir/html"
	cp "$1" "$dir/html/page"
	cat >"$dir/php.conf" <<-END
		[global]
		error_log = $dir/php.log
		pid = $dir/php.pid
		daemonize = no
		[bench]
		user = $(id -un)
		group = $(id -gn)
		listen = $dir/php.sock
		listen.backlog = 1024
		pm = static
		pm.max_children = 8
	END
	cat >"$dir/conf" <<-END
		daemon off;
		user $(id -un) $(id -gn);
		worker_processes 1;
		pid $dir/pid;
		error_log $dir/error.log;
		events { worker_connections 4096; }
		http {
			access_log off;
			sendfile off;
			keepalive_requests 1000000000;
			open_file_cache max=16 inactive=1h;
			client_body_temp_path $dir/body;
			proxy_temp_path $dir/proxy;
			fastcgi_temp_path $dir/fastcgi;
			uwsgi_temp_path $dir/uwsgi;
			scgi_temp_path $dir/scgi;
			upstream php { server unix:$dir/php.sock; keepalive 8; }
			server {
				listen 127.0.0.1:$NGINX_PORT;
				root $dir/html;
				default_type text/html;
				location /worker {
					fastcgi_pass php;
					fastcgi_keep_conn on;
					fastcgi_param REQUEST_METHOD \$request_method;
					fastcgi_param QUERY_STRING \$query_string;
					fastcgi_param CONTENT_TYPE \$content_type;
					fastcgi_param CONTENT_LENGTH \$content_length;
					fastcgi_param SCRIPT_FILENAME $PWD/tests/bench/page.php;
					fastcgi_param BENCH_PAGE $dir/html/page;
					fastcgi_param BENCH_MEMBER $MEMBER;
					fastcgi_param BENCH_TOKEN $TOKEN;
					fastcgi_param BENCH_KEY $(od -An -N32 -tx1 /dev/urandom | tr -d ' \n');
				}
			}
		}
	END
	local root=()
	[ "$(id -u)" != 0 ] || root=(--allow-to-run-as-root)
	taskset -c "$server" "$php" "${root[@]}" -n -d zend_extension=opcache -d opcache.enable=1 -y "$dir/php.conf" &
	BX_PIDS[php]=$!
	taskset -c "$server" nginx -e "$dir/error.log" -p "$dir" -c "$dir/conf" &
	BX_PIDS[nginx]=$!
	curl -s --retry 10 --retry-connrefused -o /dev/null "http://127.0.0.1:$NGINX_PORT/page"
	curl -s --retry 10 --retry-all-errors -f -o /dev/null -d "$FIELDS" "http://127.0.0.1:$NGINX_PORT$TARGET"
	NGINX_PID=$(pgrep -P "${BX_PIDS[nginx]}")
	PHP_PIDS=$(pgrep -P "${BX_PIDS[php]}" | tr '\n' ' ')
}

# Processor time some processes have used so far, in ticks.
ticks() {
	local pid
	for pid; do awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$pid/stat"; done | awk '{ n += $1 } END { print n }'
}

# Appends "requests a second, server's µs a request, p99 in ms" to r.NAME.   rate NAME PIDS URL [ARGUMENT-OF-WRK...]
rate() {
	local name=$1 url=$3 before pids
	read -ra pids <<<"$2"
	shift 3
	before=$(ticks "${pids[@]}")
	taskset -c "$load" wrk -t1 -c64 -d2s --latency "$@" "$url" >"$RUN_DIR/wrk"
	! grep -q 'Non-2xx' "$RUN_DIR/wrk" || { cat "$RUN_DIR/wrk" >&2 && return 1; }
	awk -v used=$(($(ticks "${pids[@]}") - before)) -v hz="$(getconf CLK_TCK)" '/ requests in / { n = $1 }
		$1 == "99%" { late = $2 ~ /us$/ ? $2 / 1000 : $2 ~ /ms$/ ? $2 + 0 : $2 * 1000 }
		/^Requests\/sec/ { printf "%d %.2f %.2f\n", $2, used / hz * 1e6 / n, late }' "$RUN_DIR/wrk" >>"$RUN_DIR/r.$name"
}

# The first byte at a steady pace.   paced NAME ADDRESS REQUEST
paced() {
	taskset -c "$load" "$bench/paced" "$2" "$RATE" 2 "$3" >"$RUN_DIR/paced"
	value first_ms_99 "$RUN_DIR/paced" >>"$RUN_DIR/p.$1"
}

pages_row() {
	local file=$RUN_DIR/r.$1
	row "$2" "$(cut -d' ' -f1 "$file" | median)" "$(awk -v a="$(cut -d' ' -f2 "$file" | median)" \
		-v b="$(cut -d' ' -f2 "$RUN_DIR/r.nginx" | median)" -v late="$(cut -d' ' -f3 "$file" | median)" \
		'BEGIN { printf "%8.1f   x %-6.2f %8.2f", a, a / b, late }')"
}

bench_pages() {
	serve_ready
	pin "${BX_PIDS[serve]}"
	local page=$RUN_DIR/page post=$RUN_DIR/post.lua i
	curl -sS --data "$FIELDS" "http://$SERVE_LISTEN$TARGET" >"$page"
	grep -q '"t":"' "$page"
	printf 'wrk.method = "POST"\nwrk.body = "%s"\nwrk.headers["Content-Type"] = "application/x-www-form-urlencoded"\n' \
		"$FIELDS" >"$post"
	printf 'GET /page HTTP/1.1\r\nHost: a\r\n\r\n' >"$RUN_DIR/get"
	parts_start "$page"
	node_start "$page"
	nginx_start "$page"
	for ((i = 0; i < ROUNDS; i++)); do
		rate nginx "$NGINX_PID" "http://127.0.0.1:$NGINX_PORT/page"
		rate serve "${BX_PIDS[serve]}" "http://$SERVE_LISTEN$TARGET" -s "$post"
		rate plain "${BX_PIDS[serve]}" "http://$SERVE_LISTEN/worker"
		rate parts "$PARTS_PID" "http://$PARTS/page"
		rate node "$NODE_PID" "http://$NODE$TARGET" -s "$post"
		rate php "$NGINX_PID $PHP_PIDS" "http://127.0.0.1:$NGINX_PORT$TARGET" -s "$post"
		paced nginx "127.0.0.1:$NGINX_PORT" "$RUN_DIR/get"
		paced serve "$SERVE_LISTEN" "$REQUEST"
	done
	printf '\nPages: %d bytes, 64 kept-alive connections, one processor for the server\n' "$(wc -c <"$page")"
	row '' 'a second' 'µs each   of nginx   p99, ms'
	pages_row nginx 'nginx, a static file'
	pages_row serve 'bx-serve, POST: proof, token, handler page'
	pages_row node "Node's http, the same check and page"
	pages_row php 'nginx and PHP-FPM, the same check and page'
	pages_row parts 'our server alone, a static page'
	pages_row plain 'bx-serve, GET: the plain page'
	row "first byte at $RATE a second, p99, ms: nginx" "$(median <"$RUN_DIR/p.nginx")"
	row '  bx-serve, the handler page' "$(median <"$RUN_DIR/p.serve")"
	stop nginx QUIT || :
	stop php QUIT || :
	stop node KILL
	stop parts
}
