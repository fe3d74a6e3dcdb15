# Completion of the bx tools: the binary itself knows what may follow.
_bx()
{
	local IFS=$'\n' word=${COMP_WORDS[COMP_CWORD]}
	local -a words=("${COMP_WORDS[@]:1:COMP_CWORD}")
	mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" --complete "${words[@]}" 2>/dev/null | cut -f1)
	[ ${#COMPREPLY[@]} -gt 0 ] || mapfile -t COMPREPLY < <(compgen -f -- "$word")
}
complete -F _bx bx-auth bx-rest bx-bind bx-call bx-card bx-serve bx-sandbox
