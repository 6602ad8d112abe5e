#!/bin/sh
# The commit-msg hook of rel: installed by `rel lint --install`, removed by `rel lint --uninstall`.

# The hook that existed before runs first, and may reject the message.
earlier=${0%/*}/commit-msg.local
if [ -x "$earlier" ]; then
	"$earlier" "$@" || exit $?
fi

if ! command -v rel >/dev/null 2>&1; then
	echo 'note: rel is not on PATH, so this commit message was not checked' >&2
	exit 0
fi

# The comment character may be set in several places; the last value applies.
comment=$(git config --get-regexp '^core\.comment(char|string)$' | sed -n '$s/^[^ ]* //p')
exec rel lint --comment "${comment:-#}" "$1"
