# shellcheck shell=bash disable=SC2154
# Runs the examples of a manual page, or the commands of a Markdown file, as a person would type
# them: all into one shell, an operator at a browser beside it.
#
# A comment before a block of a page tells what the test needs to know; those of one page have one
# setup: fresh (an empty directory) or portal (everything up to the first card).
#   .\" example: fresh|portal [open PATH] [presses BUTTON...] [exit N] [cut]
#                          cut: a reader at the end of a pipe leaves early
#   .\" await: FILE        after a block: somebody in the background has said something
# Addresses are moved to a loopback network of this test's own, so that fixed ports are free.

load_examples() {
	. "$BX_ROOT/tests/webdriver.bash"
	NET=127.$((BASHPID % 250 + 3)).$((BASHPID / 250 % 250))
}

# @block WORDS… / lines / @end, and @await FILE.
examples_of_page() {
	awk '
		/^\.\\" (example|await):/ {
			sub(/^\.\\" /, "")
			if (/^await/) print "@await" substr($0, 7)
			else words = substr($0, 10)
		}
		/^\.Ed/ && on { print "@end"; on = 0; words = "" }
		on { sub(/^\\&/, ""); gsub(/\\e/, "\\"); gsub(/\\-/, "-"); print }
		/^\.Bd -literal/ && words != "" { print "@block" words; on = 1 }
	' "$1"
}

# The blocks of commands of a Markdown file, told about by comments of the same words
# (<!-- example: … -->, <!-- await: FILE -->); without those of a setup.   examples_of_markdown FILE [SETUP]
examples_of_markdown() {
	awk -v without="${2:-none}" '
		/^<!-- await: / { print "@await " $3 }
		/^<!-- example: / { sub(/^<!-- example: */, ""); sub(/ *-->.*/, ""); words = $0; next }
		/^```/ && on { if (on == 1) print "@end"; on = 0; words = "fresh"; next }
		on == 1 { print }
		/^```sh/ {
			on = words ~ "^" without ? 2 : 1
			if (on == 1) print "@block" " " (words == "" ? "fresh" : words)
		}
	' "$1"
}

shell_start() {
	coproc SHELL_IO {
		exec 3>&-
		exec bash --norc 2>&1
	}
	exec {TO}>&"${SHELL_IO[1]}" {FROM}<&"${SHELL_IO[0]}"
	TYPED_PID=$SHELL_IO_PID
	tell 'set -eu -o pipefail'
	hear
}
# A shell that has ended must not end its teller too.
tell() (
	trap '' PIPE
	printf '%s\n' "$1" 'echo; echo "@done $?"' >&"$TO"
)

# Everything up to the end of what was told; its status.
hear() {
	local line
	SAID=()
	while IFS= read -r line <&"$FROM"; do
		case $line in '@done '*) return "${line#@done }" ;; esac
		SAID+=("$line")
	done
	return 255
}

shell_end() {
	[ -n "${TYPED_PID:-}" ] || return 0
	tell 'kill $(jobs -p) 2>/dev/null; wait; exit' 2>/dev/null
	exec {TO}>&- {FROM}<&-
	wait "$TYPED_PID" 2>/dev/null
	unset TYPED_PID
}

await() {
	local line pid
	exec {tail}< <(exec tail -n +1 -F "$1" 2>/dev/null 3>&-)
	pid=$!
	read -r line <&"$tail"
	kill "$pid"
	exec {tail}<&-
}

# One block: its text, then the words of its comment.
run_block() {
	local block=$1 word what='' want=0 status=0
	local -a presses=()
	shift
	block=${block//127.0.0./$NET.}
	for word; do
		case $what:$word in
		*:open | *:presses | *:exit) what=$word ;;
		*:cut) block="set +o pipefail"$'\n'$block"set -o pipefail" ;;
		open:*)
			[ -n "${WD_PID:-}" ] || wd_start
			wd_open "${BX_SANDBOX:-http://$NET.1:8070}$word"
			what=''
			;;
		presses:*) presses+=("$word") ;;
		exit:*) want=$word what='' ;;
		esac
	done
	[ "$want" = 0 ] || block="{ $block"$'\n'"} || { status=\$?; [ \$status = $want ]; }"
	tell "$block"
	for word in "${presses[@]}"; do
		wd_press "$word" || return 1
	done
	hear || status=$?
	[ "$status" = 0 ] || {
		printf '%s\n' "$block" "ended with status $status and said:" "${SAID[@]}" | sed 's/^/# /'
		return 1
	}
	BLOCKS=$((BLOCKS + 1))
}

# Runs what examples_of_… printed on the file given.
run_examples() {
	local line block='' words=() in=''
	BLOCKS=0
	while IFS= read -r line <&9; do
		case $in$line in
		@block*)
			read -r -a words <<<"${line#@block}"
			block='' in=.
			;;
		.@end)
			in=''
			run_block "$block" "${words[@]:1}" || return 1
			;;
		@await*) await "${line#@await }" ;;
		.*) block+=$line$'\n' ;;
		esac
	done 9<"$1"
}
