# shellcheck shell=bash
# Completion of the bx tools: the binary itself knows what may follow.
_bx()
{
	local line=${COMP_LINE:0:COMP_POINT} word i
	local -a words=() found=() told=()
	# bash breaks words at : and = too; what stands together belongs together.
	for ((i = 0; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ $i -eq 0 || $line == [[:space:]]* ]]; then
			line=${line#"${line%%[![:space:]]*}"}
			words+=('')
		fi
		[[ $i -lt $COMP_CWORD ]] || word=$line
		words[-1]+=$word
		line=${line#"$word"}
	done
	local whole=${words[-1]} prefix=''
	[[ $whole != *[:=]* ]] || prefix=${whole%"${whole##*[:=]}"}
	COMPREPLY=()
	while IFS=$'\t' read -r word line; do
		case $word in
		:file) mapfile -t COMPREPLY < <(compgen -f -- "${whole#"$prefix"}") && compopt -o filenames ;;
		:dir) mapfile -t COMPREPLY < <(compgen -d -- "${whole#"$prefix"}") && compopt -o filenames ;;
		*)
			found+=("${word#"$prefix"}")
			told+=("$(printf '%-24s  %s' "${word#"$prefix"}" "$line")")
			;;
		esac
	done < <("${words[0]}" --complete "${words[@]:1}" 2>/dev/null)
	# Listed, the candidates are told about; inserted, they are the bare words.
	if [[ ${#found[@]} -gt 1 && $COMP_TYPE == 63 ]]; then
		COMPREPLY=("${told[@]}")
	elif [[ ${#found[@]} -gt 0 ]]; then
		COMPREPLY=("${found[@]}")
		[[ ${#found[@]} -ne 1 || ${found[0]} != *= ]] || compopt -o nospace
	fi
}
complete -o nosort -F _bx bx-auth bx-rest bx-bind bx-call bx-card bx-serve bx-sandbox
